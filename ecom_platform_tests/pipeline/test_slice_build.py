"""Slices whose build stops halfway or meets another run: nothing is lost, nothing doubled."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from ecom_platform.errors import PublishConflict
from ecom_platform.pipeline import clean as clean_module
from ecom_platform.pipeline.staleness import stale_dates
from ecom_platform_tests.platform_in_small import STEPS
from ecom_platform_tests.samples import DAY, at, utc

if TYPE_CHECKING:
    from ecom_platform_tests.platform_in_small import SmallPlatform

NOON = utc("2020-04-01 12:00")
CLOSED = utc("2020-04-02 03:00")
TABLES = ("clean_events", "fact_user_events")


def stop(*args: object, **kwargs: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("now", [NOON, CLOSED])
@pytest.mark.parametrize("table", TABLES)
def test_a_crash_between_the_commit_and_its_record_costs_one_harmless_rebuild(
    platform: SmallPlatform, monkeypatch: pytest.MonkeyPatch, table: str, now: dt.datetime
) -> None:
    platform.drop("a.csv", at(1), at(2), {**at(2), "price": "0.00"})
    platform.ingest()
    if table == "fact_user_events":
        platform.rebuild("clean_events", now=now)
    with monkeypatch.context() as crash:
        crash.setattr(platform.lake.publications, "record", stop)
        with pytest.raises(KeyboardInterrupt):
            platform.rebuild(table, now=now)
    committed = platform.rows(table)
    assert len(committed) == 2
    assert len(platform.rebuild(table, now=now)) == 1
    assert platform.rows(table) == committed
    assert platform.rebuild(table, now=now) == []
    assert len(platform.rows("rejected_events")) == 1
    assert platform.lake.publications.published(table)[DAY].row_count == 2


def test_a_crash_between_rejected_and_clean_leaves_the_date_stale(
    platform: SmallPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.drop("a.csv", at(1), {**at(2), "price": "0.00"})
    platform.run()
    before = platform.rows("clean_events")
    platform.drop("b.csv", at(3), {**at(4), "price": "0.00"})
    platform.ingest()
    commit = clean_module.commit_slice

    def crash(version, *args, **kwargs):
        if version.contract.name == "clean_events":
            raise KeyboardInterrupt
        return commit(version, *args, **kwargs)

    monkeypatch.setattr(clean_module, "commit_slice", crash)
    with pytest.raises(KeyboardInterrupt):
        platform.rebuild("clean_events")
    assert platform.rows("clean_events") == before
    monkeypatch.undo()
    platform.rebuild("clean_events")
    assert len(platform.rows("clean_events")) == 2
    assert platform.origins("rejected_events") == [("events/a.csv", 3), ("events/b.csv", 3)]


@pytest.mark.parametrize("table", TABLES)
def test_two_runs_that_rebuild_the_same_slice_conflict_and_the_first_stays(
    platform: SmallPlatform, monkeypatch: pytest.MonkeyPatch, table: str
) -> None:
    platform.drop("a.csv", at(1))
    platform.ingest()
    if table == "fact_user_events":
        platform.rebuild("clean_events")
    (slice_,) = stale_dates(platform.lake, table, None, CLOSED).values()
    stage = platform.lake.stage
    met = False

    def stage_while_another_publishes(name: str):
        nonlocal met
        if not met:
            met = True
            STEPS[table](platform.work, slice_)
        return stage(name)

    monkeypatch.setattr(platform.lake, "stage", stage_while_another_publishes)
    with pytest.raises(PublishConflict, match="2020-04-01 at the same time"):
        STEPS[table](platform.work, slice_)
    assert len(platform.rows(table)) == 1
    assert platform.rebuild(table) == []


@pytest.mark.parametrize("table", TABLES)
def test_an_hour_never_replaces_a_date_that_was_published_as_a_whole(
    platform: SmallPlatform, table: str
) -> None:
    # A run finds hour 2 stale just before the date closes; another run publishes the whole date
    # before the first one gets to it.
    platform.drop("a.csv", at(1), at(2))
    platform.ingest()
    if table == "fact_user_events":
        platform.rebuild("clean_events", now=NOON)
    (by_hour,) = stale_dates(platform.lake, table, None, NOON).values()
    assert by_hour.hours == (1, 2)
    only_two = type(by_hour)(DAY, (2,), by_hour.target)
    platform.rebuild(table, now=CLOSED)
    with pytest.raises(PublishConflict, match="2020-04-01 hours 2"):
        STEPS[table](platform.work, only_two)
    assert len(platform.rows(table)) == 2
    assert platform.lake.publications.published(table)[DAY].row_count == 2


def test_rows_that_arrive_during_a_build_are_found_by_the_next(platform: SmallPlatform) -> None:
    platform.drop("a.csv", at(1))
    platform.ingest()
    (slice_,) = stale_dates(platform.lake, "clean_events", None, CLOSED).values()
    platform.drop("b.csv", at(2))
    platform.ingest()
    STEPS["clean_events"](platform.work, slice_)
    rebuilt = platform.run(now=CLOSED)
    assert len(rebuilt["clean_events"]) == 1  # needlessly, and never too seldom
    assert len(platform.rows("fact_user_events")) == 2
    assert platform.run(now=CLOSED) == {"clean_events": [], "fact_user_events": []}


def test_malformed_lines_that_arrive_during_a_build_are_no_conflict(
    platform: SmallPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.drop("a.csv", {**at(1), "price": "0.00"})
    platform.ingest()
    stage = platform.lake.stage
    arrived = False

    def stage_while_lines_arrive(name: str):
        nonlocal arrived
        if not arrived:
            arrived = True
            platform.drop("b.csv", {**at(1), "price": "dear"})
            platform.ingest()
        return stage(name)

    monkeypatch.setattr(platform.lake, "stage", stage_while_lines_arrive)
    platform.rebuild("clean_events")
    rows = [(row["layer"], row["source_object"]) for row in platform.rows("rejected_events")]
    assert rows == [("clean", "events/a.csv"), ("raw", "events/b.csv")]


def test_a_build_that_ends_during_an_ingest_is_no_conflict(
    platform: SmallPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.drop("a.csv", {**at(1), "price": "0.00"}, "x")
    platform.ingest()
    platform.drop("a.csv", {**at(1), "price": "0.00"}, "y")
    table = platform.lake.table
    met = False

    def look_while_another_builds(name: str):
        nonlocal met
        version = table(name)
        if name == "rejected_events" and not met:
            met = True
            platform.rebuild("clean_events")
        return version

    monkeypatch.setattr(platform.lake, "table", look_while_another_builds)
    platform.ingest()
    monkeypatch.undo()
    rows = [(row["layer"], row["line"]) for row in platform.rows("rejected_events")]
    assert ("raw", "y") in rows
    assert ("raw", "x") not in rows
    assert len(rows) == 2


def test_the_engine_is_not_started_when_nothing_is_stale(
    platform: SmallPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.drop("a.csv", at(1))
    platform.run()
    monkeypatch.setattr(type(platform.work), "spark", property(stop))
    assert platform.run() == {"clean_events": [], "fact_user_events": []}


def test_a_snapshot_names_its_run_and_its_hours(platform: SmallPlatform) -> None:
    platform.drop("a.csv", at(1), at(2))
    platform.run(now=NOON)
    for table in TABLES:
        summary = platform.lake.table(table).iceberg.current_snapshot().summary
        told = (summary["ecom.run_id"], summary["ecom.table"], summary["ecom.slice"])
        assert told == ("run-1", table, "2020-04-01 hours 1, 2")
