"""The asset of the row ledger.

Belongs here: row_ledger as Dagster knows it. Not here: counting, what the counts must satisfy.
"""

import dagster as dg

from ecom_platform.assets.check_reports import Evaluate
from ecom_platform.assets.dated_tables import build_dated_asset
from ecom_platform.assets.specs import REBUILD_WHEN_INPUT_CHANGES
from ecom_platform.contracts.clean import CLEAN_EVENTS
from ecom_platform.contracts.model import FACT_USER_EVENTS
from ecom_platform.contracts.raw import RAW_EVENTS, REJECTED_EVENTS
from ecom_platform.contracts.row_ledger import ROW_LEDGER
from ecom_platform.errors import PublishConflict
from ecom_platform.lake.audit import AuditFailed
from ecom_platform.pipeline.ledger.dates import rebuild_row_ledger
from ecom_platform.pipeline.ledger.undated import rebuild_undated
from ecom_platform.pipeline.outcomes import one_by_one
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
    return build_dated_asset(
        ROW_LEDGER,
        one_by_one(rebuild_row_ledger),
        [contract.name for contract in COUNTED_TABLES],
        partitions,
        evaluate,
        automation=REBUILD_WHEN_INPUT_CHANGES,
        beside=_count_undated,
    )


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
