"""From the sessions of all dates to the users' marts: who comes, comes back, and buys.

Belongs here: rows of mart_users, mart_daily_users, mart_cohorts. Not here: columns' meanings.
"""

from __future__ import annotations

import datetime as dt
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.window import Window

from ecom_platform.contracts.marts.columns import ALL_TRAFFIC, HUMAN_TRAFFIC
from ecom_platform.contracts.marts.users import MART_COHORTS, MART_DAILY_USERS, MART_USERS, SCORES
from ecom_platform.contracts.model.counts import EVENT_COUNT_COLUMNS
from ecom_platform.transforms.hashing import hashable
from ecom_platform.transforms.marts.breakdowns import with_and_without_crawlers
from ecom_platform.transforms.marts.shares import percentiles, share
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
    events = reduce(Column.__add__, (F.col(name) for name in EVENT_COUNT_COLUMNS))
    days = session_days.groupBy("user_id", "event_date").agg(
        F.bool_or("is_crawler_like").alias("is_crawler_like"),
        F.sum(events).alias("event_count"),
        F.count(F.when(F.col("purchase_count") > 0, 1)).alias("order_count"),
        F.sum("purchase_count").alias("purchase_count"),
        F.sum("revenue_usd").alias("spent_usd"),
    )
    as_of, bought = F.lit(as_of_date), F.col("order_count") > 0
    totals = days.groupBy("user_id").agg(
        F.bool_or("is_crawler_like").alias("is_crawler_like"),
        F.min("event_date").alias("first_event_date"),
        F.max("event_date").alias("last_event_date"),
        F.count(F.lit(1)).alias("active_days"),
        F.sum("event_count").alias("event_count"),
        F.max(F.when(bought, F.col("event_date"))).alias("last_purchase_date"),
        *(F.sum(name).alias(name) for name in ("order_count", "purchase_count", "spent_usd")),
    )
    users = (
        totals.join(_durations(session_days), on="user_id", how="inner")
        .withColumns(_measured(as_of))
        .withColumn("as_of_date", as_of)
        .withColumn("recency_days", F.datediff(as_of, "last_event_date").cast("int"))
        .withColumn("is_returning", F.col("active_days") > 1)
    )
    return _with_scores(users, _bounds(session_days, as_of)).select(MART_USERS.column_names)


def build_mart_daily_users(session_days: DataFrame, as_of_date: dt.date) -> DataFrame:
    """Build mart_daily_users: new and returning users of each date.

    Args:
        session_days: all dates up to the as-of date.
        as_of_date: the last of them.
    """
    days = session_days.groupBy("user_id", "event_date").agg(
        F.bool_and("is_crawler_like").alias("is_crawler_like"),
        F.sum("purchase_count").alias("purchase_count"),
    )
    bought = F.col("purchase_count") > 0
    first_purchase = F.min(F.when(bought, F.col("event_date"))).alias("first_purchase_date")
    counts = {
        "user_count": F.lit(True),
        "buyer_count": bought,
        "new_buyer_count": F.col("event_date") == F.col("first_purchase_date"),
        **{name: F.col("event_date") == F.col(name) for name in _FIRST_DATES.values()},
    }
    counted = (
        days.join(_firsts(session_days, first_purchase), on="user_id", how="inner")
        .groupBy("event_date", "is_crawler_like")
        .agg(*(F.count(F.when(holds, 1)).alias(name) for name, holds in counts.items()))
    )
    return (
        with_and_without_crawlers(counted, ["event_date"], list(counts))
        .withColumn("new_user_count", _of_traffic())
        .withColumn("returning_user_count", F.col("user_count") - F.col("new_user_count"))
        .withColumn("as_of_date", F.lit(as_of_date))
        .select(MART_DAILY_USERS.column_names)
    )


def build_mart_cohorts(session_days: DataFrame, as_of_date: dt.date) -> DataFrame:
    """Build mart_cohorts: the users of each first week, in it and in each week after it.

    Args:
        session_days: all dates up to the as-of date.
        as_of_date: the last of them.
    """
    weeks = session_days.groupBy("user_id", _monday("event_date").alias("week_start_date")).agg(
        F.bool_and("is_crawler_like").alias("is_crawler_like"),
        F.sum("purchase_count").alias("purchase_count"),
        F.sum("revenue_usd").alias("spent_usd"),
    )
    firsts = _firsts(session_days).select(
        "user_id", *(_monday(name).alias(name) for name in _FIRST_DATES.values())
    )
    number = F.floor(F.datediff("week_start_date", "cohort_start_date") / F.lit(7)).cast("int")
    measures = ("active_user_count", "buyer_count", "spent_usd")
    counted = (
        weeks.join(firsts, on="user_id", how="inner")
        .groupBy("week_start_date", "is_crawler_like", *_FIRST_DATES.values())
        .agg(
            F.count(F.lit(1)).alias("active_user_count"),
            F.count(F.when(F.col("purchase_count") > 0, 1)).alias("buyer_count"),
            F.sum("spent_usd").alias("spent_usd"),
        )
    )
    keys = ["week_start_date", *_FIRST_DATES.values()]
    by_week = (
        with_and_without_crawlers(counted, keys, measures)
        .withColumn("cohort_start_date", _of_traffic())
        .groupBy("cohort_start_date", "traffic", number.alias("week_number"))
        .agg(*(F.sum(name).alias(name) for name in measures))
    )
    size = F.max(F.when(F.col("week_number") == 0, F.col("active_user_count")))
    of_cohort = Window.partitionBy("cohort_start_date", "traffic")
    last_day = F.date_add("cohort_start_date", F.col("week_number") * F.lit(7) + F.lit(6))
    return (
        by_week.withColumn("cohort_user_count", size.over(of_cohort))
        .withColumn("retention_rate", share("active_user_count", "cohort_user_count"))
        .withColumn("revenue_usd", revenue("spent_usd"))
        .withColumn("as_of_date", F.lit(as_of_date))
        .withColumn("is_complete", last_day <= F.col("as_of_date"))
        .select(MART_COHORTS.column_names)
    )


# By traffic: the date on which a user was first seen among it.
_FIRST_DATES = {ALL_TRAFFIC: "first_event_date", HUMAN_TRAFFIC: "first_human_date"}


def _firsts(session_days: DataFrame, *more: Column) -> DataFrame:
    """When each user first came, with crawler-like sessions and without.

    Who purchases is no crawler, so that what a user bought is the same in both kinds of traffic.
    """
    is_human = ~F.col("is_crawler_like")
    return session_days.groupBy("user_id").agg(
        F.min("event_date").alias(_FIRST_DATES[ALL_TRAFFIC]),
        F.min(F.when(is_human, F.col("event_date"))).alias(_FIRST_DATES[HUMAN_TRAFFIC]),
        *more,
    )


def _of_traffic() -> Column:
    """Of what stands there for both kinds of traffic, that of the row's own."""
    is_all = F.col("traffic") == ALL_TRAFFIC
    return F.when(is_all, F.col(_FIRST_DATES[ALL_TRAFFIC])).otherwise(
        F.col(_FIRST_DATES[HUMAN_TRAFFIC])
    )


def _monday(date: str) -> Column:
    """The first day of a date's ISO week."""
    return F.trunc(date, "week")


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


def _measured(as_of: Column) -> dict[str, Column]:
    """What users are scored by, where it is not a count."""
    return {
        "revenue_usd": revenue("spent_usd"),
        "purchase_recency_days": F.datediff(as_of, "last_purchase_date").cast("int"),
    }


def _bounds(session_days: DataFrame, as_of: Column) -> DataFrame:
    """One row: where the fifths of the buyers end, by each measure.

    Looked at on their own, buyers are few; who they are follows from the sessions that purchased.
    """
    buyers = (
        session_days.where("purchase_count > 0")
        .groupBy("user_id")
        .agg(
            F.max("event_date").alias("last_purchase_date"),
            F.count(F.lit(1)).alias("order_count"),
            F.sum("revenue_usd").alias("spent_usd"),
        )
        .withColumns(_measured(as_of))
        .withColumn("as_of_date", as_of)
    )
    found = []
    for measure in _SCORED:
        counted = buyers.groupBy("as_of_date", measure).agg(F.count(F.lit(1)).alias("copies"))
        wanted = {_bound_of(measure, bound): part for bound, part in _BOUNDS.items()}
        found.append(percentiles(counted, ["as_of_date"], measure, "copies", wanted))
    return reduce(lambda rows, more: rows.join(more, on="as_of_date", how="inner"), found)


def _bound_of(measure: str, bound: str) -> str:
    return f"{measure}_{bound}"


def _with_scores(users: DataFrame, bounds: DataFrame) -> DataFrame:
    """Users with the fifth of the buyers in which they are, by three measures."""
    scores = {}
    for measure, name in _SCORED.items():
        above = reduce(
            Column.__add__,
            (
                F.when(F.col(measure) > F.col(_bound_of(measure, bound)), 1).otherwise(0)
                for bound in _BOUNDS
            ),
        )
        # Few days since the last purchase are best.
        score = F.lit(SCORES) - above if name == "recency_score" else F.lit(1) + above
        scores[name] = F.when(F.col("purchase_count") > 0, score).cast("int")
    return users.join(F.broadcast(bounds), on="as_of_date", how="left").withColumns(scores)
