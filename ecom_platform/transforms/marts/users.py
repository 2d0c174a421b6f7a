"""From the sessions of all dates to the users' marts: who comes, comes back, and buys.

Belongs here: rows of mart_users, mart_daily_users, mart_cohorts. Not here: columns' meanings.
"""

from __future__ import annotations

import datetime as dt
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ecom_platform.contracts.marts.columns import ALL_TRAFFIC, HUMAN_TRAFFIC
from ecom_platform.contracts.marts.users import MART_COHORTS, MART_DAILY_USERS, MART_USERS, SCORES
from ecom_platform.contracts.model.counts import EVENT_COUNT_COLUMNS
from ecom_platform.transforms.hashing import hashable
from ecom_platform.transforms.marts.shares import percentiles, share
from ecom_platform.transforms.model.fact import iso_weekday
from ecom_platform.transforms.model.partials import revenue

_SECOND = 1_000_000
_SCORED = {
    "purchase_recency_days": "recency_score",
    "order_count": "frequency_score",
    "revenue_usd": "monetary_score",
}
_BOUNDS = {f"bound_{n}": n / SCORES for n in range(1, SCORES)}


def build_mart_users(session_days: DataFrame, as_of_date: dt.date) -> DataFrame:
    """Build mart_users: one row a user, over all dates up to the as-of date.

    Args:
        session_days: all dates up to the as-of date.
        as_of_date: the last of them.
    """
    bought = F.col("purchase_count") > 0
    events = reduce(Column.__add__, (F.col(name) for name in EVENT_COUNT_COLUMNS))
    totals = session_days.groupBy("user_id").agg(
        F.bool_or("is_crawler_like").alias("is_crawler_like"),
        F.min("event_date").alias("first_event_date"),
        F.max("event_date").alias("last_event_date"),
        F.sum(events).alias("event_count"),
        F.count(F.when(bought, 1)).alias("order_count"),
        F.sum("purchase_count").alias("purchase_count"),
        F.sum("revenue_usd").alias("spent_usd"),
        F.max(F.when(bought, F.col("event_date"))).alias("last_purchase_date"),
    )
    days = session_days.select("user_id", "event_date").distinct()
    active = days.groupBy("user_id").agg(F.count(F.lit(1)).alias("active_days"))
    as_of = F.lit(as_of_date)
    users = (
        totals.join(active, on="user_id", how="inner")
        .join(_durations(session_days), on="user_id", how="inner")
        .withColumn("revenue_usd", revenue("spent_usd"))
        .withColumn("as_of_date", as_of)
        .withColumn("recency_days", F.datediff(as_of, "last_event_date").cast("int"))
        .withColumn("purchase_recency_days", F.datediff(as_of, "last_purchase_date").cast("int"))
        .withColumn("is_returning", F.col("active_days") > 1)
    )
    return _with_scores(users).select(MART_USERS.column_names)


def build_mart_daily_users(session_days: DataFrame, as_of_date: dt.date) -> DataFrame:
    """Build mart_daily_users: new and returning users of each date.

    Args:
        session_days: all dates up to the as-of date.
        as_of_date: the last of them.
    """
    users = _user_days(session_days)
    bought = F.col("purchase_count") > 0
    firsts = users.groupBy("traffic", "user_id").agg(
        F.min("event_date").alias("first_event_date"),
        F.min(F.when(bought, F.col("event_date"))).alias("first_purchase_date"),
    )
    is_new = F.col("event_date") == F.col("first_event_date")
    return (
        users.join(firsts, on=["traffic", "user_id"], how="inner")
        .groupBy("event_date", "traffic")
        .agg(
            F.count(F.lit(1)).alias("user_count"),
            F.count(F.when(is_new, 1)).alias("new_user_count"),
            F.count(F.when(~is_new, 1)).alias("returning_user_count"),
            F.count(F.when(bought, 1)).alias("buyer_count"),
            F.count(F.when(F.col("event_date") == F.col("first_purchase_date"), 1)).alias(
                "new_buyer_count"
            ),
        )
        .withColumn("as_of_date", F.lit(as_of_date))
        .select(MART_DAILY_USERS.column_names)
    )


def build_mart_cohorts(session_days: DataFrame, as_of_date: dt.date) -> DataFrame:
    """Build mart_cohorts: the users of each first week, in it and in each week after it.

    Args:
        session_days: all dates up to the as-of date.
        as_of_date: the last of them.
    """
    monday = F.date_sub("event_date", iso_weekday("event_date") - F.lit(1))
    weeks = (
        _user_days(session_days)
        .withColumn("week_start_date", monday)
        .groupBy("traffic", "user_id", "week_start_date")
        .agg(F.sum("purchase_count").alias("purchase_count"), F.sum("spent_usd").alias("spent_usd"))
    )
    first = weeks.groupBy("traffic", "user_id").agg(
        F.min("week_start_date").alias("cohort_start_date")
    )
    number = F.floor(F.datediff("week_start_date", "cohort_start_date") / F.lit(7)).cast("int")
    counted = (
        weeks.join(first, on=["traffic", "user_id"], how="inner")
        .groupBy("cohort_start_date", "traffic", number.alias("week_number"))
        .agg(
            F.count(F.lit(1)).alias("active_user_count"),
            F.count(F.when(F.col("purchase_count") > 0, 1)).alias("buyer_count"),
            F.sum("spent_usd").alias("spent_usd"),
        )
    )
    sizes = counted.where("week_number = 0").select(
        "cohort_start_date", "traffic", F.col("active_user_count").alias("cohort_user_count")
    )
    last_day = F.date_add("cohort_start_date", F.col("week_number") * F.lit(7) + F.lit(6))
    return (
        counted.join(F.broadcast(sizes), on=["cohort_start_date", "traffic"], how="inner")
        .withColumn("retention_rate", share("active_user_count", "cohort_user_count"))
        .withColumn("revenue_usd", revenue("spent_usd"))
        .withColumn("as_of_date", F.lit(as_of_date))
        .withColumn("is_complete", last_day <= F.col("as_of_date"))
        .select(MART_COHORTS.column_names)
    )


def _durations(session_days: DataFrame) -> DataFrame:
    """The number of each user's sessions and their mean duration."""
    seconds = F.expr(f"(last - first) DIV {_SECOND}")
    return (
        hashable(session_days)
        .groupBy("user_id", F.xxhash64("session_id").alias("session_code"))
        .agg(
            F.min(F.unix_micros("first_event_at")).alias("first"),
            F.max(F.unix_micros("last_event_at")).alias("last"),
        )
        .groupBy("user_id")
        .agg(F.count(F.lit(1)).alias("session_count"), F.sum(seconds).alias("seconds"))
        .withColumn("mean_session_seconds", share("seconds", "session_count"))
        .drop("seconds")
    )


def _user_days(session_days: DataFrame) -> DataFrame:
    """One row a user, date and traffic; crawler-like sessions are left out of the human one."""
    days = session_days.groupBy("user_id", "event_date").agg(
        F.bool_and("is_crawler_like").alias("is_crawler_like"),
        F.sum("purchase_count").alias("purchase_count"),
        F.sum("revenue_usd").alias("spent_usd"),
    )
    kinds = F.when(F.col("is_crawler_like"), F.array(F.lit(ALL_TRAFFIC))).otherwise(
        F.array(F.lit(ALL_TRAFFIC), F.lit(HUMAN_TRAFFIC))
    )
    return days.withColumn("traffic", F.explode(kinds))


def _with_scores(users: DataFrame) -> DataFrame:
    """Users with the fifth of the buyers in which they are, by three measures."""
    scored = users
    for measure, name in _SCORED.items():
        counted = (
            users.where("purchase_count > 0")
            .groupBy("as_of_date", measure)
            .agg(F.count(F.lit(1)).alias("copies"))
        )
        bounds = percentiles(counted, ["as_of_date"], measure, "copies", _BOUNDS)
        above = reduce(
            Column.__add__,
            (F.when(F.col(measure) > F.col(bound), 1).otherwise(0) for bound in _BOUNDS),
        )
        # Few days since the last purchase are best.
        score = F.lit(SCORES) - above if name == "recency_score" else F.lit(1) + above
        scored = (
            scored.join(F.broadcast(bounds), on="as_of_date", how="left")
            .withColumn(name, F.when(F.col("purchase_count") > 0, score).cast("int"))
            .drop(*_BOUNDS)
        )
    return scored
