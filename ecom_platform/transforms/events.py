"""The identity of an event: what makes two delivered rows the same event.

Belongs here: event ids and exact duplicates. Not here: which events are accepted.
"""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql import types as T
from pyspark.sql.window import Window

from ecom_platform.contracts.raw import EVENT_COLUMNS, SHOP_OBJECTS, SOURCE_COLUMNS
from ecom_platform.transforms.hashing import computed_zero

# xxhash64 skips nulls, so ('a', NULL) and (NULL, 'a') would be one event. No source text can
# be this: a line with a NUL byte is refused before.
NULL_MARK = "\u0000"

# A position packs (rank of the object, line in it) into one integer, because engines find the
# minimum of an integer many times faster than that of a struct. 2^40 lines fit one object.
_LINE_BITS = 40

_OF_THE_SHOP = ("source_event_id", "device_type", "source_channel")


def event_id(events: DataFrame) -> Column:
    """The id of an event from a source that gives none: xxhash64 of its nine typed columns.

    It depends on nothing but the event, so it is the same in every batch, order and engine.

    Args:
        events: rows with the nine source columns, before imputation.
    """
    columns = []
    for name in SOURCE_COLUMNS:
        column = F.col(name)
        if isinstance(events.schema[name].dataType, T.StringType):
            column = F.coalesce(column, F.lit(NULL_MARK))
        columns.append(column)
    return F.xxhash64(*columns)


def with_likeness(events: DataFrame) -> DataFrame:
    """Add `likeness`, a hash of the source columns that hold no text, but for the category.

    Rows that are alike in all nine columns are alike in these. To read and hash them costs a
    third of what all nine do.

    Args:
        events: rows with the nine source columns, before imputation.
    """
    numbers = (F.col("user_id") + computed_zero(), "event_time", "product_id", "price")
    return events.withColumn("likeness", F.xxhash64(*numbers))


def find_shared_likenesses(events: DataFrame) -> DataFrame:
    """Find the likenesses that several rows share: their rows may be copies, and no others.

    Integers are grouped many times faster than nine columns, and what is like no other row
    needs no comparison.

    Args:
        events: rows with the nine source columns, before imputation.

    Returns:
        `likeness`; one row each.
    """
    copies = with_likeness(events).groupBy("likeness").agg(F.count(F.lit(1)).alias("copies"))
    return copies.where("copies > 1").select("likeness")


def find_repeated_ids(events: DataFrame) -> DataFrame:
    """Find the ids that several rows share: of copies of one event, hardly ever of two events.

    Args:
        events: rows in the shape of raw_events.

    Returns:
        `event_id`, `hour` and `copies`, the number of its rows; one row an id.
    """
    hour = F.hour("event_time")
    return (
        events.select(event_id(events).alias("event_id"), hour.alias("hour"))
        .groupBy("event_id")
        .agg(F.min("hour").alias("hour"), F.count(F.lit(1)).alias("copies"))
        .where("copies > 1")
    )


def remove_exact_duplicates(events: DataFrame) -> DataFrame:
    """Keep one row of those that are alike in all nine source columns.

    The row with the smallest (source_object, source_row) survives, whatever arrived first.

    Args:
        events: rows in the shape of raw_events.

    Returns:
        event_id, the nine source columns, event_date, source_event_id, device_type,
        source_channel, object_version, source_object and source_row of the survivors. Only the
        shop tells ids, devices and channels, and its row survives one of a file.
    """
    by_name = Window.partitionBy(F.lit(1)).orderBy("source_object", "object_version")
    objects = (
        events.select("source_object", "object_version")
        .distinct()
        .withColumn("object_rank", F.dense_rank().over(by_name).cast("long"))
    )
    position = F.shiftleft("object_rank", _LINE_BITS) + F.col("source_row")
    survivors = (
        events.withColumn("event_id", event_id(events))
        .join(objects, on=["source_object", "object_version"], how="inner")
        .groupBy("event_id", *SOURCE_COLUMNS, "event_date")
        .agg(
            F.min(position).alias("position"),
            *(F.min(name).alias(name) for name in _OF_THE_SHOP),
        )
        .withColumn("object_rank", F.shiftright("position", _LINE_BITS))
    )
    line = F.col("position").bitwiseAND(F.lit((1 << _LINE_BITS) - 1))
    return survivors.join(objects, on="object_rank", how="inner").select(
        "event_id",
        *SOURCE_COLUMNS,
        "event_date",
        *_OF_THE_SHOP,
        "object_version",
        "source_object",
        line.alias("source_row"),
    )


def overruled_by_the_shop(events: DataFrame) -> DataFrame:
    """Find rows of files for events that the shop's tables hold too.

    They are duplicates, also where what they say of the product is not what it is now: of an
    event the shop knows more, and corrects it. What is of the event itself must be alike.

    Args:
        events: rows in the shape of raw_events.

    Returns:
        `event_time`, `source_object`, `source_row`.
    """
    is_of_the_shop = F.col("source_object").startswith(SHOP_OBJECTS)
    known = events.where(is_of_the_shop).select(*EVENT_COLUMNS).distinct()
    of_files = events.where(~is_of_the_shop)
    return of_files.join(known, on=list(EVENT_COLUMNS), how="left_semi").select(
        "event_time", "source_object", "source_row"
    )


def without_rows(events: DataFrame, rows: DataFrame) -> DataFrame:
    """Events but for some rows, which their object and line tell."""
    places = rows.select("source_object", "source_row")
    return events.join(places, on=["source_object", "source_row"], how="left_anti")


def count_events_by_hour(events: DataFrame) -> DataFrame:
    """Count delivered rows and the different events among them, by hour.

    Shares nothing with what the clean step does: checks that are executed on their own count
    with it anew.

    Args:
        events: rows of one event date in the shape of raw_events.

    Returns:
        `hour`, `row_count`, `distinct_count`; one row an hour.
    """
    copies = (
        events.select(F.hour("event_time").alias("hour"), event_id(events).alias("event_id"))
        .groupBy("hour", "event_id")
        .agg(F.count(F.lit(1)).alias("copies"))
    )
    return copies.groupBy("hour").agg(
        F.sum("copies").alias("row_count"), F.count(F.lit(1)).alias("distinct_count")
    )
