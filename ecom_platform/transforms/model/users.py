"""From partials to dim_users.

Belongs here: adding up what users did, and their favourites. Not here: columns' meanings.
"""

from __future__ import annotations

import datetime as dt

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.window import Window

from ecom_platform.contracts.clean import UNKNOWN
from ecom_platform.contracts.model import DIM_USERS
from ecom_platform.contracts.model.counts import EVENT_COUNT_COLUMNS
from ecom_platform.transforms.model.partials import revenue

# A score packs (number of events, place of the name) into one integer, because engines find the
# maximum of an integer many times faster than that of a struct. 2^24 names are 16.7 million.
_PLACE_BITS = 24
_LAST_PLACE = (1 << _PLACE_BITS) - 1


def build_dim_users(
    session_days: DataFrame, user_taste_days: DataFrame, as_of_date: dt.date, users: DataFrame
) -> DataFrame:
    """Build dim_users: one row a user, over all dates up to the as-of date.

    Distinct counts come from keys, each from its own: a user's dates, a user's sessions.

    Args:
        session_days: all dates up to the as-of date.
        user_taste_days: the same dates.
        as_of_date: the last of them.
        users: the shop's table, as it is now.
    """
    profiles = users.select("user_id", "name", "email", "created_at")
    totals = session_days.groupBy("user_id").agg(
        F.min("first_event_at").alias("first_seen_at"),
        F.max("last_event_at").alias("last_seen_at"),
        *(F.sum(name).alias(name) for name in EVENT_COUNT_COLUMNS),
        F.sum("revenue_usd").alias("spent_usd"),
    )
    days = _count_distinct(session_days, "event_date", "active_days")
    sessions = _count_distinct(session_days, "session_id", "session_count")
    category = _favourite(user_taste_days, "category_name", "favourite_category")
    brand = _favourite(user_taste_days, "brand", "favourite_brand")
    return (
        totals.withColumn("revenue_usd", revenue("spent_usd"))
        .join(days, on="user_id", how="left")
        .join(sessions, on="user_id", how="left")
        .join(category, on="user_id", how="left")
        .join(brand, on="user_id", how="left")
        .join(profiles, on="user_id", how="left")
        .withColumn("as_of_date", F.lit(as_of_date))
        .select(DIM_USERS.column_names)
    )


def _count_distinct(session_days: DataFrame, column: str, name: str) -> DataFrame:
    """The number of different values of a column by user.

    Two group-bys: with millions of users one with count(distinct) does not end on Sail 0.7.
    """
    keys = session_days.select("user_id", column).distinct()
    return keys.groupBy("user_id").agg(F.count(F.lit(1)).alias(name))


def _favourite(user_taste_days: DataFrame, column: str, name: str) -> DataFrame:
    """The value with most events by user; of equals the first by name, `unknown` after all."""
    by_name = Window.partitionBy(F.lit(1)).orderBy(column)
    places = (
        user_taste_days.select(column)
        .distinct()
        .withColumn("place", F.row_number().over(by_name).cast("long"))
    )
    counted = user_taste_days.groupBy("user_id", column).agg(
        F.sum("event_count").alias("event_count")
    )
    known_count = F.when(F.col(column) == UNKNOWN, 0).otherwise(F.col("event_count"))
    score = F.shiftleft(known_count.cast("long"), _PLACE_BITS) + F.lit(_LAST_PLACE) - F.col("place")
    best = (
        counted.join(F.broadcast(places), on=column, how="inner")
        .groupBy("user_id")
        .agg(F.max(score).alias("score"))
        .withColumn("place", F.lit(_LAST_PLACE) - F.col("score").bitwiseAND(F.lit(_LAST_PLACE)))
    )
    return best.join(F.broadcast(places), on="place", how="inner").select(
        "user_id", F.col(column).alias(name)
    )
