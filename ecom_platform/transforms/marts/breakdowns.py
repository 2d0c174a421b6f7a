"""Breakdowns: dividing events by a value, with numbers in place of names while counting.

Belongs here: what several marts divide alike. Not here: what a mart counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ecom_platform.contracts.marts.columns import ALL_TRAFFIC, EVERYTHING, HUMAN_TRAFFIC


def category_level(number: int, category: str = "category_name") -> Column:
    """A part of the dotted path, from 1; null where the path ends before."""
    return F.get(F.split(F.col(category), r"\."), F.lit(number - 1))


def code_of(breakdown: str) -> str:
    """The column that holds a breakdown's value as a number."""
    return f"{breakdown}_code"


def code_columns(breakdowns: Iterable[str], *beside: Column) -> list[Column]:
    """The values of breakdowns as numbers.

    Grouping by numbers is several times as fast as by texts. Two values would have to share 64
    bits to be taken for one; the same text of two breakdowns has two numbers.

    Args:
        breakdowns: which.
        beside: what is to be told by the same number.
    """
    return [
        F.xxhash64(F.lit(breakdown), *beside, _text(breakdown)).alias(code_of(breakdown))
        for breakdown in breakdowns
    ]


def text_columns(breakdowns: Iterable[str]) -> list[str]:
    """The columns of events that hold the values of breakdowns."""
    return sorted({_text_column(name) for name in breakdowns if name != EVERYTHING})


def session_code() -> Column:
    """The session's id as a number; with user_id it identifies a session."""
    return F.xxhash64("session_id").alias("session_code")


def by_breakdown(rows: DataFrame, breakdowns: Sequence[str], *kept: str) -> DataFrame:
    """Each row once for every breakdown.

    Returns:
        `code`, which tells the breakdown and the value, and the kept columns.
    """
    codes = [F.col(code_of(name)) for name in breakdowns]
    return rows.select(F.explode(F.array(*codes)).alias("code"), *kept)


def divide(rows: DataFrame, breakdowns: Sequence[str], *kept: str) -> DataFrame:
    """Each row once for every breakdown, by the texts of its values; for few rows.

    Returns:
        `breakdown`, `breakdown_value` and the kept columns.
    """
    pairs = [
        F.struct(F.lit(name).alias("breakdown"), _text(name).alias("breakdown_value"))
        for name in breakdowns
    ]
    divided = rows.withColumn("pair", F.explode(F.array(*pairs)))
    return divided.select("pair.breakdown", "pair.breakdown_value", *kept)


def name_values(
    counted: DataFrame, values: DataFrame, breakdowns: Sequence[str], *beside: str
) -> DataFrame:
    """Put what numbers stand for in their place: the names of breakdowns and values.

    Args:
        counted: rows with `code`.
        values: the combinations of values that were counted: their texts, and their codes.
        breakdowns: the breakdowns.
        beside: columns of the combinations that their codes tell too.
    """
    named = [
        values.select(
            F.col(code_of(name)).alias("code"),
            F.lit(name).alias("breakdown"),
            _text(name).alias("breakdown_value"),
            *beside,
        ).distinct()
        for name in breakdowns
    ]
    names = reduce(DataFrame.unionByName, named)
    return counted.join(F.broadcast(names), on="code", how="inner").drop("code")


def with_and_without_crawlers(
    counted: DataFrame, keys: Sequence[str], measures: Sequence[str]
) -> DataFrame:
    """Add up counts of all sessions, and of those that are not crawler-like, as `traffic`.

    Args:
        counted: sums by `is_crawler_like` and the keys.
        keys: what the result is grouped by.
        measures: what is added up.
    """
    kinds = F.when(F.col("is_crawler_like"), F.array(F.lit(ALL_TRAFFIC))).otherwise(
        F.array(F.lit(ALL_TRAFFIC), F.lit(HUMAN_TRAFFIC))
    )
    return (
        counted.withColumn("traffic", F.explode(kinds))
        .groupBy("traffic", *keys)
        .agg(*(F.sum(name).alias(name) for name in measures))
    )


def _text_column(breakdown: str) -> str:
    return "category_name" if breakdown.startswith("category") else breakdown


def _text(breakdown: str) -> Column:
    match breakdown:
        case "all":
            return F.lit(EVERYTHING)
        case "category_level_1":
            return category_level(1)
        case "hour_of_day":
            return F.lpad(F.col(breakdown).cast("string"), 2, "0")
    return F.col(_text_column(breakdown))
