"""Folding changes: of every row of the shop the last change, and what became of the others.

Belongs here: the order of changes. Not here: which files they come from, publishing.

The order needs nothing but the rows: files may come in any order, and twice. Of changes of one row
the later one is, by the first of these that differs: the full load before any change; the change
sequence, if all changes of the row have one; the commit; the time in the name of the file; the
file; the row in it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pyspark.sql import Window
from pyspark.sql import functions as F

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

FATES = ("applied", "superseded", "deleted")


def judge_changes(
    changes: DataFrame, key: Sequence[str], load_began_at: dt.datetime | None
) -> DataFrame:
    """Say of every change what became of it.

    Args:
        changes: all that arrived of one table (raw_oltp_<table>).
        key: the columns that name a row.
        load_began_at: what was written before is of an older full load; None if there is none.

    Returns:
        The same rows with `fate`: `applied` for the row that is current, `deleted` for the delete
        that is, `superseded` for all others.
    """
    older = F.lit(False)
    if load_began_at is not None:
        older = F.col("written_at") < F.lit(load_began_at)
    same_row = Window.partitionBy("_older", *key).rowsBetween(
        Window.unboundedPreceding, Window.unboundedFollowing
    )
    newest_first = Window.partitionBy("_older", *key).orderBy(*_newest_first())
    is_ordered = F.col("is_full_load") | F.col("change_seq").isNotNull()
    is_last = F.col("_place") == 1
    fate = (
        F.when(F.col("_older") | ~is_last, F.lit("superseded"))
        .when(F.col("op") == "D", F.lit("deleted"))
        .otherwise(F.lit("applied"))
    )
    names = changes.columns
    return (
        changes.withColumn("_older", older)
        .withColumn("_all_ordered", F.min(is_ordered.cast("int")).over(same_row))
        .withColumn("_place", F.row_number().over(newest_first))
        .select(*names, fate.alias("fate"))
    )


def _newest_first() -> list[Column]:
    sequence = F.when(F.col("_all_ordered") == 1, F.col("change_seq"))
    return [
        F.col("is_full_load").cast("int").asc(),
        sequence.desc_nulls_last(),
        F.col("committed_at").desc_nulls_last(),
        F.col("written_at").desc(),
        F.col("source_object").desc(),
        F.col("source_row").desc(),
    ]


def fold_changes(judged: DataFrame, columns: Sequence[str]) -> DataFrame:
    """The rows of the table as they are now.

    Args:
        judged: what `judge_changes` gives.
        columns: the table's own columns.
    """
    return judged.where(F.col("fate") == "applied").select(*columns)


def of_keys(changes: DataFrame, new: DataFrame, key: Sequence[str]) -> DataFrame:
    """The changes of the rows that other changes speak of."""
    return changes.join(new.select(*key).distinct(), on=list(key), how="left_semi")


def keep_others(rows: DataFrame, new: DataFrame, key: Sequence[str]) -> DataFrame:
    """The rows of a table that no change speaks of."""
    return rows.join(new.select(*key).distinct(), on=list(key), how="left_anti")


def count_fates(judged: DataFrame) -> DataFrame:
    """How many rows of every object had which fate.

    Returns:
        One row an object: source_object, object_version, row_count and `<fate>_count`.
    """
    counts = [F.sum((F.col("fate") == fate).cast("long")).alias(f"{fate}_count") for fate in FATES]
    return judged.groupBy("source_object", "object_version").agg(
        F.count(F.lit(1)).alias("row_count"), *counts
    )
