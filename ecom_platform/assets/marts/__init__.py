"""The assets of the marts layer.

Belongs here: marts and what they are added up from, as Dagster knows them. Not here: row logic.
"""

from collections.abc import Mapping

import dagster as dg

from ecom_platform.assets.check_reports import Evaluate
from ecom_platform.assets.dated_tables import build_dated_asset
from ecom_platform.assets.marts.multiday import build_multiday_asset
from ecom_platform.pipeline.inputs import INPUTS_OF
from ecom_platform.pipeline.marts import MART_STEPS


def build_mart_assets(
    partitions: dg.PartitionsDefinition[str], evaluators: Mapping[str, Evaluate]
) -> list[dg.AssetsDefinition]:
    """Make the assets of the layer.

    Args:
        partitions: the dates that have ended; today is none of them.
        evaluators: for every table by date, what judges a stored date, for runs that refuse one.
    """
    return [
        build_multiday_asset(partitions),
        *(
            build_dated_asset(mart, _deps(name), partitions, evaluators[name])
            for name, mart in MART_STEPS.items()
        ),
    ]


def _deps(name: str) -> list[dg.AssetDep]:
    """The inputs of a mart; those of earlier dates with their distance."""
    distances: dict[str, list[int]] = {}
    for each in INPUTS_OF[name]:
        distances.setdefault(each.table, []).append(each.days_before)
    return [
        dg.AssetDep(
            table,
            partition_mapping=dg.TimeWindowPartitionMapping(
                start_offset=-max(days),
                end_offset=-min(days),
                allow_nonexistent_upstream_partitions=max(days) > 0,
            ),
        )
        for table, days in distances.items()
    ]
