"""The assets of the model layer: the star schema.

Belongs here: facts, partials and dimensions as Dagster knows them. Not here: row logic.
"""

from collections.abc import Mapping

import dagster as dg

from ecom_platform.assets.check_reports import Evaluate
from ecom_platform.assets.model.dimensions import build_dimension_assets
from ecom_platform.assets.model.fact import build_fact_asset
from ecom_platform.assets.model.partials import build_partial_assets


def build_model_assets(
    dates: dg.PartitionsDefinition[str],
    closed_dates: dg.PartitionsDefinition[str],
    evaluate_fact: Evaluate,
    evaluate_partials: Mapping[str, Evaluate],
) -> list[dg.AssetsDefinition]:
    """Make the assets of the layer.

    Args:
        dates: the partitions of the fact, today included.
        closed_dates: those of the partials.
        evaluate_fact: judges a stored date of the fact, for runs that refuse a date.
        evaluate_partials: the same for every partial, by name.
    """
    return [
        build_fact_asset(dates, evaluate_fact),
        *build_partial_assets(closed_dates, evaluate_partials),
        *build_dimension_assets(),
    ]
