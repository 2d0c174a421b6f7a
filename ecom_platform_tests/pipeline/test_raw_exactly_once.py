"""Every landing object exactly once: read again, replaced, or changing while it is read."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ecom_platform.landing.objects import ObjectChangedError
from ecom_platform.pipeline.raw import contributors, ingest
from ecom_platform_tests.s3_in_small import everywhere
from ecom_platform_tests.samples import DAY, at

if TYPE_CHECKING:
    from ecom_platform_tests.platform_in_small import SmallPlatform

NEXT_DAY = DAY + dt.timedelta(days=1)
RAW = "raw_events"


# --- The same object again


def test_an_object_that_did_not_change_is_not_read_again(platform: SmallPlatform) -> None:
    platform.drop("a.csv", {})
    platform.ingest()
    assert platform.pending() == []
    assert platform.ingest().outcomes == []
    again = ingest(platform.lake, platform.store, platform.store.list(), "run-2")
    assert again.outcomes == []
    assert platform.snapshots(RAW) == 1


def test_a_touched_file_is_looked_at_once_and_changes_nothing(platform: SmallPlatform) -> None:
    key = platform.drop("a.csv", {})
    platform.ingest()
    os.utime(platform.lake.settings.landing_path / key, (2e9, 2e9))
    assert platform.pending() == [key]
    assert platform.ingest().outcomes == []
    assert platform.pending() == []
    assert platform.snapshots(RAW) == 1


@everywhere
def test_a_new_version_replaces_the_rows_of_the_old_one_in_one_snapshot(
    platform: SmallPlatform,
) -> None:
    other = platform.drop("b.csv", at(3))
    key = platform.drop("a.csv", at(1), at(2, day=NEXT_DAY), "bad line of the old version")
    platform.ingest()
    untouched = {file.path for file in platform.lake.table(RAW).files() if file.hours == (3,)}
    third = NEXT_DAY + dt.timedelta(days=1)
    platform.drop("a.csv", at(4), at(5, day=third))
    report = platform.ingest()
    assert platform.snapshots(RAW) == 2
    assert platform.origins() == [(key, 2), (key, 3), (other, 2)]
    assert platform.values(RAW, "event_date") == [DAY, DAY, third]
    assert platform.rows("rejected_events") == []
    assert untouched < platform.paths(RAW)
    # The date that lost its rows is told as well: it must be rebuilt.
    assert {date: touched.row_count for date, touched in report.dates.items()} == {
        DAY: 2,
        NEXT_DAY: 0,
        third: 1,
    }


def test_a_version_that_comes_back_is_ingested_again(platform: SmallPlatform) -> None:
    for price in ("1.00", "2.00", "1.00"):
        platform.drop("a.csv", {"price": price})
        platform.ingest()
    assert [str(row["price"]) for row in platform.rows(RAW)] == ["1.00"]


def test_reading_an_object_again_on_demand_doubles_nothing(platform: SmallPlatform) -> None:
    platform.drop("a.csv", at(1), "x", at(2, day=NEXT_DAY))
    platform.ingest()
    before = platform.origins()
    report = platform.ingest(reread=True)
    assert len(report.outcomes) == 1
    assert platform.origins() == before
    assert len(platform.rows("rejected_events")) == 1
    assert platform.snapshots(RAW) == 2


def test_contributors_are_the_objects_with_rows_of_the_chosen_dates(
    platform: SmallPlatform,
) -> None:
    platform.drop("a.csv", at(1))
    both = platform.drop("b.csv", at(1), at(1, day=NEXT_DAY))
    next_only = platform.drop("c.csv", at(1, day=NEXT_DAY))
    platform.ingest()
    found = contributors(platform.lake, platform.store, [NEXT_DAY])
    assert [one.key for one in found] == [both, next_only]


@everywhere
def test_deleting_an_object_removes_no_rows(platform: SmallPlatform) -> None:
    key = platform.drop("a.csv", {})
    platform.ingest()
    platform.drop.take_away(key)
    assert platform.ingest().outcomes == []
    assert platform.origins() == [(key, 2)]


# --- Objects that change under the reader's hands


def test_an_object_that_changes_while_it_is_read_stays_pending(
    platform: SmallPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = platform.drop("a.csv", {})
    good = platform.drop("b.csv", at(3))
    read = platform.store.open

    def grow(name: str, *listed: object):
        stream = read(name, *listed)
        if name == key and staging:
            platform.drop("a.csv", {}, at(4))
        return stream

    staging = False
    monkeypatch.setattr(platform.store, "open", grow)
    version = platform.store.version

    def then_stage(name: str) -> str:
        nonlocal staging
        staging = False
        found = version(name)
        staging = True
        return found

    monkeypatch.setattr(platform.store, "version", then_stage)
    report = platform.ingest()
    assert report.changed == [key]
    assert [name for name, _ in platform.origins()] == [good]
    assert platform.pending() == [key]
    monkeypatch.undo()
    platform.ingest()
    assert platform.origins() == [(key, 2), (key, 3), (good, 2)]


def test_nothing_is_left_of_an_object_that_changed(
    platform: SmallPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    def change(found: object) -> None:
        raise ObjectChangedError("events/a.csv", "changed")

    platform.drop("a.csv", {}, "x")
    monkeypatch.setattr(platform.store, "version", lambda key: "v1")
    monkeypatch.setattr(platform.store, "verify_unchanged", change)
    platform.ingest()
    assert list(Path(platform.lake.storage.root).rglob("2020-04-01-*.parquet")) == []


def test_an_object_that_disappears_before_it_is_read_holds_up_no_other(
    platform: SmallPlatform,
) -> None:
    gone = platform.drop("a.csv", {})
    good = platform.drop("b.csv", {})
    listed = platform.store.list()
    (platform.lake.settings.landing_path / gone).unlink()
    report = ingest(platform.lake, platform.store, listed, "run-1")
    assert report.changed == [gone]
    assert [key for key, _ in platform.origins()] == [good]
