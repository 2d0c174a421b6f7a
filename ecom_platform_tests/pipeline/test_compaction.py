"""Compaction: fewer and larger files of closed dates, and the same tables."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from ecom_platform.lake import rewriting
from ecom_platform.pipeline import compaction, fragments
from ecom_platform.pipeline.maintenance import maintain
from ecom_platform_tests.dimensions_in_small import rebuild_partials
from ecom_platform_tests.platform_in_small import LONG_AFTER
from ecom_platform_tests.s3_in_small import everywhere_at_length
from ecom_platform_tests.samples import DAY, at
from ecom_platform_tests.upkeep_in_small import (
    CLEAN,
    EVENT_TABLES,
    FACT,
    NOON,
    REJECTED,
    Upkeep,
    everything,
    hourly,
    upkeep,
)

if TYPE_CHECKING:
    from ecom_platform_tests.platform_in_small import SmallPlatform


@everywhere_at_length
def test_a_closed_date_of_many_small_files_becomes_one_file_a_table(
    platform: SmallPlatform,
) -> None:
    hourly(platform)
    before = everything(platform.lake)
    done = upkeep(platform)
    for table in (CLEAN, FACT):
        assert (done[table].before.files, done[table].after.files) == (4, 1)
        assert done[table].dates_compacted == 1
        assert platform.lake.publications.published(table)[DAY].is_whole
    assert everything(platform.lake) == before
    assert len(before["rows"][CLEAN]) == 8


def test_an_open_date_stays_in_files_of_one_hour(platform: SmallPlatform) -> None:
    hourly(platform, hours=3)
    maintain(platform.lake, NOON, "maintenance-1")
    assert [len(platform.paths(table)) for table in (CLEAN, FACT)] == [3, 3]
    platform.drop("02.csv", at(2, 40))
    assert [one.slice_.hours for one in platform.run(now=NOON)[FACT]] == [(2,)]


def test_a_stale_date_is_left_to_the_run_that_will_rebuild_it(platform: SmallPlatform) -> None:
    hourly(platform)
    platform.drop("99.csv", at(9))
    platform.ingest()
    done = upkeep(platform)
    assert (done[CLEAN].dates_compacted, done[REJECTED].dates_compacted) == (0, 0)
    assert done[FACT].dates_compacted == 1  # it matches clean_events as these are
    platform.run()
    assert len(platform.rows(FACT)) == 9


def test_a_second_maintenance_finds_nothing_to_compact(platform: SmallPlatform) -> None:
    hourly(platform)
    upkeep(platform)
    paths = {table: platform.paths(table) for table in EVENT_TABLES}
    again = upkeep(platform)
    assert again.report.total("dates_compacted") == 0
    assert {table: platform.paths(table) for table in EVENT_TABLES} == paths


def test_large_files_are_left_alone_and_small_ones_make_files_of_bounded_size(
    platform: SmallPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    hourly(platform, hours=6)
    sizes = [file.byte_count for file in platform.lake.table(CLEAN).files()]
    monkeypatch.setattr(fragments, "LARGE_BYTES", 3 * max(sizes))
    assert upkeep(platform)[CLEAN].after.files == 2
    monkeypatch.setattr(fragments, "SMALL_BYTES", 1)
    monkeypatch.setattr(fragments, "LARGE_BYTES", 1 << 30)
    assert upkeep(platform)[CLEAN].after.files == 2


def test_late_data_of_a_compacted_date_rebuild_it_as_a_whole(platform: SmallPlatform) -> None:
    hourly(platform)
    upkeep(platform)
    platform.drop("late.csv", at(9))
    rebuilt = platform.run()
    assert [one.slice_.hours for one in rebuilt[FACT]] == [None]
    assert len(platform.rows(FACT)) == 9


def test_a_clock_that_was_set_back_does_not_cut_a_compacted_date_into_hours(
    platform: SmallPlatform,
) -> None:
    hourly(platform)
    upkeep(platform)
    platform.drop("late.csv", at(2, 30))
    assert [one.slice_.hours for one in platform.run(now=NOON)[FACT]] == [None]
    assert len(platform.rows(FACT)) == 9


def test_several_dates_are_compacted_in_one_snapshot(platform: SmallPlatform) -> None:
    days = [DAY + dt.timedelta(days=n) for n in range(3)]
    for hour in (1, 2):
        platform.drop(f"{hour}.csv", *(at(hour, day=day) for day in days), written_at=LONG_AFTER)
        platform.run(now=NOON)
    before = everything(platform.lake), platform.snapshots(FACT)
    assert upkeep(platform)[FACT].dates_compacted == 3
    assert platform.snapshots(FACT) == before[1] + 1
    assert everything(platform.lake) == before[0]


def test_partials_and_dimensions_do_not_notice(platform: SmallPlatform) -> None:
    hourly(platform)
    assert set(rebuild_partials(platform).values()) == {1}
    upkeep(platform)
    assert set(rebuild_partials(platform).values()) == {0}


def test_a_publication_that_is_not_recorded_yet_is_left_alone(
    platform: SmallPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    hourly(platform, hours=2)
    assert platform.paths(CLEAN)
    monkeypatch.setattr(platform.lake.publications, "record", lambda *_: None)
    platform.drop("02.csv", at(2))
    platform.ingest()
    platform.rebuild(CLEAN, now=NOON)  # killed before it was recorded
    monkeypatch.undo()
    # Of what clean_events holds now the records do not speak, and its run may come back to it.
    monkeypatch.setattr(fragments, "stale_dates", lambda *_: {})
    assert upkeep(platform)[CLEAN].dates_compacted == 0


def test_rows_that_differ_stop_one_date_and_no_other_table(
    platform: SmallPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    hourly(platform)
    before = everything(platform.lake), platform.paths(CLEAN)
    faithful = rewriting.content_of

    def doubtful(storage, paths, contract):
        found = faithful(storage, paths, contract)
        wrong = contract.name == CLEAN and len(paths) == 1
        return rewriting.Content(found.row_count + 1, found.checksum) if wrong else found

    monkeypatch.setattr(rewriting, "content_of", doubtful)
    now = dt.datetime.now(tz=dt.UTC)
    report = maintain(platform.lake, now, "maintenance-1")
    assert len(report.faults) == 1
    assert "clean_events" in report.faults[0]
    assert platform.paths(CLEAN) == before[1]
    assert len(platform.paths(FACT)) == 1
    assert everything(platform.lake) == before[0]


# --- Beside other runs


def test_a_date_that_another_run_publishes_meanwhile_is_skipped(
    platform: SmallPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    hourly(platform)
    faithful = compaction.rewrite
    platform.drop("late.csv", at(9))

    def rewrite_slowly(storage, paths, contract, stage, name):
        if contract.name == CLEAN and platform.pending():
            platform.run()
        return faithful(storage, paths, contract, stage, name)

    monkeypatch.setattr(compaction, "rewrite", rewrite_slowly)
    done = upkeep(platform)
    assert (done[CLEAN].dates_compacted, done[CLEAN].dates_skipped) == (0, 1)
    assert len(platform.rows(CLEAN)) == len(platform.rows(FACT)) == 9
    assert everything(platform.lake)["stale"][FACT] == []


def test_two_maintenances_at_once_do_the_work_once(
    platform: SmallPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    hourly(platform)
    before = everything(platform.lake)
    faithful = compaction.rewrite
    nested: list[Upkeep] = []

    def rewrite_while_another_does_it_all(*arguments):
        if not nested:
            nested.append(None)  # type: ignore[arg-type]
            nested[0] = upkeep(platform)
        return faithful(*arguments)

    monkeypatch.setattr(compaction, "rewrite", rewrite_while_another_does_it_all)
    outer = upkeep(platform)
    assert nested[0].report.total("dates_compacted") == 3
    assert outer.report.total("dates_compacted") == 0
    assert everything(platform.lake) == before
