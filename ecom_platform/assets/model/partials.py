"""The assets of the partials: what each closed date adds to the dimensions.

Belongs here: the partials as Dagster knows them. Not here: what a partial is built from, row logic.
"""

from collections.abc import Mapping

import dagster as dg

from ecom_platform.assets.check_reports import Evaluate
from ecom_platform.assets.dated_tables import build_dated_asset
from ecom_platform.pipeline.model import PARTIAL_STEPS


def build_partial_assets(
    partitions: dg.PartitionsDefinition[str], evaluators: Mapping[str, Evaluate]
) -> list[dg.AssetsDefinition]:
    """Make one asset a partial.

    Args:
        partitions: the dates that have ended; today is none of them.
        evaluators: for every partial, what judges a stored date, for runs that refuse a date.
    """
    return [
        build_dated_asset(partial, [partial.source_name], partitions, evaluators[name])
        for name, partial in PARTIAL_STEPS.items()
    ]
