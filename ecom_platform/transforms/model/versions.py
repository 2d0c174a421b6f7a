"""The versions of products: when their brand, category or price changed.

Belongs here: finding changes, within a date and over all dates. Not here: counts of events.
"""

from __future__ import annotations

import datetime as dt
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.window import Window

from ecom_platform.contracts.model import DIM_PRODUCT_VERSIONS, PRODUCT_VERSION_DAYS
from ecom_platform.contracts.model.products import VERSIONED_COLUMNS
from ecom_platform.transforms.keeping import Keep, not_kept


def build_product_version_days(clean_events: DataFrame, keep: Keep = not_kept) -> DataFrame:
    """Build product_version_days: the changes within each date, the first event among them.

    Most products show the same values all day: they need no order. Only the others are sorted.

    Args:
        clean_events: accepted events; the fact does not know category_id.
        keep: computes rows once for all who read them; without it each reader computes them.
    """
    states = clean_events.groupBy("event_date", "product_id", *VERSIONED_COLUMNS).agg(
        F.min("event_time").alias("valid_from")
    )
    steady, changing = _divide(states, ["event_date", "product_id"], keep)
    moments = (
        clean_events.join(changing, on=["event_date", "product_id"], how="left_semi")
        .withColumnRenamed("event_time", "valid_from")
        .select("event_date", "product_id", "valid_from", *VERSIONED_COLUMNS)
        .distinct()
    )
    changes = _changes(_one_a_moment(moments), ["event_date", "product_id"])
    names = PRODUCT_VERSION_DAYS.column_names
    return steady.select(names).unionByName(changes.select(names))


def build_dim_product_versions(
    product_version_days: DataFrame, as_of_date: dt.date, keep: Keep = not_kept
) -> DataFrame:
    """Build dim_product_versions: what each product was, from when to when.

    Args:
        product_version_days: all dates up to the as-of date.
        as_of_date: the last of them.
        keep: computes rows once for all who read them; without it each reader computes them.
    """
    states = product_version_days.groupBy("product_id", *VERSIONED_COLUMNS).agg(
        F.min("valid_from").alias("valid_from")
    )
    steady, changing = _divide(states, ["product_id"], keep)
    candidates = product_version_days.join(changing, on="product_id", how="left_semi")
    by_time = Window.partitionBy("product_id").orderBy("valid_from")
    changes = _changes(candidates, ["product_id"]).withColumn(
        "valid_to", F.lead("valid_from").over(by_time)
    )
    names = ["product_id", "valid_from", "valid_to", *VERSIONED_COLUMNS]
    steady = steady.withColumn("valid_to", F.lit(None).cast("timestamp"))
    return (
        steady.select(names)
        .unionByName(changes.select(names))
        .withColumn("as_of_date", F.lit(as_of_date))
        .select(DIM_PRODUCT_VERSIONS.column_names)
    )


def current_versions(product_version_days: DataFrame) -> DataFrame:
    """What each product was at its last event: one row a product, with VERSIONED_COLUMNS."""
    last = product_version_days.groupBy("product_id").agg(F.max("valid_from").alias("valid_from"))
    current = product_version_days.join(last, on=["product_id", "valid_from"], how="inner")
    return current.select("product_id", *VERSIONED_COLUMNS)


def count_version_faults(versions: DataFrame) -> DataFrame:
    """Count what keeps versions from following each other without overlap and gap.

    With unique (product_id, valid_from) and no empty period, versions of a product form one
    chain exactly when each but one ends where another begins, and no two end alike.

    Args:
        versions: rows of dim_product_versions.

    Returns:
        One row: `product_count`, `current_count`, `gap_count` (versions that end where none
        begins), `overlap_count` (ends that several versions of a product share),
        `unchanged_count` (versions that are followed by the same values).
    """
    following = versions.select(
        "product_id",
        F.col("valid_from").alias("valid_to"),
        F.lit(1).alias("found"),
        *(F.col(name).alias(f"next_{name}") for name in VERSIONED_COLUMNS),
    )
    ended = versions.where(F.col("valid_to").isNotNull())
    same = reduce(
        Column.__and__, (F.col(name) == F.col(f"next_{name}") for name in VERSIONED_COLUMNS)
    )
    links = ended.join(following, on=["product_id", "valid_to"], how="left").agg(
        F.count(F.when(F.col("found").isNull(), 1)).alias("gap_count"),
        F.count(F.when(same, 1)).alias("unchanged_count"),
    )
    ends = ended.groupBy("product_id", "valid_to").agg(F.count(F.lit(1)).alias("copies"))
    overlaps = ends.where("copies > 1").agg(F.count(F.lit(1)).alias("overlap_count"))
    products = versions.groupBy("product_id").agg(
        F.count(F.when(F.col("valid_to").isNull(), 1)).alias("current")
    )
    totals = products.agg(
        F.count(F.lit(1)).alias("product_count"),
        F.count(F.when(F.col("current") == 1, 1)).alias("current_count"),
    )
    return totals.crossJoin(links).crossJoin(overlaps)


def _divide(states: DataFrame, group: list[str], keep: Keep) -> tuple[DataFrame, DataFrame]:
    """The one state of groups that have one, and the keys of the groups that have several.

    Both are read from the same rows, and the keys are few: an engine should know it.
    """
    # The minimum of one value is that value; a join would compute the states once more.
    only = (F.min(name).alias(name) for name in ("valid_from", *VERSIONED_COLUMNS))
    divided = keep(states.groupBy(*group).agg(F.count(F.lit(1)).alias("state_count"), *only))
    steady = divided.where("state_count = 1").drop("state_count")
    return steady, divided.where("state_count > 1").select(*group)


def _one_a_moment(moments: DataFrame) -> DataFrame:
    """Of the different states that a product shows in one second keep one, by its values."""
    by_value = Window.partitionBy("event_date", "product_id", "valid_from").orderBy(
        *VERSIONED_COLUMNS
    )
    ranked = moments.withColumn("place", F.row_number().over(by_value))
    return ranked.where("place = 1").drop("place")


def _changes(moments: DataFrame, group: list[str]) -> DataFrame:
    """Keep the first moment of each group and those that differ from the one before.

    Args:
        moments: one row a group and `valid_from`, with VERSIONED_COLUMNS that are never null.
        group: the columns of a group.
    """
    by_time = Window.partitionBy(*group).orderBy("valid_from")
    previous = {f"previous_{name}": F.lag(name).over(by_time) for name in VERSIONED_COLUMNS}
    differs = [F.col(name) != F.col(f"previous_{name}") for name in VERSIONED_COLUMNS]
    is_first = F.col(f"previous_{VERSIONED_COLUMNS[0]}").isNull()
    kept = moments.withColumns(previous).where(reduce(Column.__or__, differs, is_first))
    return kept.drop(*previous)
