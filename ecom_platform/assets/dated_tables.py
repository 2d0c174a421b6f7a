"""The asset of a table that is built date by date, once the date has ended.

Belongs here: what partials and marts have in common as Dagster knows them. Not here: row logic.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

import dagster as dg

from ecom_platform.assets.check_reports import Evaluate
from ecom_platform.assets.dates import Metadata, RebuildConfig, rebuild_dates, report_dates
from ecom_platform.assets.refusals import Following
from ecom_platform.assets.specs import (
    BACKFILL_POLICY,
    POOL,
    REBUILD_CLOSED_DATE_WHEN_INPUT_CHANGES,
    asset_spec,
)
from ecom_platform.engines.resource import SparkResource
from ecom_platform.lake.lake import Lake
from ecom_platform.partitions import to_date, to_key
from ecom_platform.pipeline.dated_tables import DatedTable
from ecom_platform.pipeline.progress import Reporter
from ecom_platform.pipeline.slice_build import Workplace

# What a table shows of some of its dates beside numbers, as Markdown with charts.
Describe = Callable[[Workplace, Sequence[dt.date]], Mapping[dt.date, Metadata]]


def build_dated_asset(
    table: DatedTable,
    deps: Sequence[dg.AssetDep | str],
    partitions: dg.PartitionsDefinition[str],
    evaluate: Evaluate,
    following: Following | None = None,
    describe: Describe | None = None,
) -> dg.AssetsDefinition:
    """Make the asset of a table.

    Args:
        table: how its dates are built.
        deps: the tables that it is built from.
        partitions: the dates that have ended; today is none of them.
        evaluate: judges a stored date, for runs that refuse a date.
        following: what is not built then.
        describe: tells more of dates than their numbers.
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
        dates = [to_date(key) for key in context.partition_keys]
        for date, metadata in (describe(work, dates) if describe else {}).items():
            context.add_asset_metadata(metadata, asset_key=name, partition_key=to_key(date))
        return dg.MaterializeResult(asset_key=name)

    return dated_table
