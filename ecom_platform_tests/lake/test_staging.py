"""Staging: fresh paths, files of one hour, and what staged files say of themselves."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from ecom_platform.contracts.clean import CLEAN_EVENTS
from ecom_platform_tests.lake.staged import stage_in, write_file
from ecom_platform_tests.samples import RAW_ROW, Row, frame, utc

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


def clean_frame(spark: SparkSession, *differences: Row) -> DataFrame:
    names = CLEAN_EVENTS.column_names
    rows = [{**RAW_ROW, "event_id": n, **difference} for n, difference in enumerate(differences)]
    return frame(spark, CLEAN_EVENTS, [{name: row[name] for name in names} for row in rows])


def hours(*times: int) -> list[Row]:
    return [{"event_time": utc(f"2020-04-01 {hour:02d}:30")} for hour in times]


def test_every_stage_has_a_path_of_its_own(tmp_path: Path) -> None:
    folders = {stage_in(tmp_path).folder for _ in range(100)}
    assert len(folders) == 100
    assert {Path(folder).parent for folder in folders} == {tmp_path / "t" / "data"}


def test_a_path_is_never_written_twice(spark: SparkSession, tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    first = stage.write_rows(clean_frame(spark, {}), by_hour=False)
    content = [Path(path).read_bytes() for path in first.paths]
    with pytest.raises(Exception, match=r"(?i)exist"):
        stage.write_rows(clean_frame(spark, {}, {}), by_hour=False)
    assert [Path(path).read_bytes() for path in first.paths] == content


def test_staged_files_tell_their_rows_bytes_and_schemas(
    spark: SparkSession, tmp_path: Path
) -> None:
    staged = stage_in(tmp_path).write_rows(clean_frame(spark, {}, {}, {}), by_hour=False)
    assert staged.row_count == 3
    assert staged.byte_count == sum(Path(path).stat().st_size for path in staged.paths) > 0
    assert staged.uris == [f"file://{path}" for path in staged.paths]
    for schema in staged.schemas():
        assert {f.name: f.type for f in schema} == {
            f.name: f.type for f in CLEAN_EVENTS.arrow_schema
        }


def test_files_are_compressed_with_zstd(spark: SparkSession, tmp_path: Path) -> None:
    staged = stage_in(tmp_path).write_rows(clean_frame(spark, {}), by_hour=False)
    for path in staged.paths:
        assert pq.read_metadata(path).row_group(0).column(0).compression == "ZSTD"


def test_by_hour_every_file_holds_one_hour_and_the_columns_of_the_contract(
    spark: SparkSession, tmp_path: Path
) -> None:
    rows = clean_frame(spark, *hours(0, 23, 5, 0, 5, 5)).repartition(4)
    staged = stage_in(tmp_path).write_rows(rows, by_hour=True)
    found = {}
    for path in staged.paths:
        table = pq.ParquetFile(path).read()
        assert table.column_names == CLEAN_EVENTS.column_names
        (hour,) = {time.hour for time in table["event_time"].to_pylist()}
        found[hour] = table.num_rows
        assert staged.bytes_of_hour(hour) == Path(path).stat().st_size
    assert found == {0: 2, 5: 3, 23: 1}
    assert len(staged.paths) == 3
    assert staged.bytes_of_hour(1) == 0
    assert staged.bytes_of_hour(2) == 0  # not those of hour 23


def test_no_rows_are_no_files(spark: SparkSession, tmp_path: Path) -> None:
    for by_hour in (False, True):
        staged = stage_in(tmp_path).write_rows(clean_frame(spark), by_hour=by_hour)
        assert (staged.paths, staged.row_count, staged.byte_count) == ((), 0, 0)
        assert staged.schemas() == []


def test_files_without_rows_are_left_out(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    table = CLEAN_EVENTS.arrow_schema.empty_table()
    write_file(stage, "empty.parquet", table)
    assert stage.collect().paths == ()


def test_discarding_leaves_nothing(spark: SparkSession, tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write_rows(clean_frame(spark, {}), by_hour=False)
    stage.discard()
    assert list((tmp_path / "t" / "data").iterdir()) == []
    stage.discard()
    assert stage.collect().paths == ()
