"""Counting: one number of some rows, for equations.

Belongs here: running an aggregate. Not here: what is counted, and what it must agree with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def count(rows: DataFrame, sql: str) -> int:
    """One number counted over rows; over none it is 0."""
    return int(rows.agg(F.expr(sql).alias("counted")).collect()[0]["counted"] or 0)
