"""The backlog: what of all tables is stale, and when it counts as missed."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from ecom_platform.pipeline.backlog import (
    ASK_AGAIN_AFTER,
    OVERDUE_AFTER,
    Memory,
    StaleSlice,
    find_backlog,
)
from ecom_platform_tests.dimensions_in_small import PARTIALS
from ecom_platform_tests.ledger_in_small import rebuild_ledger
from ecom_platform_tests.platform_in_small import LONG_AFTER
from ecom_platform_tests.samples import DAY, at, utc

if TYPE_CHECKING:
    from ecom_platform_tests.platform_in_small import SmallPlatform

NEXT_DAY = DAY + dt.timedelta(days=1)
STALE = StaleSlice("clean_events", DAY, "f1")


def later(minutes: float) -> dt.datetime:
    return LONG_AFTER + dt.timedelta(minutes=minutes)


# --- What counts as missed


def test_what_was_just_found_stale_is_left_to_automation() -> None:
    memory = Memory(None)
    assert memory.overdue([STALE], (), later(0)) == []
    assert Memory(memory.cursor).overdue([STALE], (), later(9)) == []


def test_what_was_stale_a_while_ago_is_overdue() -> None:
    memory = Memory(None)
    memory.overdue([STALE], (), LONG_AFTER)
    assert Memory(memory.cursor).overdue([STALE], (), LONG_AFTER + OVERDUE_AFTER) == [STALE]


def test_what_a_run_covers_is_not_overdue() -> None:
    memory = Memory(None)
    memory.overdue([STALE], (), LONG_AFTER)
    assert memory.overdue([STALE], {STALE}, later(15)) == []
    assert memory.overdue([STALE], (), later(30)) == [STALE]


def test_what_was_refused_is_not_asked_for_at_every_tick() -> None:
    memory = Memory(None)
    memory.overdue([STALE], (), LONG_AFTER)
    memory.ask(memory.overdue([STALE], (), later(15)), later(15))
    assert Memory(memory.cursor).overdue([STALE], (), later(30)) == []
    again = later(15) + ASK_AGAIN_AFTER
    assert Memory(memory.cursor).overdue([STALE], (), again) == [STALE]


def test_a_refused_date_of_which_the_input_changed_is_asked_for_like_any_other() -> None:
    memory = Memory(None)
    memory.overdue([STALE], (), LONG_AFTER)
    memory.ask([STALE], LONG_AFTER)
    changed = StaleSlice("clean_events", DAY, "f2")
    assert memory.overdue([changed], (), later(15)) == []
    assert memory.overdue([changed], (), later(30)) == [changed]


def test_what_is_no_longer_stale_is_forgotten() -> None:
    memory = Memory(None)
    memory.overdue([STALE], (), LONG_AFTER)
    memory.overdue([], (), later(15))
    assert memory.cursor == "{}"


# --- What is stale


def test_looking_at_a_new_lake_creates_nothing(platform: SmallPlatform) -> None:
    assert find_backlog(platform.lake, LONG_AFTER) == []
    assert platform.lake.existing_tables() == {}


def test_tables_wait_for_their_input_and_open_dates_for_the_night(platform: SmallPlatform) -> None:
    platform.drop("a.csv", at(1), at(1, day=NEXT_DAY))
    platform.ingest()
    early = utc(f"{NEXT_DAY} 02:00")
    dates = [("clean_events", DAY), ("clean_events", NEXT_DAY)]
    assert [(one.table, one.event_date) for one in find_backlog(platform.lake, early)] == dates
    platform.run(early)
    backlog = find_backlog(platform.lake, early)
    ledger = [("row_ledger", DAY), ("row_ledger", NEXT_DAY)]
    assert [(one.table, one.event_date) for one in backlog] == ledger
    rebuild_ledger(platform, early)
    assert find_backlog(platform.lake, early) == []
    backlog = find_backlog(platform.lake, utc(f"{NEXT_DAY} 03:00"))
    daily = [(name, DAY) for name in (*PARTIALS, "value_days", "mart_sales")]
    assert [(one.table, one.event_date) for one in backlog] == daily
