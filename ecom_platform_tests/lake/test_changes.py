"""Changes that others made meanwhile: a compaction changes no row, and is no conflict."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ecom_platform.errors import PublishConflict
from ecom_platform_tests.lake.publishing import TABLE, ids, in_hour, on, publish
from ecom_platform_tests.lake.staged import at, stage_rows
from ecom_platform_tests.samples import Row

if TYPE_CHECKING:
    from ecom_platform.lake.lake import Lake


def compacted(lake: Lake, *differences: Row) -> None:
    """Put the files of a date together, as maintenance does."""
    version = lake.table(TABLE)
    version.commit(
        remove=version.files(where=on(1)),
        add=stage_rows(lake, TABLE, *differences).uris,
        replaces=on(1),
        properties={"ecom.run_id": "maintenance-1", "ecom.operation": "compact"},
    )


def two_hours(lake: Lake) -> None:
    publish(lake, {"event_id": 1, **at(1)}, replaces=in_hour(1))
    publish(lake, {"event_id": 2, **at(2)}, replaces=in_hour(2))


def test_a_date_that_was_compacted_meanwhile_is_replaced_all_the_same(lake: Lake) -> None:
    two_hours(lake)
    slower = lake.table(TABLE)
    compacted(lake, {"event_id": 1, **at(1)}, {"event_id": 2, **at(2)})
    publish(lake, {"event_id": 3}, version=slower)
    assert ids(lake) == [3]


def test_an_hour_of_a_date_that_was_compacted_meanwhile_is_a_conflict(lake: Lake) -> None:
    # Its rows lie in one file with those of the other hour, which would go with them.
    two_hours(lake)
    slower = lake.table(TABLE)
    compacted(lake, {"event_id": 1, **at(1)}, {"event_id": 2, **at(2)})
    with pytest.raises(PublishConflict, match="maintenance-1"):
        publish(lake, {"event_id": 3, **at(1)}, version=slower, replaces=in_hour(1))
    assert ids(lake) == [1, 2]


def test_a_publication_and_a_compaction_of_it_are_a_conflict(lake: Lake) -> None:
    two_hours(lake)
    slower = lake.table(TABLE)
    publish(lake, {"event_id": 4, **at(1)}, run="run-quick", replaces=in_hour(1))
    compacted(lake, {"event_id": 4, **at(1)}, {"event_id": 2, **at(2)})
    with pytest.raises(PublishConflict, match="run-quick"):
        publish(lake, {"event_id": 3}, version=slower)
    assert ids(lake) == [2, 4]
