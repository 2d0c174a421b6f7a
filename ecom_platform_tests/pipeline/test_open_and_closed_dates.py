"""Open dates are rewritten by the hour, closed ones as a whole, and what lost its source goes."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from ecom_platform.pipeline.staleness import stale_dates
from ecom_platform_tests.platform_in_small import STEPS
from ecom_platform_tests.samples import DAY, at, utc

if TYPE_CHECKING:
    from ecom_platform_tests.platform_in_small import SmallPlatform

CLEAN, FACT = "clean_events", "fact_user_events"
NEXT_DAY = DAY + dt.timedelta(days=1)
NOON = utc("2020-04-01 12:00")  # the first of April is open
CLOSED = utc("2020-04-02 03:00")


def stale(
    platform: SmallPlatform, table: str = CLEAN, now: dt.datetime = NOON
) -> dict[dt.date, tuple[int, ...] | None]:
    """Stale hours by date; None for a whole date."""
    found = stale_dates(platform.lake, table, None, now)
    return {date: slice_.hours for date, slice_ in found.items()}


def paths_by_hour(platform: SmallPlatform, table: str) -> dict[tuple[int, ...], str]:
    return {file.hours: file.path for file in platform.lake.table(table).files()}


# --- An open date


def test_on_an_open_date_only_stale_hours_are_rewritten(platform: SmallPlatform) -> None:
    platform.drop("01.csv", at(1))
    platform.drop("02.csv", at(2))
    platform.run(now=NOON)
    before = {table: paths_by_hour(platform, table) for table in (CLEAN, FACT)}
    platform.drop("03.csv", at(2, 30), at(3))
    rebuilt = platform.run(now=NOON)
    for table in (CLEAN, FACT):
        assert [one.slice_.hours for one in rebuilt[table]] == [(2, 3)]
        after = paths_by_hour(platform, table)
        assert sorted(after) == [(1,), (2,), (3,)]
        assert after[1,] == before[table][1,]
        assert after[2,] != before[table][2,]
        assert platform.snapshots(table) == 2
    assert platform.values(FACT, "hour_of_day") == [1, 2, 2, 3]


def test_an_hour_that_comes_late_rewrites_no_other(platform: SmallPlatform) -> None:
    platform.drop("01.csv", at(1))
    platform.drop("05.csv", at(5))
    platform.run(now=NOON)
    before = paths_by_hour(platform, FACT)
    platform.drop("03.csv", at(3))
    assert [one.slice_.hours for one in platform.run(now=NOON)[FACT]] == [(3,)]
    after = paths_by_hour(platform, FACT)
    assert before.items() < after.items()
    assert sorted(after) == [(1,), (3,), (5,)]


def test_an_object_that_spans_hours_makes_all_of_them_stale(platform: SmallPlatform) -> None:
    platform.drop("a.csv", at(1), at(4))
    platform.drop("b.csv", at(2))
    platform.drop("c.csv", at(9))
    platform.run(now=NOON)
    nine = paths_by_hour(platform, CLEAN)[9,]
    platform.drop("a.csv", at(1), at(4, 30))
    platform.ingest()
    assert stale(platform) == {DAY: (1, 2, 3, 4)}
    platform.rebuild(CLEAN, now=NOON)
    times = [(row["event_time"].hour, row["event_time"].minute) for row in platform.rows(CLEAN)]
    assert sorted(times) == [(1, 0), (2, 0), (4, 30), (9, 0)]
    assert paths_by_hour(platform, CLEAN)[9,] == nine
    assert stale(platform) == {}


def test_an_hour_is_built_from_its_own_rows_of_an_object_that_spans_more(
    platform: SmallPlatform,
) -> None:
    platform.drop("a.csv", at(1), at(2), at(2), at(3))
    platform.run(now=NOON)
    platform.drop("b.csv", at(2))
    (rebuilt,) = platform.run(now=NOON)[CLEAN]
    assert rebuilt.slice_.hours == (2,)
    numbers = rebuilt.numbers
    assert (numbers["rows_in"], numbers["row_count"], numbers["duplicates"]) == (3, 1, 2)
    state = platform.lake.publications.published(CLEAN)[DAY]
    assert (state.row_count, state.measures["rows_in"]) == (3, 5)


def test_rows_up_to_a_day_ahead_are_kept_by_the_hour_too(platform: SmallPlatform) -> None:
    platform.drop("a.csv", at(11, day=NEXT_DAY), written_at=NOON)
    platform.run(now=NOON)
    assert platform.values(FACT, "hour_of_day") == [11]
    assert not platform.lake.publications.published(FACT)[NEXT_DAY].is_whole


# --- A closed date


def test_a_closed_date_is_rebuilt_as_a_whole(platform: SmallPlatform) -> None:
    platform.drop("a.csv", at(1), at(2))
    platform.run(now=NOON)
    by_hour = platform.paths(FACT)
    platform.drop("b.csv", at(3))
    rebuilt = platform.run(now=CLOSED)
    for table in (CLEAN, FACT):
        assert [one.slice_.hours for one in rebuilt[table]] == [None]
        assert platform.lake.publications.published(table)[DAY].is_whole
    assert not platform.paths(FACT) & by_hour
    assert platform.values(FACT, "hour_of_day") == [1, 2, 3]
    assert platform.snapshots(FACT) == 2


def test_closing_a_date_makes_nothing_stale(platform: SmallPlatform) -> None:
    platform.drop("a.csv", at(1), at(2))
    platform.run(now=NOON)
    assert stale(platform, now=CLOSED) == stale(platform, FACT, now=CLOSED) == {}


def test_a_date_that_was_built_as_a_whole_is_never_rebuilt_by_the_hour(
    platform: SmallPlatform,
) -> None:
    platform.drop("a.csv", at(1), at(2))
    platform.run(now=CLOSED)
    platform.drop("b.csv", at(2))
    platform.run(now=NOON)  # a clock that was set back
    assert len(platform.rows(FACT)) == 2
    assert platform.lake.publications.published(FACT)[DAY].row_count == 2


# --- What goes away


@pytest.mark.parametrize("now", [NOON, CLOSED])
def test_rows_go_when_their_object_no_longer_has_them(
    platform: SmallPlatform, now: dt.datetime
) -> None:
    platform.drop("a.csv", at(1), at(5))
    platform.drop("b.csv", at(5))
    platform.run(now=now)
    platform.drop("a.csv", at(1, day=NEXT_DAY))
    rebuilt = platform.run(now=now)
    first = rebuilt[FACT][0].slice_
    assert (first.event_date, first.hours) == (DAY, None if now == CLOSED else (1, 2, 3, 4, 5))
    left = [(row["event_date"], row["hour_of_day"]) for row in platform.rows(FACT)]
    assert left == [(DAY, 5), (NEXT_DAY, 1)]
    assert stale(platform, now=now) == stale(platform, FACT, now=now) == {}


@pytest.mark.parametrize("now", [NOON, CLOSED])
def test_a_date_that_lost_all_its_objects_becomes_empty_once(
    platform: SmallPlatform, now: dt.datetime
) -> None:
    platform.drop("a.csv", at(1))
    platform.run(now=now)
    platform.drop("a.csv", at(1, day=NEXT_DAY))
    platform.run(now=now)
    assert platform.values(FACT, "event_date") == [NEXT_DAY]
    assert platform.lake.publications.published(FACT)[DAY].row_count == 0
    assert platform.run(now=now) == {CLEAN: [], FACT: []}


# --- On demand


@pytest.mark.parametrize("now", [NOON, CLOSED])
def test_dates_can_be_rebuilt_although_nothing_changed(
    platform: SmallPlatform, now: dt.datetime
) -> None:
    platform.drop("a.csv", at(1), at(2))
    platform.run(now=now)
    before = platform.rows(FACT), platform.paths(FACT)
    again = stale_dates(platform.lake, FACT, [DAY], now, rebuild=True)
    assert [slice_.hours for slice_ in again.values()] == [None if now == CLOSED else (1, 2)]
    for slice_ in again.values():
        STEPS[FACT](platform.work, slice_)
    assert platform.rows(FACT) == before[0]
    assert not platform.paths(FACT) & before[1]
    assert stale(platform, FACT, now=now) == {}


@pytest.mark.parametrize("now", [NOON, CLOSED])
def test_rebuilding_on_demand_lets_rows_go_as_well(
    platform: SmallPlatform, now: dt.datetime
) -> None:
    platform.drop("a.csv", at(1), at(2))
    platform.run(now=now)
    platform.drop("a.csv", at(1, day=NEXT_DAY))
    platform.ingest()
    again = stale_dates(platform.lake, CLEAN, [DAY], now, rebuild=True)
    assert [slice_.hours for slice_ in again.values()] == [None if now == CLOSED else (1, 2)]
