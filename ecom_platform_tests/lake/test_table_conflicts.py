"""Two runs that commit to one table at the same time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pyiceberg.exceptions import CommitFailedException

from ecom_platform.errors import PublishConflict
from ecom_platform.lake.table import TableVersion
from ecom_platform_tests.lake.publishing import TABLE, ids, in_hour, on, publish
from ecom_platform_tests.lake.staged import at

if TYPE_CHECKING:
    from ecom_platform.lake.lake import Lake


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
