"""A table's published version: its files, and commits that replace some of them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from pyiceberg.exceptions import CommitFailedException
from pyiceberg.expressions import And, BooleanExpression, EqualTo, GreaterThanOrEqual, LessThan

from ecom_platform.errors import PublishConflict
from ecom_platform.lake.table import TableVersion
from ecom_platform_tests.lake.staged import at, stage_rows
from ecom_platform_tests.samples import Row

if TYPE_CHECKING:
    from ecom_platform.lake.lake import Lake
    from ecom_platform.lake.table import Snapshot

TABLE = "clean_events"


def on(day: int) -> BooleanExpression:
    return EqualTo("event_date", f"2020-04-{day:02d}")


def in_hour(hour: int) -> BooleanExpression:
    return And(
        on(1),
        GreaterThanOrEqual("event_time", f"2020-04-01T{hour:02d}:00:00+00:00"),
        LessThan("event_time", f"2020-04-01T{hour + 1:02d}:00:00+00:00"),
    )


def publish(
    lake: Lake,
    *differences: Row,
    run: str = "run-1",
    day: int = 1,
    version: TableVersion | None = None,
    replaces: BooleanExpression | None = None,
) -> Snapshot:
    """Replace a date by new rows, as a run that took the given version would."""
    version = version or lake.table(TABLE)
    return version.commit(
        remove=version.files(where=replaces or on(day)),
        add=stage_rows(lake, TABLE, *differences).uris,
        replaces=replaces or on(day),
        properties={"ecom.run_id": run, "ecom.table": TABLE, "ecom.slice": f"2020-04-{day:02d}"},
    )


def ids(lake: Lake) -> list[int]:
    return sorted(lake.table(TABLE).iceberg.scan().to_arrow()["event_id"].to_pylist())


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


# --- Two runs at the same time


def test_two_runs_on_the_same_slice_are_a_conflict_that_names_both(lake: Lake) -> None:
    publish(lake, {"event_id": 1})
    slower = lake.table(TABLE)
    publish(lake, {"event_id": 2}, run="run-quick")
    with pytest.raises(PublishConflict, match="2020-04-01") as conflict:
        publish(lake, {"event_id": 3}, run="run-slow", version=slower)
    assert "run-slow" in str(conflict.value)
    assert "run-quick" in str(conflict.value)
    assert "\n" not in str(conflict.value)
    assert ids(lake) == [2]


def test_two_runs_that_publish_a_slice_for_the_first_time_are_a_conflict(lake: Lake) -> None:
    slower = lake.table(TABLE)
    publish(lake, {"event_id": 2}, run="run-quick")
    with pytest.raises(PublishConflict, match="run-quick"):
        publish(lake, {"event_id": 3}, run="run-slow", version=slower)
    assert ids(lake) == [2]


def test_emptying_a_slice_that_another_run_has_replaced_is_a_conflict(lake: Lake) -> None:
    publish(lake, {"event_id": 1})
    slower = lake.table(TABLE)
    publish(lake, {"event_id": 2}, run="run-quick")
    with pytest.raises(PublishConflict, match="run-quick"):
        slower.commit(remove=slower.files(), add=[], replaces=on(1), properties={})
    assert ids(lake) == [2]


def test_the_conflict_names_the_run_on_the_same_slice_not_the_newest_one(lake: Lake) -> None:
    slower = lake.table(TABLE)
    publish(lake, {"event_id": 2}, run="run-quick")
    publish(lake, {"event_id": 3, **at(1, day=2)}, run="run-elsewhere", day=2)
    with pytest.raises(PublishConflict) as conflict:
        publish(lake, {"event_id": 4}, run="run-slow", version=slower)
    assert "run-quick" in str(conflict.value)
    assert "run-elsewhere" not in str(conflict.value)


def test_another_slice_is_no_conflict_and_the_commit_is_repeated(lake: Lake) -> None:
    publish(lake, {"event_id": 1, **at(1, day=1)}, day=1)
    slower = lake.table(TABLE)
    publish(lake, {"event_id": 2, **at(1, day=2)}, run="run-quick", day=2)
    publish(lake, {"event_id": 3, **at(1, day=1)}, run="run-slow", version=slower, day=1)
    assert ids(lake) == [2, 3]
    assert len(lake.table(TABLE).iceberg.metadata.snapshots) == 3


def test_hours_of_one_date_are_slices_of_their_own(lake: Lake) -> None:
    publish(lake, {"event_id": 1, **at(1)}, replaces=in_hour(1))
    slower, slowest = lake.table(TABLE), lake.table(TABLE)
    publish(lake, {"event_id": 2, **at(1)}, run="run-quick", replaces=in_hour(1))
    publish(lake, {"event_id": 3, **at(2)}, run="run-slow", version=slower, replaces=in_hour(2))
    assert ids(lake) == [2, 3]
    with pytest.raises(PublishConflict):
        publish(lake, {"event_id": 4, **at(1)}, version=slowest, replaces=in_hour(1))
    assert ids(lake) == [2, 3]


@pytest.mark.parametrize(("refusals", "published"), [(2, True), (3, False)])
def test_a_commit_that_is_refused_though_nothing_of_its_slice_changed_is_repeated(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, refusals: int, published: bool
) -> None:
    publish(lake, {"event_id": 1})
    left = [CommitFailedException("the catalog is moody")] * refusals
    real = TableVersion._try_to_commit

    def moody(version: TableVersion, *arguments: object) -> object:
        if left:
            raise left.pop()
        return real(version, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(TableVersion, "_try_to_commit", moody)
    if published:
        publish(lake, {"event_id": 2})
    else:
        with pytest.raises(PublishConflict, match=r"moody.*nothing is lost"):
            publish(lake, {"event_id": 2})
    assert ids(lake) == [2 if published else 1]


def test_a_whole_date_conflicts_with_an_hour_of_it(lake: Lake) -> None:
    slower = lake.table(TABLE)
    publish(lake, {"event_id": 2, **at(5)}, run="run-quick", replaces=in_hour(5))
    with pytest.raises(PublishConflict, match="run-quick"):
        publish(lake, {"event_id": 3, **at(7)}, version=slower)
    assert ids(lake) == [2]


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
