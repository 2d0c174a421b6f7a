"""Fragments of tables that are replaced by object: rows of two objects never share a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow.parquet as pq
from pyiceberg.expressions import EqualTo

from ecom_platform.contracts import TABLES
from ecom_platform_tests.samples import at
from ecom_platform_tests.upkeep_in_small import RAW, REJECTED, everything, hourly, upkeep

if TYPE_CHECKING:
    from ecom_platform.lake.lake import Lake
    from ecom_platform_tests.platform_in_small import SmallPlatform


def test_rows_of_one_object_stay_by_themselves_in_raw_and_of_rejected_lines(
    platform: SmallPlatform,
) -> None:
    hourly(platform)
    done = upkeep(platform)
    assert platform.snapshots(RAW) == 2
    assert (done[RAW].before.files, done[RAW].after.files) == (4, 4)
    # One file of rejected events, and still one of rejected lines for every object.
    assert (done[REJECTED].before.files, done[REJECTED].after.files) == (8, 5)
    before = everything(platform.lake)
    platform.drop("02.csv", at(2), "no event either")
    platform.run()
    assert len(platform.rows(RAW)) == 13
    assert everything(platform.lake)["stale"] == before["stale"]
    layers = [(row["layer"], row["source_object"]) for row in platform.rows(REJECTED)]
    assert sorted(layers).count(("clean", "events/02.csv")) == 0
    assert sorted(layers).count(("raw", "events/02.csv")) == 1


def test_files_of_one_object_and_date_become_one(platform: SmallPlatform) -> None:
    platform.drop("a.csv", at(1), at(2), at(3))
    platform.drop("b.csv", at(1))
    platform.ingest()
    split(platform.lake, "events/a.csv", [[1], [2, 3]])
    platform.run()
    before = everything(platform.lake)
    done = upkeep(platform)
    assert (done[RAW].before.files, done[RAW].after.files) == (3, 2)
    assert everything(platform.lake) == before


def test_files_with_hours_missing_between_them_stay_apart(platform: SmallPlatform) -> None:
    # Together they would count for the hour between them, and make it stale.
    platform.drop("a.csv", at(1), at(3))
    platform.drop("b.csv", at(2))
    platform.ingest()
    split(platform.lake, "events/a.csv", [[1], [3]])
    platform.run()
    before = everything(platform.lake)
    assert upkeep(platform)[RAW].dates_compacted == 0
    assert everything(platform.lake) == before


def split(lake: Lake, key: str, groups: list[list[int]]) -> None:
    """Put the rows of an object into one file for each group of hours."""
    version = lake.table(RAW)
    (file,) = version.files(where=EqualTo("source_object", key))
    held = pq.read_table(file.path)
    stage = lake.stage(RAW)
    for number, hours in enumerate(groups):
        part = [row for row in held.to_pylist() if row["event_time"].hour in hours]
        table = held.from_pylist(part, schema=TABLES[RAW].arrow_schema)
        with stage.parquet_writer(f"{number}.parquet", table.schema, store_schema=False) as writer:
            writer.write_table(table)
    version.commit(
        remove=[file],
        add=stage.collect().uris,
        replaces=EqualTo("source_object", key),
        properties={},
    )
