"""The asset of the row ledger.

Belongs here: row_ledger as Dagster knows it. Not here: counting, what the counts must satisfy.
"""

import dagster as dg

from ecom_platform.assets.check_reports import Evaluate
from ecom_platform.assets.dates import RebuildConfig, rebuild_dates, report_dates
from ecom_platform.assets.specs import BACKFILL_POLICY, POOL, REBUILD_WHEN_INPUT_CHANGES, asset_spec
from ecom_platform.contracts.clean import CLEAN_EVENTS
from ecom_platform.contracts.model import FACT_USER_EVENTS
from ecom_platform.contracts.raw import RAW_EVENTS, REJECTED_EVENTS
from ecom_platform.contracts.row_ledger import ROW_LEDGER
from ecom_platform.engines.resource import SparkResource
from ecom_platform.errors import PublishConflict
from ecom_platform.lake.audit import AuditFailed
from ecom_platform.lake.lake import Lake
from ecom_platform.pipeline.ledger.dates import rebuild_row_ledger
from ecom_platform.pipeline.ledger.undated import rebuild_undated
from ecom_platform.pipeline.outcomes import one_by_one
from ecom_platform.pipeline.progress import Reporter
from ecom_platform.pipeline.slice_build import Workplace

COUNTED_TABLES = (RAW_EVENTS, CLEAN_EVENTS, REJECTED_EVENTS, FACT_USER_EVENTS)


def build_row_ledger(
    partitions: dg.PartitionsDefinition[str], evaluate: Evaluate
) -> dg.AssetsDefinition:
    """Make the asset row_ledger.

    Args:
        partitions: the dates.
        evaluate: judges a stored date of it, for runs that refuse a date.
    """
    spec = asset_spec(
        ROW_LEDGER,
        kinds={"pyspark", "iceberg"},
        deps=[contract.name for contract in COUNTED_TABLES],
        automation=REBUILD_WHEN_INPUT_CHANGES,
    )

    @dg.multi_asset(
        name=ROW_LEDGER.name,
        specs=[spec],
        partitions_def=partitions,
        backfill_policy=BACKFILL_POLICY,
        pool=POOL,
    )
    def row_ledger(
        context: dg.AssetExecutionContext,
        config: RebuildConfig,
        lake: dg.ResourceParam[Lake],
        spark: SparkResource,
        reporter: dg.ResourceParam[Reporter],
    ) -> dg.MaterializeResult:
        """Count what is stale of the run's dates, and lines that have no date."""
        work = Workplace(lake, lambda: spark.session, context.run.run_id)
        name = ROW_LEDGER.name
        steps = one_by_one(rebuild_row_ledger)
        report = rebuild_dates(context, work, name, steps, reporter, config)
        undated = _count_undated(context, work)
        report_dates(context, work, report, [name], evaluate)
        if undated:
            raise dg.Failure(description=str(undated), allow_retries=False) from undated
        return dg.MaterializeResult(asset_key=name)

    return row_ledger


def _count_undated(
    context: dg.AssetExecutionContext, work: Workplace
) -> AuditFailed | PublishConflict | None:
    """Lines without a date belong to no partition: every run brings them up to date."""
    try:
        counted = rebuild_undated(work)
    except (AuditFailed, PublishConflict) as reason:
        context.log.error(str(reason))
        return reason
    context.log.info(f"{ROW_LEDGER.name}: lines without a date of {counted:,} object versions")
    return None
