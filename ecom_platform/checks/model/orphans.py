"""Orphans: keys of the fact that a dimension does not know.

Belongs here: holding a date of the fact against the dimensions. Not here: its other checks.
"""

import datetime as dt

from ecom_platform.contracts.model import DIM_PRODUCTS, DIM_USERS, FACT_USER_EVENTS
from ecom_platform.lake.audit import Finding
from ecom_platform.pipeline.stored import StoredTables, read_whole
from ecom_platform.transforms.relations import count_orphans

# check -> (key of the fact, the dimension that should know it)
ORPHAN_CHECKS = {
    "no_orphan_users": ("user_id", DIM_USERS.name),
    "no_orphan_products": ("product_id", DIM_PRODUCTS.name),
}


def judge_orphans(stored: StoredTables, event_date: dt.date) -> list[Finding]:
    """Every user and product of the date is in its dimension, up to the dimension's as-of date.

    Dimensions are daily and the fact is hourly: newer dates are not judged. After late data a
    date may have orphans until the dimensions are rebuilt; so these checks warn.
    """
    return [
        _judge(stored, event_date, check, key, dimension)
        for check, (key, dimension) in ORPHAN_CHECKS.items()
    ]


def _judge(
    stored: StoredTables, event_date: dt.date, check: str, key: str, dimension: str
) -> Finding:
    state = stored.published(dimension)
    as_of = max(state, default=None)
    if as_of is None or event_date > as_of:
        reason = "no dimension yet" if as_of is None else f"the dimension is as of {as_of}"
        return Finding(check, True, {"judged": 0}, f"{reason}: not judged", blocking=False)
    events = stored.rows(FACT_USER_EVENTS.name, event_date)
    counted = count_orphans(events, read_whole(stored.work, dimension), key).collect()[0]
    orphans = counted["orphan_count"]
    numbers = {"keys": counted["key_count"], "orphans": orphans, "judged": 1}
    message = f"{orphans:,} of {counted['key_count']:,} {key}s are not in {dimension}"
    return Finding(check, orphans == 0, numbers, message * (orphans > 0), blocking=False)
