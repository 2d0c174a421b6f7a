"""The asset of multiday_session_events: materializing it looks at the sessions of all dates.

Belongs here: what a run tells of its dates and of others. Not here: finding sessions, row logic.
"""

import datetime as dt

import dagster as dg

from ecom_platform.assets.dates import RebuildConfig, slice_metadata
from ecom_platform.assets.specs import (
    BACKFILL_POLICY,
    POOL,
    REBUILD_CLOSED_DATE_WHEN_INPUT_CHANGES,
    asset_spec,
)
from ecom_platform.contracts.marts import MULTIDAY_SESSION_EVENTS
from ecom_platform.contracts.model import FACT_USER_EVENTS, SESSION_DAYS
from ecom_platform.engines.resource import SparkResource
from ecom_platform.lake.lake import Lake
from ecom_platform.partitions import to_date, to_key
from ecom_platform.pipeline.marts import MULTIDAY_STEP
from ecom_platform.pipeline.outcomes import Refused
from ecom_platform.pipeline.slice_build import Rebuilt, Workplace
from ecom_platform.pipeline.staleness import stale_dates

_NAME = MULTIDAY_SESSION_EVENTS.name


def build_multiday_asset(partitions: dg.PartitionsDefinition[str]) -> dg.AssetsDefinition:
    """Make the asset.

    Args:
        partitions: the dates that have ended.
    """
    spec = asset_spec(
        MULTIDAY_SESSION_EVENTS,
        kinds={"pyspark", "iceberg"},
        deps=[FACT_USER_EVENTS.name, SESSION_DAYS.name],
        automation=REBUILD_CLOSED_DATE_WHEN_INPUT_CHANGES,
    )

    @dg.multi_asset(
        name=_NAME,
        specs=[spec],
        partitions_def=partitions,
        backfill_policy=BACKFILL_POLICY,
        pool=POOL,
    )
    def multiday_session_events(
        context: dg.AssetExecutionContext,
        config: RebuildConfig,
        lake: dg.ResourceParam[Lake],
        spark: SparkResource,
    ) -> dg.MaterializeResult:
        """Look at the sessions of all dates, and rebuild every date that they change."""
        work = Workplace(lake, lambda: spark.session, context.run.run_id)
        now = dt.datetime.now(tz=dt.UTC)
        stale = stale_dates(lake, _NAME, None, now, rebuild=config.rebuild)
        outcomes = [
            outcome
            for newest in stale.values()
            for outcome in MULTIDAY_STEP.rebuild(work, newest, rebuild=config.rebuild)
        ]
        rebuilt = {o.slice_.event_date: o for o in outcomes if isinstance(o, Rebuilt)}
        _report_dates(context, work, rebuilt, partitions)
        if refused := [outcome for outcome in outcomes if isinstance(outcome, Refused)]:
            reasons = "\n".join(str(outcome.reason) for outcome in refused)
            raise dg.Failure(f"{_NAME}: {len(refused)} dates are refused.\n{reasons}")
        return dg.MaterializeResult(asset_key=_NAME)

    return multiday_session_events


def _report_dates(
    context: dg.AssetExecutionContext,
    work: Workplace,
    rebuilt: dict[dt.date, Rebuilt],
    partitions: dg.PartitionsDefinition[str],
) -> None:
    """Report the run's dates, and as materializations of their own the others that changed."""
    own = set(context.partition_keys)
    published = work.lake.publications.published(_NAME)
    for key in own:
        date = to_date(key)
        metadata = slice_metadata(_NAME, published.get(date), rebuilt.get(date))
        context.add_asset_metadata(metadata, asset_key=_NAME, partition_key=key)
    for date in MULTIDAY_STEP.touched(work, context.run.run_id):
        key = to_key(date)
        if key not in own and partitions.has_partition_key(key):
            metadata = slice_metadata(_NAME, published.get(date), rebuilt.get(date))
            context.log_event(dg.AssetMaterialization(_NAME, partition=key, metadata=metadata))
