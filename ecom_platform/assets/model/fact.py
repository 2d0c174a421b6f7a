"""The asset of the fact.

Belongs here: fact_user_events as Dagster knows it. Not here: row logic.
"""

from collections.abc import Mapping

import dagster as dg

from ecom_platform.assets.check_reports import Evaluate
from ecom_platform.assets.dates import RebuildConfig, rebuild_dates, report_dates
from ecom_platform.assets.refusals import Following
from ecom_platform.assets.specs import BACKFILL_POLICY, POOL, REBUILD_WHEN_INPUT_CHANGES, asset_spec
from ecom_platform.contracts.clean import CLEAN_EVENTS
from ecom_platform.contracts.model import FACT_USER_EVENTS
from ecom_platform.contracts.row_ledger import ROW_LEDGER
from ecom_platform.engines.resource import SparkResource
from ecom_platform.lake.lake import Lake
from ecom_platform.pipeline.model import rebuild_fact_user_events
from ecom_platform.pipeline.outcomes import one_by_one
from ecom_platform.pipeline.progress import Reporter
from ecom_platform.pipeline.slice_build import Workplace


def build_fact_asset(
    partitions: dg.PartitionsDefinition[str], evaluators: Mapping[str, Evaluate]
) -> dg.AssetsDefinition:
    """Make the asset fact_user_events.

    Args:
        partitions: the dates.
        evaluators: what judges a stored date of it, and of the row ledger, which is not built in
            runs that refuse a date.
    """
    following = Following({ROW_LEDGER.name: evaluators[ROW_LEDGER.name]})
    spec = asset_spec(
        FACT_USER_EVENTS,
        kinds={"pyspark", "iceberg"},
        deps=[CLEAN_EVENTS.name],
        automation=REBUILD_WHEN_INPUT_CHANGES,
    )

    @dg.multi_asset(
        name=FACT_USER_EVENTS.name,
        specs=[spec],
        partitions_def=partitions,
        backfill_policy=BACKFILL_POLICY,
        pool=POOL,
    )
    def fact_user_events(
        context: dg.AssetExecutionContext,
        config: RebuildConfig,
        lake: dg.ResourceParam[Lake],
        spark: SparkResource,
        reporter: dg.ResourceParam[Reporter],
    ) -> dg.MaterializeResult:
        """Rebuild what is stale of the run's dates."""
        work = Workplace(lake, lambda: spark.session, context.run.run_id)
        name = FACT_USER_EVENTS.name
        steps = one_by_one(rebuild_fact_user_events)
        report = rebuild_dates(context, work, name, steps, reporter, config)
        report_dates(context, work, report, [name], evaluators[name], following)
        return dg.MaterializeResult(asset_key=name)

    return fact_user_events
