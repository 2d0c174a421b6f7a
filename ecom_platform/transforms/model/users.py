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
from ecom_platform.transforms.hashing import computed_zero
from ecom_platform.transforms.keeping import Keep, not_kept
from ecom_platform.transforms.model.partials import revenue

# A score packs (number of events, place of the name) into one integer, because engines find the
# maximum of an integer many times faster than that of a struct. 2^24 names are 16.7 million.
_PLACE_BITS = 24
_LAST_PLACE = (1 << _PLACE_BITS) - 1

# What the shop says of a user.
_PROFILE = ("name", "email", "created_at")

# Different dates of a user are counted as bits of an integer, which hold so many days.
_DAYS_OF_A_SPAN = 60


def build_dim_users(
    session_days: DataFrame,
    user_taste_days: DataFrame,
    as_of_date: dt.date,
    users: DataFrame,
    keep: Keep = not_kept,
) -> DataFrame:
    """Build dim_users: one row a user, over all dates up to the as-of date.

    Distinct counts come from keys, each from its own: a user's dates, a user's sessions.

    Args:
        session_days: all dates up to the as-of date.
        user_taste_days: the same dates.
        as_of_date: the last of them.
        users: the shop's table, as it is now.
        keep: computes rows once for all who read them; without it each reader computes them.
    """
    category = _favourite(user_taste_days, "category_name", "favourite_category", keep)
    brand = _favourite(user_taste_days, "brand", "favourite_brand", keep)
    # Kept: an engine that found them while it adds up users would hold both in memory at once.
    repeated = keep(_repeated_sessions(session_days))
    sessions = F.col("row_count") - F.coalesce(F.col("repeated_count"), F.lit(0).cast("long"))
    return (
        _totals(session_days)
        .join(repeated, on="user_id", how="left")
        .join(category, on="user_id", how="left")
        .join(brand, on="user_id", how="left")
        .withColumns({"session_count": sessions, "revenue_usd": revenue("spent_usd")})
        .transform(_with_profiles, users, as_of_date)
    )


def extend_dim_users(
    dim_users: DataFrame,
    added: DataFrame,
    session_days: DataFrame,
    user_taste_days: DataFrame,
    as_of_date: dt.date,
    users: DataFrame,
    keep: Keep = not_kept,
) -> DataFrame:
    """Build dim_users from what it held, and anew for the users of dates after all that it counts.

    Favourites cannot be added to: what is second on every date can be first in all.

    Args:
        dim_users: the rows as of an earlier date.
        added: session_days of all dates after that one, up to the new as-of date.
        session_days: all dates up to the new as-of date.
        user_taste_days: the same dates.
        as_of_date: the new one.
        users: the shop's table, as it is now.
        keep: as for `build_dim_users`.
    """
    # Kept: few, and an engine that knows it gives them to every task.
    seen = F.broadcast(keep(added.select("user_id").distinct()))
    sessions, tastes = (
        keep(rows.join(seen, on="user_id", how="left_semi"))
        for rows in (session_days.drop("content_digest", "is_crawler_like"), user_taste_days)
    )
    anew = build_dim_users(sessions, tastes, as_of_date, users, keep)
    others = dim_users.join(seen, on="user_id", how="left_anti").drop(*_PROFILE)
    return others.transform(_with_profiles, users, as_of_date).unionByName(anew)


def _with_profiles(counted: DataFrame, users: DataFrame, as_of_date: dt.date) -> DataFrame:
    """Users with what the shop says of them, and the as-of date."""
    profiles = users.select("user_id", *_PROFILE)
    return (
        counted.join(profiles, on="user_id", how="left")
        .withColumn("as_of_date", F.lit(as_of_date))
        .select(DIM_USERS.column_names)
    )


def _totals(session_days: DataFrame) -> DataFrame:
    """What can be added up by user, `active_days`, and `row_count`, the rows of session_days.

    Two group-bys: the first, by user and span of days, leaves about a row a user of each span. A
    count of different (user, date) would have to keep them all.
    """
    day = "datediff(event_date, DATE'1970-01-01')"
    spans = session_days.withColumns(
        {
            "span": F.expr(f"{day} DIV {_DAYS_OF_A_SPAN}"),
            "day_bit": F.expr(f"shiftleft(CAST(1 AS BIGINT), pmod({day}, {_DAYS_OF_A_SPAN}))"),
        }
    )
    by_span = spans.groupBy("user_id", "span").agg(
        F.min("first_event_at").alias("first_seen_at"),
        F.max("last_event_at").alias("last_seen_at"),
        *(F.sum(name).alias(name) for name in EVENT_COUNT_COLUMNS),
        F.sum("revenue_usd").alias("spent_usd"),
        F.count(F.lit(1)).alias("row_count"),
        F.bit_or("day_bit").alias("day_bits"),
    )
    added_up = (*EVENT_COUNT_COLUMNS, "spent_usd", "row_count")
    return by_span.groupBy("user_id").agg(
        F.min("first_seen_at").alias("first_seen_at"),
        F.max("last_seen_at").alias("last_seen_at"),
        *(F.sum(name).alias(name) for name in added_up),
        F.sum(F.bit_count("day_bits").cast("long")).alias("active_days"),
    )


def _repeated_sessions(session_days: DataFrame) -> DataFrame:
    """How many rows of each user are of a session that another row counts: `repeated_count`.

    A session that lasts past midnight has a row on each date. Only rows whose session shares its
    hash with another row are compared by the key itself: few, and never by the hash alone.
    """
    hashed = _with_session_hash(session_days)
    suspects = (
        hashed.groupBy("session_hash").agg(F.count(F.lit(1)).alias("copies")).where("copies > 1")
    )
    sessions = (
        hashed.join(F.broadcast(suspects), on="session_hash", how="left_semi")
        .groupBy("user_id", "session_id")
        .agg((F.count(F.lit(1)) - F.lit(1)).alias("repeated"))
    )
    return sessions.groupBy("user_id").agg(F.sum("repeated").alias("repeated_count"))


def _with_session_hash(session_days: DataFrame) -> DataFrame:
    session_hash = F.xxhash64(F.col("user_id") + computed_zero(), "session_id")
    return session_days.select("user_id", "session_id", session_hash.alias("session_hash"))


def _favourite(user_taste_days: DataFrame, column: str, name: str, keep: Keep) -> DataFrame:
    """The value with most events by user; of equals the first by name, `unknown` after all."""
    by_name = Window.partitionBy(F.lit(1)).orderBy(column)
    # Kept: an engine that knows how few they are gives them to every task.
    places = keep(
        user_taste_days.select(column)
        .distinct()
        .withColumn("place", F.row_number().over(by_name).cast("long"))
        .withColumn("weight", F.when(F.col(column) == UNKNOWN, 0).otherwise(1).cast("long"))
    )
    # The place before the count: integers are grouped many times faster than names.
    counted = (
        user_taste_days.select("user_id", column, "event_count")
        .join(F.broadcast(places), on=column, how="inner")
        .groupBy("user_id", "place")
        .agg(F.sum(F.col("event_count") * F.col("weight")).alias("event_count"))
    )
    score = F.shiftleft("event_count", _PLACE_BITS) + F.lit(_LAST_PLACE) - F.col("place")
    best = (
        counted.groupBy("user_id")
        .agg(F.max(score).alias("score"))
        .withColumn("place", F.lit(_LAST_PLACE) - F.col("score").bitwiseAND(F.lit(_LAST_PLACE)))
    )
    return best.join(F.broadcast(places), on="place", how="inner").select(
        "user_id", F.col(column).alias(name)
    )
