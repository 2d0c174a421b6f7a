"""The assets of the partials: what each closed date adds to the dimensions.

Belongs here: the partials as Dagster knows them. Not here: what a partial is built from, row logic.
"""

from collections.abc import Mapping

import dagster as dg

from ecom_platform.assets.check_reports import Evaluate
from ecom_platform.assets.dates import RebuildConfig, rebuild_dates, report_dates
from ecom_platform.assets.specs import (
    BACKFILL_POLICY,
    POOL,
    REBUILD_CLOSED_DATE_WHEN_INPUT_CHANGES,
    asset_spec,
)
from ecom_platform.engines.resource import SparkResource
from ecom_platform.lake.lake import Lake
from ecom_platform.pipeline.model import PARTIAL_STEPS
from ecom_platform.pipeline.model.partials import Partial
from ecom_platform.pipeline.progress import Reporter
from ecom_platform.pipeline.slice_build import Workplace


def build_partial_assets(
    partitions: dg.PartitionsDefinition[str], evaluators: Mapping[str, Evaluate]
) -> list[dg.AssetsDefinition]:
    """Make one asset a partial.

    Args:
        partitions: the dates that have ended; today is none of them.
        evaluators: for every partial, what judges a stored date, for runs that refuse a date.
    """
    return [
        _build_asset(partial, partitions, evaluators[name])
        for name, partial in PARTIAL_STEPS.items()
    ]


def _build_asset(
    partial: Partial, partitions: dg.PartitionsDefinition[str], evaluate: Evaluate
) -> dg.AssetsDefinition:
    name = partial.contract.name
    spec = asset_spec(
        partial.contract,
        kinds={"pyspark", "iceberg"},
        deps=[partial.source_name],
        automation=REBUILD_CLOSED_DATE_WHEN_INPUT_CHANGES,
    )

    @dg.multi_asset(
        name=name,
        specs=[spec],
        partitions_def=partitions,
        backfill_policy=BACKFILL_POLICY,
        pool=POOL,
    )
    def partial_days(
        context: dg.AssetExecutionContext,
        config: RebuildConfig,
        lake: dg.ResourceParam[Lake],
        spark: SparkResource,
        reporter: dg.ResourceParam[Reporter],
    ) -> dg.MaterializeResult:
        """Rebuild what is stale of the run's dates."""
        work = Workplace(lake, lambda: spark.session, context.run.run_id)
        report = rebuild_dates(context, work, name, partial.rebuild_dates, reporter, config)
        report_dates(context, work, report, [name], evaluate)
        return dg.MaterializeResult(asset_key=name)

    return partial_days
