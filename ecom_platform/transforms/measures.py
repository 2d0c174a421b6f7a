"""Measures: what is true of some rows, in one pass, compiled from a contract.

Belongs here: counting rows and rule violations. Not here: whether a number is acceptable.
"""

from __future__ import annotations

from collections.abc import Collection

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql import types as T

from ecom_platform.contracts.table import TableContract
from ecom_platform.transforms.hashing import computed_zero


def measure_rows(
    rows: DataFrame, contract: TableContract, proven: Collection[str] = ()
) -> DataFrame:
    """Count rows and the violations of every row rule, by hour, in one pass.

    Args:
        rows: rows of one event date in the shape of the contract.
        contract: the rules.
        proven: names of rules that need not be counted; columns are read only for the others.

    Returns:
        One row an hour that holds rows: `hour`, `row_count`, a column for every counted rule with
        the number of rows that break it, and one for every counted value. Rows without an event
        time count under a null hour, and so do all rows of a table that has no such column.
    """
    counted = [rule for rule in contract.rules if rule.name not in proven]
    violations = [_count_where(rule.violation, rule.name) for rule in counted]
    values = [_count_where(value.condition, value.name) for value in contract.counted_values]
    has_time = "event_time" in contract.column_names
    hour = F.hour("event_time") if has_time else F.lit(None).cast("int")
    return rows.groupBy(hour.alias("hour")).agg(
        F.count(F.lit(1)).alias("row_count"), *violations, *values
    )


def count_repeated_hashes(rows: DataFrame, contract: TableContract) -> DataFrame:
    """Count the hashes of keys that more than one row has: one row, `repeated_hashes`.

    Where no hash repeats, no key does. Where one does, count_repeated_keys says whether the keys
    are equal or only their hashes. Integers are grouped many times faster than texts.
    """
    hashes = rows.select(_key_hash(contract).alias("key_hash"))
    per_hash = hashes.groupBy("key_hash").agg(F.count(F.lit(1)).alias("copies"))
    return per_hash.where("copies > 1").agg(F.count(F.lit(1)).alias("repeated_hashes"))


def count_repeated_keys(rows: DataFrame, contract: TableContract) -> DataFrame:
    """Count the keys that more than one row has: one row, `repeated_keys`."""
    per_key = rows.groupBy(*contract.key).agg(F.count(F.lit(1)).alias("copies"))
    return per_key.where("copies > 1").agg(F.count(F.lit(1)).alias("repeated_keys"))


def _key_hash(contract: TableContract) -> Column:
    """A hash of the key; a key that is one integer within its date is its own."""
    own = [name for name in contract.key if name != contract.partition_by]
    if [contract.spark_schema[name].dataType for name in own] == [T.LongType()]:
        return F.col(own[0])
    return F.xxhash64(*contract.key, computed_zero())


def _count_where(condition: str, name: str) -> Column:
    return F.count(F.when(F.expr(condition), 1)).alias(name)
