"""The asset of the fact.

Belongs here: fact_user_events as Dagster knows it. Not here: row logic.
"""

from collections.abc import Mapping

import dagster as dg

from ecom_platform.assets.check_reports import Evaluate
from ecom_platform.assets.dated_tables import build_dated_asset
from ecom_platform.assets.refusals import Following
from ecom_platform.assets.specs import REBUILD_WHEN_INPUT_CHANGES
from ecom_platform.contracts.clean import CLEAN_EVENTS
from ecom_platform.contracts.model import FACT_USER_EVENTS
from ecom_platform.contracts.row_ledger import ROW_LEDGER
from ecom_platform.pipeline.model import rebuild_fact_user_events
from ecom_platform.pipeline.outcomes import one_by_one


def build_fact_asset(
    partitions: dg.PartitionsDefinition[str], evaluators: Mapping[str, Evaluate]
) -> dg.AssetsDefinition:
    """Make the asset fact_user_events.

    Args:
        partitions: the dates.
        evaluators: what judges a stored date of it, and of the row ledger, which is not built in
            runs that refuse a date.
    """
    return build_dated_asset(
        FACT_USER_EVENTS,
        one_by_one(rebuild_fact_user_events),
        [CLEAN_EVENTS.name],
        partitions,
        evaluators[FACT_USER_EVENTS.name],
        automation=REBUILD_WHEN_INPUT_CHANGES,
        following=Following({ROW_LEDGER.name: evaluators[ROW_LEDGER.name]}),
    )
