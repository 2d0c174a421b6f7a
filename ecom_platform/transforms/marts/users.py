"""From the sessions of all dates, or of dates that are added, to mart_users.

Belongs here: rows of mart_users, from all dates or from what it held. Not here: columns' meanings,
who returns (returning.py).
"""

from __future__ import annotations

import datetime as dt
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ecom_platform.contracts.marts.users import MART_USERS
from ecom_platform.contracts.model.counts import EVENT_COUNT_COLUMNS
from ecom_platform.transforms.hashing import hashable
from ecom_platform.transforms.keeping import Keep, not_kept
from ecom_platform.transforms.marts.scores import purchase_recency, with_scores
from ecom_platform.transforms.marts.shares import share
from ecom_platform.transforms.model.partials import revenue

_SECOND = 1_000_000
# What of a user is added up over dates; what is the first date's that has any, and the last's.
_SUMS = (
    "active_days",
    "session_count",
    "session_seconds",
    "event_count",
    "purchase_count",
    "order_count",
    "revenue_usd",
)
_FIRST = ("first_event_date", "first_human_date", "first_purchase_date")
_LAST = ("last_event_date", "last_purchase_date")


def build_mart_users(session_days: DataFrame, as_of_date: dt.date) -> DataFrame:
    """Build mart_users: one row a user, over all dates up to the as-of date.

    Args:
        session_days: all dates up to the as-of date.
        as_of_date: the last of them.
    """
    return _finish(_count_users(session_days), _orders(session_days), as_of_date)


def extend_mart_users(
    mart_users: DataFrame,
    session_days: DataFrame,
    multiday_session_events: DataFrame,
    since: dt.date,
    as_of_date: dt.date,
    keep: Keep = not_kept,
) -> DataFrame:
    """Build mart_users from what it held, and from dates after all that it counts.

    Args:
        mart_users: the rows as of an earlier date.
        session_days: all dates after that one, up to the new as-of date.
        multiday_session_events: all dates up to the new as-of date.
        since: the earlier as-of date.
        as_of_date: the new one.
        keep: computes rows once for all who read them; without it each reader computes them.
    """
    twice = _counted_twice(multiday_session_events, since)
    nothing = F.lit(0).cast("long")
    # Kept: few beside all users, and an engine that knows it gives them to every task.
    added = keep(
        _count_users(session_days)
        .join(F.broadcast(twice), on="user_id", how="left")
        .withColumns(
            {
                "session_count": F.col("session_count") - F.coalesce("sessions_twice", nothing),
                "session_seconds": F.col("session_seconds")
                + F.coalesce("seconds_between", nothing),
            }
        )
        .drop("sessions_twice", "seconds_between")
    )
    orders = mart_users.where("purchase_count > 0").select(
        "user_id", "last_purchase_date", "order_count", "revenue_usd"
    )
    return _finish(_add(mart_users, added), orders.unionByName(_orders(session_days)), as_of_date)


def _count_users(session_days: DataFrame) -> DataFrame:
    """What can be added up by user, of some dates as if there were no others."""
    events = reduce(Column.__add__, (F.col(name) for name in EVENT_COUNT_COLUMNS))
    days = session_days.groupBy("user_id", "event_date").agg(
        F.bool_or("is_crawler_like").alias("is_crawler_like"),
        F.bool_and("is_crawler_like").alias("is_crawler"),
        F.sum(events).alias("event_count"),
        F.count(F.when(F.col("purchase_count") > 0, 1)).alias("order_count"),
        F.sum("purchase_count").alias("purchase_count"),
        F.sum("revenue_usd").alias("spent_usd"),
    )
    date, bought = F.col("event_date"), F.col("order_count") > 0
    return (
        days.groupBy("user_id")
        .agg(
            F.bool_or("is_crawler_like").alias("is_crawler_like"),
            F.min(date).alias("first_event_date"),
            F.max(date).alias("last_event_date"),
            F.min(F.when(~F.col("is_crawler"), date)).alias("first_human_date"),
            F.min(F.when(bought, date)).alias("first_purchase_date"),
            F.max(F.when(bought, date)).alias("last_purchase_date"),
            F.count(F.lit(1)).alias("active_days"),
            *(F.sum(n).alias(n) for n in ("event_count", "order_count", "purchase_count")),
            F.sum("spent_usd").alias("spent_usd"),
        )
        .withColumn("revenue_usd", revenue("spent_usd"))
        .drop("spent_usd")
        .join(_durations(session_days), on="user_id", how="inner")
    )


def _durations(session_days: DataFrame) -> DataFrame:
    """The number of each user's sessions and how long they lasted together."""
    seconds = F.expr(f"(last - first) DIV {_SECOND}")
    return (
        hashable(session_days)
        .groupBy("user_id", F.xxhash64("session_id").alias("session_code"))
        .agg(
            F.min(F.unix_micros("first_event_at")).alias("first"),
            F.max(F.unix_micros("last_event_at")).alias("last"),
        )
        .groupBy("user_id")
        .agg(F.count(F.lit(1)).alias("session_count"), F.sum(seconds).alias("session_seconds"))
    )


def _counted_twice(multiday_session_events: DataFrame, since: dt.date) -> DataFrame:
    """What is wrong when sessions of the old and of the new dates are just added up.

    Args:
        multiday_session_events: all dates.
        since: the last of the old dates.

    Returns:
        By user: `sessions_twice`, how many sessions are on both sides; and `seconds_between`,
        how much longer they are than their two parts, in whole seconds each.
    """
    time, is_old = F.unix_micros("event_time"), F.col("event_date") <= F.lit(since)
    sessions = (
        multiday_session_events.where(F.col("session_start_date") <= F.lit(since))
        .groupBy("user_id", "session_id")
        .agg(
            F.min(time).alias("first"),
            F.max(F.when(is_old, time)).alias("last_before"),
            F.min(F.when(~is_old, time)).alias("first_after"),
            F.max(time).alias("last"),
        )
        .where("first_after IS NOT NULL")
    )
    spans = ("last - first", "last_before - first", "last - first_after")
    both, old, new = (F.expr(f"({span}) DIV {_SECOND}") for span in spans)
    return sessions.groupBy("user_id").agg(
        F.count(F.lit(1)).alias("sessions_twice"), F.sum(both - old - new).alias("seconds_between")
    )


def _add(mart_users: DataFrame, added: DataFrame) -> DataFrame:
    """Users with what later dates add to them, and users that only these have."""

    def of(frame: str, name: str) -> Column:
        return F.col(f"{frame}.{name}")

    nothing = F.lit(0)
    crawls = [F.coalesce(of(frame, "is_crawler_like"), F.lit(False)) for frame in ("old", "new")]
    sums = (
        F.coalesce(of("old", name), nothing) + F.coalesce(of("new", name), nothing)
        for name in _SUMS
    )
    return (
        mart_users.alias("old")
        .join(added.alias("new"), on=of("old", "user_id") == of("new", "user_id"), how="full")
        .select(
            F.coalesce(of("old", "user_id"), of("new", "user_id")).alias("user_id"),
            (crawls[0] | crawls[1]).alias("is_crawler_like"),
            *(F.coalesce(of("old", name), of("new", name)).alias(name) for name in _FIRST),
            *(F.coalesce(of("new", name), of("old", name)).alias(name) for name in _LAST),
            *(
                total.cast("decimal(18,2)" if name == "revenue_usd" else "long").alias(name)
                for name, total in zip(_SUMS, sums, strict=True)
            ),
        )
    )


def _finish(users: DataFrame, orders: DataFrame, as_of_date: dt.date) -> DataFrame:
    """Users with what follows from their counts, the as-of date, and the counts of buyers."""
    as_of = F.lit(as_of_date)
    return (
        users.withColumn("as_of_date", as_of)
        .withColumns(
            {
                "recency_days": F.datediff(as_of, "last_event_date").cast("int"),
                "purchase_recency_days": purchase_recency(as_of_date),
                "is_returning": F.col("active_days") > 1,
                "mean_session_seconds": share("session_seconds", "session_count"),
            }
        )
        .transform(with_scores, orders, as_of_date)
        .select(MART_USERS.column_names)
    )


def _orders(session_days: DataFrame) -> DataFrame:
    """One row an order: who purchased when for how much."""
    return session_days.where("purchase_count > 0").select(
        "user_id",
        F.col("event_date").alias("last_purchase_date"),
        F.lit(1).cast("long").alias("order_count"),
        "revenue_usd",
    )
