"""The assets of the clean layer.

Belongs here: clean_events and rejected_events as Dagster knows them. Not here: row logic.
"""

from collections.abc import Iterator, Mapping

import dagster as dg

from ecom_platform.assets.check_reports import Evaluate
from ecom_platform.assets.dates import RebuildConfig, rebuild_dates, report_dates
from ecom_platform.assets.refusals import Following
from ecom_platform.assets.specs import BACKFILL_POLICY, POOL, REBUILD_WHEN_INPUT_CHANGES, asset_spec
from ecom_platform.contracts.clean import CLEAN_EVENTS
from ecom_platform.contracts.model import FACT_USER_EVENTS
from ecom_platform.contracts.raw import RAW_EVENTS, REJECTED_EVENTS
from ecom_platform.contracts.row_ledger import ROW_LEDGER
from ecom_platform.engines.resource import SparkResource
from ecom_platform.lake.lake import Lake
from ecom_platform.pipeline.clean import rebuild_clean_events
from ecom_platform.pipeline.outcomes import one_by_one
from ecom_platform.pipeline.progress import Reporter
from ecom_platform.pipeline.slice_build import Workplace

_BUILT_FROM_IT = (FACT_USER_EVENTS.name, ROW_LEDGER.name)


def build_clean_events(
    partitions: dg.PartitionsDefinition[str],
    evaluate: Evaluate,
    evaluate_following: Mapping[str, Evaluate],
) -> dg.AssetsDefinition:
    """Make the assets clean_events and rejected_events, which one step builds.

    Args:
        partitions: the dates.
        evaluate: judges a stored date of clean_events, for runs that refuse a date.
        evaluate_following: the same of the tables that are not built then: among others the
            fact and the row ledger.
    """
    following = Following({table: evaluate_following[table] for table in _BUILT_FROM_IT})
    specs = [
        asset_spec(
            contract,
            kinds={"pyspark", "iceberg"},
            deps=[RAW_EVENTS.name],
            automation=REBUILD_WHEN_INPUT_CHANGES,
        )
        for contract in (CLEAN_EVENTS, REJECTED_EVENTS)
    ]

    @dg.multi_asset(
        name=CLEAN_EVENTS.name,
        specs=specs,
        partitions_def=partitions,
        backfill_policy=BACKFILL_POLICY,
        pool=POOL,
    )
    def clean_events(
        context: dg.AssetExecutionContext,
        config: RebuildConfig,
        lake: dg.ResourceParam[Lake],
        spark: SparkResource,
        reporter: dg.ResourceParam[Reporter],
    ) -> Iterator[dg.MaterializeResult]:
        """Rebuild what is stale of the run's dates."""
        work = Workplace(lake, lambda: spark.session, context.run.run_id)
        name = CLEAN_EVENTS.name
        steps = one_by_one(rebuild_clean_events)
        report = rebuild_dates(context, work, name, steps, reporter, config)
        report_dates(context, work, report, [name, REJECTED_EVENTS.name], evaluate, following)
        yield dg.MaterializeResult(asset_key=name)
        yield dg.MaterializeResult(asset_key=REJECTED_EVENTS.name)

    return clean_events
