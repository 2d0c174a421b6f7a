"""Rollback in small: two versions of a date, and putting a table back to one of them.

Belongs here: driving a rollback by hand. Not here: what it should do.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import TYPE_CHECKING

from ecom_platform.pipeline.history import table_history
from ecom_platform.pipeline.rollback import roll_back
from ecom_platform.pipeline.rollback_plan import plan_rollback
from ecom_platform.pipeline.staleness import stale_dates
from ecom_platform_tests.platform_in_small import LONG_AFTER
from ecom_platform_tests.samples import DAY, at
from ecom_platform_tests.upkeep_in_small import CLEAN, FACT, REJECTED

if TYPE_CHECKING:
    from ecom_platform_tests.platform_in_small import SmallPlatform

NEXT_DAY = DAY + dt.timedelta(days=1)


def versions(platform: SmallPlatform, table: str) -> list[int]:
    """The versions of a table, the oldest first."""
    return [change.snapshot_id for change in reversed(table_history(platform.lake, table))]


def back(
    platform: SmallPlatform,
    table: str,
    to: int | dt.datetime,
    dates: Collection[dt.date] | None = None,
) -> list[dt.date | None]:
    """Put a table back; the dates that changed."""
    plan = plan_rollback(platform.lake, table, to, dates)
    roll_back(platform.lake, plan, "ann", "a bad file")
    return [change.event_date for change in plan.changes]


def two_versions(platform: SmallPlatform) -> dict[str, list]:
    """Two dates, then an object that changes the first; what the tables held before it."""
    platform.drop("a.csv", at(1), at(2), {**at(3), "user_session": ""}, at(1, day=NEXT_DAY))
    platform.run()
    before = {table: platform.rows(table) for table in (CLEAN, REJECTED, FACT)}
    platform.drop("bad.csv", at(5), {**at(6), "user_session": ""})
    platform.run()
    return before


def stale(platform: SmallPlatform, table: str) -> list[dt.date]:
    return list(stale_dates(platform.lake, table, None, LONG_AFTER))
