"""Manifests: what they tell of files, and how they stay few."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecom_platform.lake.manifests import (
    MANY_MANIFESTS,
    committed_in,
    count_manifests,
    merge_manifests,
)
from ecom_platform_tests.lake.published import FACT, publish, query
from ecom_platform_tests.lake.staged import at

if TYPE_CHECKING:
    from ecom_platform.lake.lake import Lake

PROPERTIES = {"ecom.run_id": "maintenance-1"}


def ids(lake: Lake) -> list[int]:
    return [row[0] for row in query(lake, "SELECT event_id FROM fact_user_events ORDER BY 1")]


def test_every_file_knows_the_commit_that_brought_it(lake: Lake) -> None:
    publish(lake, {"event_id": 1, **at(1, day=1)}, day=1)
    publish(lake, {"event_id": 2, **at(1, day=2)}, day=2)
    publish(lake, {"event_id": 3, **at(1, day=1)}, day=1)
    table = lake.table(FACT)
    order = committed_in(table.iceberg)
    assert {file.only("event_id"): order[file.location] for file in table.files()} == {2: 2, 3: 3}


def test_a_new_table_has_no_manifests(lake: Lake) -> None:
    table = lake.table(FACT).iceberg
    assert (count_manifests(table), committed_in(table)) == (0, {})
    assert not merge_manifests(table, PROPERTIES)


def test_few_manifests_are_left_alone(lake: Lake) -> None:
    publish(lake, {"event_id": 1}, day=1)
    assert not merge_manifests(lake.table(FACT).iceberg, PROPERTIES)
    assert len(lake.table(FACT).iceberg.metadata.snapshots) == 1


def test_many_manifests_become_one_and_every_file_stays_what_it_was(lake: Lake) -> None:
    for number in range(MANY_MANIFESTS):
        publish(lake, {"event_id": number, **at(1, day=number % 3 + 1)}, day=number % 3 + 1)
    before = ids(lake), committed_in(lake.table(FACT).iceberg)
    # Lists of what was removed long ago pile up with every replaced date.
    assert count_manifests(lake.table(FACT).iceberg) >= MANY_MANIFESTS
    assert merge_manifests(lake.table(FACT).iceberg, PROPERTIES)
    table = lake.table(FACT).iceberg
    assert count_manifests(table) <= 3
    assert (ids(lake), committed_in(table)) == before
    assert table.current_snapshot().summary["ecom.run_id"] == "maintenance-1"
    publish(lake, {"event_id": 99, **at(1, day=2)}, day=2)
    assert 99 in ids(lake)
    assert len(ids(lake)) == 3


def test_a_run_that_began_before_manifests_were_merged_can_publish(lake: Lake) -> None:
    for number in range(MANY_MANIFESTS):
        publish(lake, {"event_id": number, **at(1)}, day=1)
    version = lake.table(FACT)
    assert merge_manifests(lake.table(FACT).iceberg, PROPERTIES)
    version.commit(remove=version.files(), add=[], replaces=on_first(), properties=PROPERTIES)
    assert ids(lake) == []


def on_first():
    from pyiceberg.expressions import EqualTo

    return EqualTo("event_date", "2020-04-01")
