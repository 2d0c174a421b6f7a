"""The assets of the model layer: the star schema.

Belongs here: facts, partials and dimensions as Dagster knows them. Not here: row logic.
"""

from collections.abc import Mapping

import dagster as dg

from ecom_platform.assets.check_reports import Evaluate
from ecom_platform.assets.model.dimensions import build_dimension_assets
from ecom_platform.assets.model.fact import build_fact_asset
from ecom_platform.assets.model.partials import build_partial_assets
from ecom_platform.assets.refusals import EvaluateWhole


def build_model_assets(
    dates: dg.PartitionsDefinition[str],
    closed_dates: dg.PartitionsDefinition[str],
    evaluators: Mapping[str, Evaluate],
    evaluate_dimensions: Mapping[str, EvaluateWhole],
) -> list[dg.AssetsDefinition]:
    """Make the assets of the layer.

    Args:
        dates: the partitions of the fact, today included.
        closed_dates: those of the partials.
        evaluators: for the fact, every partial and the row ledger, what judges a stored date,
            for runs that refuse one.
        evaluate_dimensions: for every dimension, what judges it as stored.
    """
    return [
        build_fact_asset(dates, evaluators),
        *build_partial_assets(closed_dates, evaluators, evaluate_dimensions),
        *build_dimension_assets(evaluate_dimensions),
    ]
