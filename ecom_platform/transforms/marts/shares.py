"""Shares and percentiles, defined once for all marts.

Belongs here: numbers that are derived from counts. Not here: which mart shows which.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.window import Window


def share(part: str, whole: str) -> Column:
    """One count divided by another; null where the whole is nothing."""
    return F.when(F.col(whole) > 0, F.col(part).cast("double") / F.col(whole).cast("double"))


def growth(now: str, before: str) -> Column:
    """By how much a number grew, as a share of what it was; null where that was nothing."""
    was = F.col(before).cast("double")
    return F.when(was > 0, (F.col(now).cast("double") - was) / was)


def share_columns(shares: Mapping[str, tuple[str, str]]) -> dict[str, Column]:
    """Columns of shares, each from the names of its part and its whole."""
    return {name: share(part, whole) for name, (part, whole) in shares.items()}


def nearest_rank(sorted_values: str, part: float) -> Column:
    """The smallest of some values with at least that share of them up to it.

    Args:
        sorted_values: a column with all values, smallest first; for groups of any number of
            values, but where they repeat much, `percentiles` needs less memory.
        part: between 0 and 1.
    """
    thousandths = F.size(sorted_values) * F.lit(round(part * 1000)) + F.lit(999)
    return F.element_at(F.col(sorted_values), F.floor(thousandths / F.lit(1000)).cast("int"))


def percentiles(
    counted: DataFrame, keys: Sequence[str], value: str, copies: str, wanted: Mapping[str, float]
) -> DataFrame:
    """Exact percentiles by nearest rank: the smallest value with at least that share up to it.

    No value is made up between two others, so that all engines give the same, decimals included.

    Args:
        counted: one row a value of a group.
        keys: the groups.
        value: the column.
        copies: the column that tells how often the value is there.
        wanted: name -> share between 0 and 1.

    Returns:
        One row a group: the keys and the named percentiles.
    """
    of_group = Window.partitionBy(*keys)
    up_to = of_group.orderBy(value).rowsBetween(Window.unboundedPreceding, Window.currentRow)
    ranked = counted.withColumns(
        {"rank": F.sum(copies).over(up_to), "total": F.sum(copies).over(of_group)}
    )
    # In thousandths, so that no rounding of a product decides.
    return ranked.groupBy(*keys).agg(
        *(
            F.min(
                F.when(
                    F.col("rank") * F.lit(1000) >= F.col("total") * F.lit(round(part * 1000)),
                    F.col(value),
                )
            ).alias(name)
            for name, part in wanted.items()
        )
    )
