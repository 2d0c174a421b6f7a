"""From clean_events to the fact.

Belongs here: the rows of fact_user_events. Not here: columns' meanings, files, schedules.
"""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ecom_platform.contracts.clean import UNKNOWN


def build_fact_user_events(clean_events: DataFrame) -> DataFrame:
    """Build fact_user_events from accepted events.

    Args:
        clean_events: rows of clean_events.

    Returns:
        Rows in the shape of the fact_user_events contract; grain: one accepted event.
    """
    return clean_events.select(
        "event_id",
        "event_time",
        "event_date",
        "event_type",
        "user_id",
        "product_id",
        "price",
        F.col("user_session").alias("session_id"),
        F.col("category_code").alias("category_name"),
        "brand",
        *(
            F.coalesce(F.col(name), F.lit(UNKNOWN)).alias(name)
            for name in ("device_type", "source_channel")
        ),
        iso_weekday("event_time").alias("day_of_week"),
        F.hour("event_time").cast("int").alias("hour_of_day"),
    )


def iso_weekday(column: str) -> Column:
    """1 for Monday to 7 for Sunday.

    Not from `weekday`: Sail 0.7.2 gives -1 for Sundays, where Spark gives 6.
    """
    return ((F.dayofweek(column) + F.lit(5)) % F.lit(7) + F.lit(1)).cast("int")
