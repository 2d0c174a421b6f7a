"""Staleness: what must be rebuilt after which change, and what must not."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from ecom_platform.pipeline import staleness
from ecom_platform.pipeline.inputs import DATED_TABLES
from ecom_platform.pipeline.staleness import raw_fingerprints, stale_dates
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


def test_nothing_is_stale_in_a_new_lake(platform: SmallPlatform) -> None:
    assert stale(platform) == stale(platform, FACT) == {}


def test_what_was_rebuilt_is_stale_no_more(platform: SmallPlatform) -> None:
    platform.drop("a.csv", at(1), at(1, day=NEXT_DAY))
    platform.ingest()
    assert stale(platform, now=CLOSED) == {DAY: None, NEXT_DAY: (1,)}
    assert stale(platform, FACT) == {}  # it is built from clean_events, not from raw_events
    platform.rebuild(CLEAN)
    assert stale(platform) == {}
    assert list(stale(platform, FACT)) == [DAY, NEXT_DAY]
    platform.rebuild(FACT)
    assert stale(platform, FACT) == {}


def test_only_the_chosen_dates_are_looked_at(platform: SmallPlatform) -> None:
    platform.drop("a.csv", at(1), at(1, day=NEXT_DAY))
    platform.ingest()
    assert list(stale_dates(platform.lake, CLEAN, [NEXT_DAY, NEXT_DAY], CLOSED)) == [NEXT_DAY]
    assert stale_dates(platform.lake, CLEAN, [], CLOSED) == {}


# --- What changes nothing, and what changes everything


def test_the_same_content_under_another_name_rebuilds_and_changes_no_event(
    platform: SmallPlatform,
) -> None:
    platform.drop("b.csv", at(1), at(2))
    platform.run()
    before = platform.values(FACT, "event_id")
    platform.drop("a.csv", at(1), at(2))
    platform.run()
    assert platform.values(FACT, "event_id") == before
    assert platform.values(CLEAN, "source_object") == ["events/a.csv"] * 2


def test_reading_an_object_again_rebuilds_what_it_holds_to_the_same_rows(
    platform: SmallPlatform,
) -> None:
    platform.drop("a.csv", at(1))
    platform.run()
    before = platform.rows(FACT)
    platform.ingest(reread=True)
    assert stale(platform) == {DAY: None}
    platform.run()
    assert platform.rows(FACT) == before


def test_new_logic_makes_every_date_stale(
    platform: SmallPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.drop("a.csv", at(1), at(2), at(1, day=NEXT_DAY))
    platform.run(now=NOON)
    monkeypatch.setitem(staleness.LOGIC_VERSIONS, FACT, "next")
    assert stale(platform) == {}
    assert stale(platform, FACT) == {DAY: (1, 2), NEXT_DAY: (1,)}
    monkeypatch.setitem(staleness.LOGIC_VERSIONS, CLEAN, "next")
    rebuilt = platform.run(now=NOON)
    assert [len(rebuilt[table]) for table in (CLEAN, FACT)] == [2, 2]
    assert stale(platform) == stale(platform, FACT) == {}


def test_every_table_that_is_built_has_a_logic_version() -> None:
    assert {CLEAN, FACT} <= set(DATED_TABLES) <= staleness.LOGIC_VERSIONS.keys()


def test_raw_fingerprints_tell_objects_and_versions_but_no_order(platform: SmallPlatform) -> None:
    platform.drop("a.csv", at(1), at(2))
    platform.drop("b.csv", at(2))
    platform.ingest()
    files = platform.lake.table("raw_events").files()
    assert raw_fingerprints(files) == raw_fingerprints(files[::-1])
    hours = raw_fingerprints(files)[DAY]
    assert sorted(hours) == [1, 2]
    assert hours[1] != hours[2]
    platform.drop("b.csv", at(2, 30))
    platform.ingest()
    after = raw_fingerprints(platform.lake.table("raw_events").files())[DAY]
    assert (after[1] == hours[1], after[2] == hours[2]) == (True, False)


def test_rows_that_appear_when_an_object_is_read_again_reach_the_fact(
    platform: SmallPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.drop("a.csv", at(1), {**at(1), "brand": "b" * 3000})
    strict = platform.lake.settings.model_copy(update={"max_line_bytes": 2048})
    monkeypatch.setattr(platform.lake, "settings", strict)
    platform.run()
    assert len(platform.rows("raw_events")) == 1
    monkeypatch.undo()
    platform.ingest(reread=True)
    assert len(platform.rows("raw_events")) == 2
    platform.run()
    assert len(platform.rows(FACT)) == 2
