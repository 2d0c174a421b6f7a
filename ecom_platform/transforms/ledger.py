"""The row ledger's counts: where each stored row stands, told by where it came from.

Belongs here: counting fates from stored rows, sharing nothing with the transforms that wrote
them. Not here: whether the counts are right, which rows of which hours are counted.
"""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.window import Window

from ecom_platform.contracts.raw import EVENT_COLUMNS, SHOP_OBJECTS, SOURCE_COLUMNS

_PLACE = ("source_object", "source_row")

# Never null in raw_events, and together hardly ever alike: they find the rows worth comparing.
_TELLING = ("event_time", "user_id", "product_id")


def count_places(raw: DataFrame, clean: DataFrame, rejected: DataFrame) -> DataFrame:
    """Count lines by the tables that they stand in.

    Each line is looked at in all three tables at once, so that a line that is nowhere, or twice
    in one of them, or published although no raw row is there, shows as what it is.

    Args:
        raw: rows of raw_events.
        clean: rows of clean_events of the same hours.
        rejected: rows of rejected_events, layer `clean`, of the same hours.

    Returns:
        `source_object`, `event_hour`, `in_raw`, `in_clean`, `in_rejected` (rows of a line),
        `line_count` (lines of that kind) and `first_row`, the smallest of them.
    """
    tables = {"in_raw": raw, "in_clean": clean, "in_rejected": rejected}
    placed = [
        rows.select(*_PLACE, _hour(), *(F.lit(int(here == name)).alias(here) for here in tables))
        for name, rows in tables.items()
    ]
    of_line = (
        placed[0]
        .unionAll(placed[1])
        .unionAll(placed[2])
        .groupBy(*_PLACE)
        .agg(F.max("event_hour").alias("event_hour"), *(F.sum(n).alias(n) for n in tables))
    )
    return of_line.groupBy("source_object", "event_hour", *tables).agg(*_lines())


def count_repetitions(raw: DataFrame, published: DataFrame) -> DataFrame:
    """Count raw rows that were not published themselves, by whether they repeat one that was.

    A row repeats another when all nine source columns are alike, nulls as well, and the other
    is published and comes first by (source_object, source_row). A row of a file also repeats one
    of the shop's tables that is published and alike in the columns of the event itself, none of
    them null. All others are lost.

    Args:
        raw: rows of raw_events.
        published: `source_object` and `source_row` of the clean and the rejected rows of the
            same hours.

    Returns:
        `source_object`, `event_hour`, `repeats`, `line_count`, `first_row`.
    """
    places = published.select(*_PLACE, F.lit(1).alias("is_published"))
    unpublished = raw.select(*_PLACE, *_TELLING).join(places, on=list(_PLACE), how="left_anti")
    suspects = raw.select(*_PLACE, *SOURCE_COLUMNS).join(
        unpublished.select(*_TELLING).distinct(), on=list(_TELLING), how="left_semi"
    )
    up_to_here = (
        Window.partitionBy(*SOURCE_COLUMNS)
        .orderBy(*_PLACE)
        .rowsBetween(Window.unboundedPreceding, Window.currentRow)
    )
    of_the_event = Window.partitionBy(*EVENT_COLUMNS).rowsBetween(
        Window.unboundedPreceding, Window.unboundedFollowing
    )
    is_of_the_shop = F.col("source_object").startswith(SHOP_OBJECTS)
    known_to_shop = F.max(F.when(is_of_the_shop, F.col("is_published"))).over(of_the_event)
    is_whole = F.col("user_session").isNotNull() & F.col("event_type").isNotNull()
    follows = F.max("is_published").over(up_to_here).isNotNull() | (
        ~is_of_the_shop & is_whole & known_to_shop.isNotNull()
    )
    judged = suspects.join(places, on=list(_PLACE), how="left").withColumn("repeats", follows)
    return (
        judged.where(F.col("is_published").isNull())
        .groupBy("source_object", _hour(), "repeats")
        .agg(*_lines())
    )


def find_unequal_events(clean: DataFrame, fact: DataFrame) -> DataFrame:
    """Find events that are not exactly once in clean_events and in the fact.

    Args:
        clean: rows of clean_events.
        fact: rows of fact_user_events of the same hours.

    Returns:
        `event_id`, `in_clean`, `in_fact` (rows of the event).
    """
    events = clean.select("event_id", F.lit(1).alias("in_clean"), F.lit(0).alias("in_fact"))
    events = events.unionAll(fact.select("event_id", F.lit(0), F.lit(1)))
    of_event = events.groupBy("event_id").agg(
        F.sum("in_clean").alias("in_clean"), F.sum("in_fact").alias("in_fact")
    )
    return of_event.where("in_clean <> 1 OR in_fact <> 1")


def count_unequal_events(unequal: DataFrame, clean: DataFrame) -> DataFrame:
    """Count the events that `find_unequal_events` found, by the object that they came from.

    Returns:
        `source_object` (null where no clean row is there), `in_clean`, `in_fact`, `event_count`
        and `first_id`.
    """
    origins = clean.select("event_id", "source_object").distinct()
    named = unequal.join(origins, on="event_id", how="left")
    return named.groupBy("source_object", "in_clean", "in_fact").agg(
        F.count(F.lit(1)).alias("event_count"), F.min("event_id").alias("first_id")
    )


def count_rejected(rejected: DataFrame) -> DataFrame:
    """Count rows of rejected_events: `source_object`, `event_hour`, `reason`, `line_count`.

    The hour is null for lines that are no event.
    """
    return rejected.groupBy("source_object", _hour(), "reason").agg(*_lines())


def _lines() -> tuple[Column, Column]:
    return F.count(F.lit(1)).alias("line_count"), F.min("source_row").alias("first_row")


def _hour() -> Column:
    return F.hour("event_time").alias("event_hour")
