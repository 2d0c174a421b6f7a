"""The asset of a table that is built date by date, once the date has ended.

Belongs here: what partials and marts have in common as Dagster knows them. Not here: row logic.
"""

from collections.abc import Sequence

import dagster as dg

from ecom_platform.assets.check_reports import Evaluate
from ecom_platform.assets.dates import RebuildConfig, rebuild_dates, report_dates
from ecom_platform.assets.refusals import Following
from ecom_platform.assets.specs import (
    BACKFILL_POLICY,
    POOL,
    REBUILD_CLOSED_DATE_WHEN_INPUT_CHANGES,
    asset_spec,
)
from ecom_platform.engines.resource import SparkResource
from ecom_platform.lake.lake import Lake
from ecom_platform.pipeline.dated_tables import DatedTable
from ecom_platform.pipeline.progress import Reporter
from ecom_platform.pipeline.slice_build import Workplace


def build_dated_asset(
    table: DatedTable,
    deps: Sequence[dg.AssetDep | str],
    partitions: dg.PartitionsDefinition[str],
    evaluate: Evaluate,
    following: Following | None = None,
) -> dg.AssetsDefinition:
    """Make the asset of a table.

    Args:
        table: how its dates are built.
        deps: the tables that it is built from.
        partitions: the dates that have ended; today is none of them.
        evaluate: judges a stored date, for runs that refuse a date.
        following: what is not built then.
    """
    name = table.contract.name
    spec = asset_spec(
        table.contract,
        kinds={"pyspark", "iceberg"},
        deps=deps,
        automation=REBUILD_CLOSED_DATE_WHEN_INPUT_CHANGES,
    )

    @dg.multi_asset(
        name=name,
        specs=[spec],
        partitions_def=partitions,
        backfill_policy=BACKFILL_POLICY,
        pool=POOL,
    )
    def dated_table(
        context: dg.AssetExecutionContext,
        config: RebuildConfig,
        lake: dg.ResourceParam[Lake],
        spark: SparkResource,
        reporter: dg.ResourceParam[Reporter],
    ) -> dg.MaterializeResult:
        """Rebuild what is stale of the run's dates."""
        work = Workplace(lake, lambda: spark.session, context.run.run_id)
        report = rebuild_dates(context, work, name, table.rebuild_dates, reporter, config)
        report_dates(context, work, report, [name], evaluate, following)
        return dg.MaterializeResult(asset_key=name)

    return dated_table
