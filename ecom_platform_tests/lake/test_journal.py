"""Journals: entries are only added, the newest counts, and folding loses nothing that counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pyiceberg.expressions import EqualTo
from pyiceberg.table import Table

from ecom_platform.contracts.ledger import LANDING_OBJECTS
from ecom_platform.lake import journal as journal_module
from ecom_platform.lake.journal import Entry, Journal
from ecom_platform.lake.objects import newest_outcomes
from ecom_platform_tests.samples import utc

if TYPE_CHECKING:
    from collections.abc import Collection

    import pyarrow as pa
    from pyiceberg.table import FileScanTask

    from ecom_platform.lake.lake import Lake
    from ecom_platform.lake.table import TableVersion


def entry(key: str, version: str = "v1", minute: int = 0, **values: object) -> Entry:
    return {
        "source_object": key,
        "object_version": version,
        "status": "ingested",
        "reason": None,
        "detail": None,
        "size_bytes": 1,
        "modified_at": utc("2020-04-01 00:00"),
        "line_count": 0,
        "raw_count": 0,
        "malformed_count": 0,
        "run_id": "run-1",
        "recorded_at": utc(f"2020-04-01 00:{minute:02d}"),
        **values,
    }


def open_journal(lake: Lake) -> Journal:
    return Journal(lambda: lake.table(LANDING_OBJECTS.name), newest_outcomes)


def keys(journal: Journal) -> list[tuple[str, str, int]]:
    entries = journal.read()
    return sorted((e["source_object"], e["object_version"], e["line_count"]) for e in entries)


def files_of(lake: Lake) -> int:
    return len(list(lake.table(LANDING_OBJECTS.name).iceberg.scan().plan_files()))


def test_a_new_journal_is_empty(lake: Lake) -> None:
    assert open_journal(lake).read() == []


def test_what_another_process_wrote_is_seen_at_the_next_look(lake: Lake) -> None:
    journal, other = open_journal(lake), open_journal(lake)
    assert keys(journal) == []
    other.append([entry("a.csv")])
    assert keys(journal) == [("a.csv", "v1", 0)]
    other.append([entry("a.csv", minute=1, line_count=5)])
    other.fold()
    assert keys(journal) == [("a.csv", "v1", 5)]


def test_a_version_that_only_adds_entries_reads_only_these(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    original = journal_module._read

    def counted(iceberg: Table, tasks: Collection[FileScanTask]) -> pa.Table:
        read.append(len(tasks))
        return original(iceberg, tasks)

    monkeypatch.setattr(journal_module, "_read", counted)
    journal = open_journal(lake)
    for number in range(3):
        journal.append([entry(f"{number}.csv"), entry("each.csv", minute=number)])
        assert len(journal.read()) == number + 2
        assert len(journal.read_all()) == 2 * number + 2
    assert read == [1, 1, 1]
    open_journal(lake).fold()
    assert len(journal.read_all()) == 4
    assert read == [1, 1, 1, 1]


def test_a_version_is_scanned_once_however_often_it_is_read(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    scans: list[Table] = []
    scan = Table.scan

    def counted(table: Table, *args: object, **kwargs: object) -> object:
        scans.append(table)
        return scan(table, *args, **kwargs)  # type: ignore[arg-type]

    journal = open_journal(lake)
    journal.append([entry("a.csv"), entry("b.csv")])
    monkeypatch.setattr(Table, "scan", counted)
    assert len(journal.read()) == len(journal.read()) == 2
    assert [e["source_object"] for e in journal.read(EqualTo("source_object", "b.csv"))] == [
        "b.csv"
    ]
    assert len(scans) == 1


def test_changing_what_was_read_changes_nothing_for_the_next_reader(lake: Lake) -> None:
    journal = open_journal(lake)
    journal.append([entry("a.csv")])
    journal.read()[0]["source_object"] = "changed"
    assert keys(journal) == [("a.csv", "v1", 0)]


def test_an_entry_comes_back_as_it_was_written(lake: Lake) -> None:
    journal = open_journal(lake)
    written = entry("ä b.csv", reason="bad", detail="5 %", line_count=2**40)
    journal.append([written])
    assert journal.read() == [written]


def test_appending_nothing_makes_no_version(lake: Lake) -> None:
    open_journal(lake).append([])
    assert lake.table(LANDING_OBJECTS.name).iceberg.metadata.snapshots == []


def test_many_entries_are_one_version(lake: Lake) -> None:
    open_journal(lake).append([entry("a"), entry("b"), entry("c")])
    assert len(lake.table(LANDING_OBJECTS.name).iceberg.metadata.snapshots) == 1


def test_the_newest_entry_of_a_key_wins_whatever_the_order_of_writing(lake: Lake) -> None:
    journal = open_journal(lake)
    journal.append([entry("a", minute=5, line_count=5)])
    journal.append([entry("a", minute=3, line_count=3), entry("b", minute=1, line_count=1)])
    assert keys(journal) == [("a", "v1", 5), ("b", "v1", 1)]


def test_entries_can_be_filtered(lake: Lake) -> None:
    journal = open_journal(lake)
    journal.append([entry("a"), entry("b")])
    assert [e["source_object"] for e in journal.read(EqualTo("source_object", "b"))] == ["b"]


def test_two_runs_append_at_the_same_time_and_both_entries_stay(lake: Lake) -> None:
    old: TableVersion = lake.table(LANDING_OBJECTS.name)
    open_journal(lake).append([entry("a")])
    Journal(lambda: old, newest_outcomes).append([entry("b")])
    assert keys(open_journal(lake)) == [("a", "v1", 0), ("b", "v1", 0)]


def test_folding_keeps_what_counts_in_one_file(lake: Lake) -> None:
    journal = open_journal(lake)
    for minute in range(5):
        journal.append([entry("a", minute=minute, line_count=minute), entry(f"o{minute}")])
    before = keys(journal)
    journal.fold()
    assert keys(journal) == before
    assert files_of(lake) == 1
    rows = lake.table(LANDING_OBJECTS.name).iceberg.scan().to_arrow().num_rows
    assert rows == len(before) == 6


def test_folding_happens_by_itself_when_files_become_many(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_module, "FOLD_AT_FILES", 4)
    journal = open_journal(lake)
    counts = []
    for minute in range(9):
        journal.append([entry(f"o{minute}", minute=minute)])
        counts.append(files_of(lake))
    assert counts == [1, 2, 3, 1, 2, 3, 1, 2, 3]
    assert len(keys(journal)) == 9


def test_an_entry_that_another_run_appends_while_folding_is_not_lost(lake: Lake) -> None:
    journal = open_journal(lake)
    journal.append([entry("a", minute=1)])
    journal.append([entry("a", minute=2)])
    old = lake.table(LANDING_OBJECTS.name)  # what the folding run has read
    journal.append([entry("b")])
    Journal(lambda: old, newest_outcomes).fold()
    assert keys(open_journal(lake)) == [("a", "v1", 0), ("b", "v1", 0)]


def test_two_runs_that_fold_at_the_same_time_lose_and_double_nothing(lake: Lake) -> None:
    journal = open_journal(lake)
    for minute in range(3):
        journal.append([entry("a", minute=minute), entry(f"o{minute}")])
    old = lake.table(LANDING_OBJECTS.name)
    journal.fold()
    Journal(lambda: old, newest_outcomes).fold()
    assert keys(open_journal(lake)) == [("a", "v1", 0)] + [(f"o{n}", "v1", 0) for n in range(3)]
    assert lake.table(LANDING_OBJECTS.name).iceberg.scan().to_arrow().num_rows == 4


def test_a_journal_can_be_read_as_it_was_before_it_was_folded(lake: Lake) -> None:
    journal = open_journal(lake)
    journal.append([entry("a", minute=1), entry("b")])
    reader = lake.table(LANDING_OBJECTS.name)
    journal.append([entry("a", minute=2)])
    journal.fold()
    assert reader.iceberg.scan().to_arrow().num_rows == 2


def test_folding_forgets_older_versions_that_would_slow_every_commit_down(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_module, "KEPT_VERSIONS", 2)
    journal = open_journal(lake)
    for minute in range(5):
        journal.append([entry("a", minute=minute)])
    journal.fold()
    assert len(lake.table(LANDING_OBJECTS.name).iceberg.metadata.snapshots) == 2
    assert keys(journal) == [("a", "v1", 0)]


def test_an_append_that_began_before_a_fold_is_kept(lake: Lake) -> None:
    journal = open_journal(lake)
    journal.append([entry("a", minute=1)])
    journal.append([entry("a", minute=2)])
    began = lake.table(LANDING_OBJECTS.name)
    journal.fold()
    Journal(lambda: began, newest_outcomes).append([entry("b")])
    assert keys(open_journal(lake)) == [("a", "v1", 0), ("b", "v1", 0)]
