"""A table's published version: its files, and commits that replace some of them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from pyiceberg.expressions import EqualTo

from ecom_platform_tests.lake.publishing import TABLE, ids, on, publish
from ecom_platform_tests.lake.staged import at, stage_rows

if TYPE_CHECKING:
    from ecom_platform.lake.lake import Lake


# --- Commits


def test_one_publication_is_one_snapshot(lake: Lake) -> None:
    first = publish(lake, {"event_id": 1})
    second = publish(lake, {"event_id": 2}, {"event_id": 3})
    snapshots = lake.table(TABLE).iceberg.metadata.snapshots
    assert [s.snapshot_id for s in snapshots] == [first.snapshot_id, second.snapshot_id]
    assert second.sequence_number > first.sequence_number
    assert ids(lake) == [2, 3]


def test_a_publication_replaces_exactly_its_files(lake: Lake) -> None:
    publish(lake, {"event_id": 1, **at(1, day=1)}, day=1)
    publish(lake, {"event_id": 2, **at(1, day=2)}, day=2)
    kept = {file.path for file in lake.table(TABLE).files([dt.date(2020, 4, 2)])}
    publish(lake, {"event_id": 3, **at(1, day=1)}, day=1)
    assert ids(lake) == [2, 3]
    assert {file.path for file in lake.table(TABLE).files([dt.date(2020, 4, 2)])} == kept


def test_a_slice_can_become_empty_in_one_snapshot(lake: Lake) -> None:
    publish(lake, {"event_id": 1})
    version = lake.table(TABLE)
    version.commit(remove=version.files(), add=[], replaces=on(1), properties={})
    assert ids(lake) == []
    assert len(lake.table(TABLE).iceberg.metadata.snapshots) == 2


def test_a_snapshot_says_which_run_published_which_slice(lake: Lake) -> None:
    snapshot = publish(lake, {}, run="run-7")
    summary = lake.table(TABLE).iceberg.metadata.snapshot_by_id(snapshot.snapshot_id).summary
    assert (summary["ecom.run_id"], summary["ecom.table"], summary["ecom.slice"]) == (
        "run-7",
        TABLE,
        "2020-04-01",
    )


def test_a_reader_of_an_older_version_still_reads_it(lake: Lake) -> None:
    first = publish(lake, {"event_id": 1})
    reader = lake.table(TABLE)
    publish(lake, {"event_id": 2})
    assert reader.iceberg.scan().to_arrow()["event_id"].to_pylist() == [1]
    newest = lake.table(TABLE).iceberg
    as_it_was = newest.scan(snapshot_id=first.snapshot_id).to_arrow()
    assert as_it_was["event_id"].to_pylist() == [1]
    assert newest.scan().to_arrow()["event_id"].to_pylist() == [2]


def test_a_file_with_two_dates_is_refused_and_nothing_changes(lake: Lake) -> None:
    publish(lake, {"event_id": 1})
    with pytest.raises(ValueError, match="partition"):
        publish(lake, {"event_id": 2, **at(1, day=1)}, {"event_id": 3, **at(1, day=2)})
    assert ids(lake) == [1]
    publish(lake, {"event_id": 4})
    assert ids(lake) == [4]


# --- Files


def test_files_are_told_by_their_manifests(lake: Lake) -> None:
    publish(lake, {"event_id": 1, **at(3)}, {"event_id": 5, **at(5)})
    (file,) = lake.table(TABLE).files()
    assert file.event_date == dt.date(2020, 4, 1)
    assert file.row_count == 2
    assert file.byte_count > 0
    assert file.hours == (3, 4, 5)
    assert file.bounds("event_id") == (1, 5)
    assert file.bounds("event_date") == (dt.date(2020, 4, 1), dt.date(2020, 4, 1))
    assert file.bounds("event_time") == (at(3)["event_time"], at(5)["event_time"])
    assert file.only("event_id") is None
    assert file.only("source_object") == "events/a.csv"


def test_names_that_agree_in_their_first_letters_are_told_apart(lake: Lake) -> None:
    # Iceberg cuts bounds at 16 characters unless it is told otherwise.
    alike = ["events/2020/04/01/part-0001.csv", "events/2020/04/01/part-0002.csv"]
    publish(lake, *({"source_object": name} for name in alike))
    (file,) = lake.table(TABLE).files()
    assert file.bounds("source_object") == tuple(alike)
    assert file.only("source_object") is None
    assert lake.table(TABLE).files(where=EqualTo("source_object", alike[1] + "x")) == []


def test_a_column_of_nulls_has_no_bounds_and_no_hours(lake: Lake) -> None:
    publish(lake, {"event_time": None, "event_date": dt.date(2020, 4, 1)})
    (file,) = lake.table(TABLE).files()
    assert file.bounds("event_time") == (None, None)
    assert file.hours == ()


def test_files_are_looked_up_by_date(lake: Lake) -> None:
    for day in (1, 2, 3):
        publish(lake, {"event_id": day, **at(1, day=day)}, day=day)
    version = lake.table(TABLE)
    chosen = version.files([dt.date(2020, 4, 3), dt.date(2020, 4, 1), dt.date(2020, 4, 3)])
    assert sorted(file.only("event_id") for file in chosen) == [1, 3]
    assert version.files([]) == []
    assert version.files([dt.date(2021, 1, 1)]) == []
    assert len(version.files()) == 3


def test_rows_without_a_date_have_a_partition_of_their_own(lake: Lake) -> None:
    staged = stage_rows(lake, "rejected_events", {"event_time": None, "event_date": None})
    version = lake.table("rejected_events")
    version.commit(remove=[], add=staged.uris, replaces=EqualTo("layer", "raw"), properties={})
    (file,) = lake.table("rejected_events").files()
    assert file.event_date is None
    assert lake.table("rejected_events").files([dt.date(2020, 4, 1)]) == []
