"""The asset of multiday_session_events: materializing it may change any date.

Belongs here: what a run tells of other dates than its own. Not here: finding sessions, row logic.
"""

import dagster as dg

from ecom_platform.assets.check_reports import Evaluate
from ecom_platform.assets.dated_tables import build_dated_asset
from ecom_platform.assets.dates import slice_metadata
from ecom_platform.assets.refusals import Following
from ecom_platform.contracts.marts import MULTIDAY_SESSION_EVENTS
from ecom_platform.partitions import to_key
from ecom_platform.pipeline.inputs import MULTIDAY, sources_of
from ecom_platform.pipeline.marts import MULTIDAY_STEP
from ecom_platform.pipeline.slice_build import Workplace


def build_multiday_asset(
    partitions: dg.PartitionsDefinition[str], evaluate: Evaluate, following: Following
) -> dg.AssetsDefinition:
    """Make the asset.

    Args:
        partitions: the dates that have ended.
        evaluate: judges a stored date of it, for runs that refuse a date.
        following: what is not built then.
    """

    def report_others(context: dg.AssetExecutionContext, work: Workplace) -> None:
        """Report the dates that changed and are not the run's: what follows is stale there too."""
        published = work.lake.publications.published(MULTIDAY)
        for date in MULTIDAY_STEP.touched(work, context.run.run_id):
            key = to_key(date)
            if key not in context.partition_keys and partitions.has_partition_key(key):
                metadata = slice_metadata(MULTIDAY, published[date], None)
                context.log_event(dg.AssetMaterialization(MULTIDAY, None, metadata, key))

    return build_dated_asset(
        MULTIDAY_SESSION_EVENTS,
        MULTIDAY_STEP.rebuild_dates,
        sources_of(MULTIDAY),
        partitions,
        evaluate,
        following=following,
        beside=report_others,
    )
