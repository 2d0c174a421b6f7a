"""Hashes of columns that hold one value throughout a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import functions as F

from ecom_platform.transforms.hashing import computed_zero, hashable

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import DataFrame, SparkSession

ROWS = 20_000


def alike(spark: SparkSession, folder: Path) -> DataFrame:
    table = pa.table({"number": pa.array([7] * ROWS), "text": ["seven"] * ROWS})
    pq.write_table(table, folder / "alike.parquet")
    return spark.read.parquet(str(folder / "alike.parquet"))


def test_columns_of_one_value_each_can_be_hashed(spark: SparkSession, tmp_path: Path) -> None:
    rows = alike(spark, tmp_path)
    with_zero = rows.select(F.xxhash64("number", "text", computed_zero()).alias("hash"))
    with_sum = rows.select(F.xxhash64(F.col("number") + computed_zero()).alias("hash"))
    without = hashable(rows).select(F.xxhash64("number", "text").alias("hash"))
    for hashed in (with_zero, with_sum, without):
        assert [row["count"] for row in hashed.groupBy("hash").count().collect()] == [ROWS]


def test_the_zero_is_zero_in_every_row(spark: SparkSession) -> None:
    zeros = spark.range(ROWS).select(computed_zero().alias("zero")).groupBy("zero").count()
    assert [(row["zero"], row["count"]) for row in zeros.collect()] == [(0, ROWS)]
