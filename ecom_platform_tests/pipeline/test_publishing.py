"""Publishing: which files and rows a slice consists of, and what is recorded of it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

from ecom_platform.lake.slices import StaleDate
from ecom_platform.lake.staging import HOUR_FOLDER, StagedFile, StagedFiles
from ecom_platform.lake.table import Snapshot
from ecom_platform.pipeline.publishing import (
    describe_publication,
    files_of,
    hold_only,
    rows_of,
)
from ecom_platform_tests.lake.staged import at, stage_rows
from ecom_platform_tests.samples import DAY

if TYPE_CHECKING:
    from ecom_platform.lake.lake import Lake

TARGET = {1: "a", 2: "b", 9: "c"}
WHOLE = StaleDate(DAY, None, TARGET)
HOURS = StaleDate(DAY, (1, 2, 5), TARGET)  # hour 5 has lost its rows
SNAPSHOT = Snapshot(77, 7)
COUNTS = {1: {"row_count": 10, "duplicates": 1}, 2: {"row_count": 20}}


def files(*hours: tuple[int, ...]) -> list[SimpleNamespace]:
    """Files as far as these functions look at them."""
    return [SimpleNamespace(hours=of_file) for of_file in hours]


def staged() -> StagedFiles:
    """Files of 100 bytes in hour 1 and of 200 in hour 2."""
    paths = [f"/s/{HOUR_FOLDER}={hour}/part.parquet" for hour in (1, 2)]
    files = [StagedFile(path, f"file://{path}", 100 * n, None) for n, path in enumerate(paths, 1)]
    return StagedFiles("/s", tuple(files))


def test_a_whole_date_consists_of_all_its_files() -> None:
    all_files = files((1,), (2, 3), ())
    assert files_of(WHOLE, all_files) == all_files
    assert hold_only(WHOLE, all_files)


def test_hours_consist_of_the_files_that_may_hold_them() -> None:
    one, across, other, none = files((1,), (2, 3), (8, 9), ())
    assert files_of(HOURS, [one, across, other, none]) == [one, across]
    assert hold_only(HOURS, [one])
    assert hold_only(HOURS, [])
    assert not hold_only(HOURS, [one, across])


def test_the_rows_of_hours_end_where_the_next_hour_begins(lake: Lake) -> None:
    version = lake.table("clean_events")
    uris = [
        uri
        for difference in (at(0), at(1), at(5), at(6), at(1, day=2))
        for uri in stage_rows(lake, "clean_events", difference).uris
    ]
    version.commit(remove=[], add=uris, replaces=rows_of(WHOLE), properties={})
    table = lake.table("clean_events")
    hours = [file.hours for file in table.files(where=rows_of(HOURS))]
    assert sorted(hours) == [(1,), (5,)]
    whole = [(file.event_date, file.hours) for file in table.files(where=rows_of(WHOLE))]
    assert sorted(whole) == [(DAY, (0,)), (DAY, (1,)), (DAY, (5,)), (DAY, (6,))]
    last = StaleDate(DAY, (23,), {})
    assert table.files(where=rows_of(last)) == []


def test_a_whole_date_is_recorded_in_one_entry() -> None:
    (entry,) = describe_publication("t", WHOLE, SNAPSHOT, staged(), COUNTS)
    assert (entry.table_name, entry.event_date, entry.hour) == ("t", DAY, None)
    assert entry.fingerprints == TARGET
    assert (entry.row_count, entry.byte_count, entry.measures) == (30, 300, {"duplicates": 1})
    assert entry.snapshot == SNAPSHOT


def test_hours_are_recorded_one_by_one_also_those_without_rows() -> None:
    entries = describe_publication("t", HOURS, SNAPSHOT, staged(), COUNTS)
    told = {e.hour: (e.fingerprints, e.row_count, e.byte_count, dict(e.measures)) for e in entries}
    assert told == {
        1: ({1: "a"}, 10, 100, {"duplicates": 1}),
        2: ({2: "b"}, 20, 200, {}),
        5: ({}, 0, 0, {}),
    }
    assert COUNTS[1]["row_count"] == 10  # what the caller counted is not used up
