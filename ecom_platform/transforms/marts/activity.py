"""From events to mart_activity: how many by hour and type, and a week before.

Belongs here: the rows of mart_activity. Not here: columns' meanings, which sessions crawl.
"""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ecom_platform.contracts.marts.activity import KEY, MART_ACTIVITY
from ecom_platform.transforms.marts.breakdowns import with_and_without_crawlers
from ecom_platform.transforms.marts.shares import growth
from ecom_platform.transforms.model.fact import iso_weekday


def build_mart_activity(
    events: DataFrame, a_week_before: DataFrame, *, has_week_before: bool
) -> DataFrame:
    """Build mart_activity of a date.

    Args:
        events: the date's events with `is_crawler_like`.
        a_week_before: those of seven days before, in the same way.
        has_week_before: whether there is an event among these.
    """
    before = (
        _count(a_week_before)
        .withColumn("event_date", F.date_add("event_date", 7))
        .withColumnRenamed("event_count", "before")
    )
    known = F.coalesce("before", F.lit(0).cast("long")) if has_week_before else F.lit(None)
    return (
        _count(events)
        .join(before, on=list(KEY), how="full")
        .withColumn("event_count", F.coalesce("event_count", F.lit(0).cast("long")))
        .withColumn("previous_week_event_count", known.cast("long"))
        .withColumn("event_change", growth("event_count", "previous_week_event_count"))
        .withColumn("day_of_week", iso_weekday("event_date"))
        .withColumn("iso_week", _iso_week())
        .select(MART_ACTIVITY.column_names)
    )


def _count(events: DataFrame) -> DataFrame:
    keys = [name for name in KEY if name != "traffic"]
    counted = events.groupBy(*keys, "is_crawler_like").agg(F.count(F.lit(1)).alias("event_count"))
    return with_and_without_crawlers(counted, keys, ["event_count"])


def _iso_week() -> Column:
    """The year and number of the week: those of its Thursday."""
    thursday = F.date_add("event_date", F.lit(4) - F.col("day_of_week"))
    week = F.floor((F.dayofyear(thursday) - F.lit(1)) / F.lit(7)) + F.lit(1)
    return F.concat(
        F.year(thursday).cast("string"),
        F.lit("-W"),
        F.lpad(week.cast("int").cast("string"), 2, "0"),
    )
