"""The likeness of events: which rows may be copies, and that no copy is overlooked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from ecom_platform.contracts.raw import RAW_EVENTS
from ecom_platform.transforms.events import find_shared_likenesses, with_likeness
from ecom_platform_tests.samples import collect, raw_frame, raw_rows, utc

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import SparkSession


def test_likenesses_are_shared_by_rows_that_differ_in_nothing_but_text(spark: SparkSession) -> None:
    texts = {"brand": None, "category_code": None, "user_session": None, "event_type": "cart"}
    alike = raw_frame(spark, {}, texts, {"user_id": 7})
    (shared,) = collect(find_shared_likenesses(alike))
    of_rows = [row["likeness"] for row in collect(with_likeness(alike))]
    assert of_rows.count(shared["likeness"]) == 2
    for column, value in {"product_id": 7, "price": None, "event_time": utc("2020-04-01")}.items():
        assert not collect(find_shared_likenesses(raw_frame(spark, {}, {column: value})))


def test_a_file_with_one_value_throughout_has_likenesses(
    spark: SparkSession, tmp_path: Path
) -> None:
    rows = pa.Table.from_pylist(raw_rows([{}, {}]), schema=RAW_EVENTS.arrow_schema)
    pq.write_table(rows, tmp_path / "one.parquet")
    assert len(collect(find_shared_likenesses(spark.read.parquet(str(tmp_path))))) == 1
