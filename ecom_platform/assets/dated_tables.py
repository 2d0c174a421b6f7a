"""The asset of a table that is built date by date.

Belongs here: what such tables have in common as Dagster knows them. Not here: row logic.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

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
from ecom_platform.contracts.table import TableContract
from ecom_platform.engines.resource import SparkResource
from ecom_platform.lake.lake import Lake
from ecom_platform.partitions import to_date, to_key
from ecom_platform.pipeline.outcomes import Steps
from ecom_platform.pipeline.progress import Reporter
from ecom_platform.pipeline.slice_build import Workplace

# What a table shows of some of its dates beside numbers, as Markdown with charts.
Describe = Callable[[Workplace, Sequence[dt.date]], Mapping[dt.date, Metadata]]

# What a run does beside its dates, and why that was refused, if it was.
Beside = Callable[[dg.AssetExecutionContext, Workplace], Exception | None]


def build_dated_asset(
    contract: TableContract,
    steps: Steps,
    deps: Sequence[dg.AssetDep | str],
    partitions: dg.PartitionsDefinition[str],
    evaluate: Evaluate,
    *,
    automation: dg.AutomationCondition[Any] = REBUILD_CLOSED_DATE_WHEN_INPUT_CHANGES,
    following: Following | None = None,
    describe: Describe | None = None,
    beside: Beside | None = None,
) -> dg.AssetsDefinition:
    """Make the asset of a table.

    Args:
        contract: the table.
        steps: rebuilds its dates.
        deps: the tables that it is built from.
        partitions: the dates.
        evaluate: judges a stored date, for runs that refuse a date.
        automation: when it is rebuilt without a schedule.
        following: what is not built in runs that refuse a date.
        describe: tells more of dates than their numbers.
        beside: what every run does beside its dates.
    """
    name = contract.name
    spec = asset_spec(contract, kinds={"pyspark", "iceberg"}, deps=deps, automation=automation)

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
        report = rebuild_dates(context, work, name, steps, reporter, config)
        refusal = beside(context, work) if beside else None
        report_dates(context, work, report, [name], evaluate, following)
        if refusal:
            raise dg.Failure(description=str(refusal), allow_retries=False) from refusal
        _tell_more(context, work, name, describe)
        return dg.MaterializeResult(asset_key=name)

    return dated_table


def _tell_more(
    context: dg.AssetExecutionContext, work: Workplace, table_name: str, describe: Describe | None
) -> None:
    dates = [to_date(key) for key in context.partition_keys]
    for date, metadata in (describe(work, dates) if describe else {}).items():
        context.add_asset_metadata(metadata, asset_key=table_name, partition_key=to_key(date))
