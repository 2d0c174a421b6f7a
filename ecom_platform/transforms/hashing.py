"""Hashing: taking hashes of columns so that every engine survives it.

Belongs here: what must be done before xxhash64. Not here: what is hashed, and what for.
"""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F


def hashable(rows: DataFrame) -> DataFrame:
    """The same rows, of which columns may be hashed that hold one value throughout a file.

    Sail 0.7.2 reads that value in place of the column, and xxhash64 of nothing but such values
    ends in a panic. It does so only for what is computed while reading a file, and nothing moves
    ahead of an explode.
    """
    return rows.withColumn("once", F.explode(F.array(F.lit(1)))).drop("once")


def computed_zero() -> Column:
    """A zero that is computed for every row: what hashing a column of integers plus it survives.

    It does what `hashable` does where rows are wide, and copies none of them. Spark refuses it
    within an aggregate function: give the hash a column of its own first. A random number below
    one, cut to an integer, takes a tenth of what a row number takes.
    """
    return F.expr("CAST(rand() AS BIGINT)")
