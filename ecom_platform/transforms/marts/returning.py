"""From sessions and from when users first came to the marts of who is new and who returns.

Belongs here: rows of mart_daily_users and mart_cohorts, from all dates or from what they held. Not
here: single users (users.py).
"""

from __future__ import annotations

import datetime as dt
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.window import Window

from ecom_platform.contracts.marts.columns import ALL_TRAFFIC, HUMAN_TRAFFIC
from ecom_platform.contracts.marts.returning import MART_COHORTS, MART_DAILY_USERS
from ecom_platform.transforms.keeping import Keep, not_kept
from ecom_platform.transforms.marts.breakdowns import with_and_without_crawlers
from ecom_platform.transforms.marts.shares import share
from ecom_platform.transforms.model.partials import revenue

# By traffic: the date on which a user was first seen among it. Who purchases is no crawler, so
# that what a user bought is the same in both.
_FIRST_DATES = {ALL_TRAFFIC: "first_event_date", HUMAN_TRAFFIC: "first_human_date"}
_FIRST_PURCHASE = "first_purchase_date"

_OF_WEEK = ("active_user_count", "buyer_count", "spent_usd")


def first_dates(session_days: DataFrame) -> DataFrame:
    """When each user first came, with crawler-like sessions and without, and first purchased.

    Args:
        session_days: all dates.
    """
    date = F.col("event_date")
    return session_days.groupBy("user_id").agg(
        F.min(date).alias(_FIRST_DATES[ALL_TRAFFIC]),
        F.min(F.when(~F.col("is_crawler_like"), date)).alias(_FIRST_DATES[HUMAN_TRAFFIC]),
        F.min(F.when(F.col("purchase_count") > 0, date)).alias(_FIRST_PURCHASE),
    )


def build_mart_daily_users(
    session_days: DataFrame,
    as_of_date: dt.date,
    mart_users: DataFrame | None = None,
    keep: Keep = not_kept,
) -> DataFrame:
    """Build mart_daily_users: new and returning users of each date.

    Args:
        session_days: the dates to count: all up to the as-of date, or those that are added.
        as_of_date: the last of them.
        mart_users: tells when users first came; None to find it out from all dates.
        keep: computes rows once for all who read them; without it each reader computes them.
    """
    users = first_dates(session_days) if mart_users is None else mart_users
    # Few: users are told apart by three dates, and no more.
    firsts = keep(
        users.groupBy(*_FIRST_DATES.values(), _FIRST_PURCHASE).agg(F.count(F.lit(1)).alias("users"))
    )
    days = session_days.groupBy("user_id", "event_date").agg(
        F.bool_and("is_crawler_like").alias("is_crawler_like"),
        F.sum("purchase_count").alias("purchase_count"),
    )
    counted = days.groupBy("event_date", "is_crawler_like").agg(
        F.count(F.lit(1)).alias("user_count"),
        F.count(F.when(F.col("purchase_count") > 0, 1)).alias("buyer_count"),
    )
    measures = ("user_count", "buyer_count")
    new = [
        _first_on(firsts, column, "new_user_count").withColumn("traffic", F.lit(traffic))
        for traffic, column in _FIRST_DATES.items()
    ]
    return (
        with_and_without_crawlers(counted, ["event_date"], measures)
        .join(new[0].unionByName(new[1]), on=["event_date", "traffic"], how="left")
        .join(_first_on(firsts, _FIRST_PURCHASE, "new_buyer_count"), on="event_date", how="left")
        .withColumns({name: _or_zero(name) for name in ("new_user_count", "new_buyer_count")})
        .withColumn("returning_user_count", F.col("user_count") - F.col("new_user_count"))
        .withColumn("as_of_date", F.lit(as_of_date))
        .select(MART_DAILY_USERS.column_names)
    )


def extend_mart_daily_users(
    mart_daily_users: DataFrame,
    session_days: DataFrame,
    mart_users: DataFrame,
    as_of_date: dt.date,
    keep: Keep = not_kept,
) -> DataFrame:
    """Build mart_daily_users from what it held, and from dates after all that it counts.

    Args:
        mart_daily_users: the rows as of an earlier date.
        session_days: all dates after that one, up to the new as-of date.
        mart_users: as of the new date.
        as_of_date: the new one.
        keep: as for `build_mart_daily_users`.
    """
    before = mart_daily_users.withColumn("as_of_date", F.lit(as_of_date))
    added = build_mart_daily_users(session_days, as_of_date, mart_users, keep)
    return before.select(MART_DAILY_USERS.column_names).unionByName(added)


def build_mart_cohorts(
    session_days: DataFrame, as_of_date: dt.date, mart_users: DataFrame | None = None
) -> DataFrame:
    """Build mart_cohorts: the users of each first week, in it and in each week after it.

    Args:
        session_days: all dates up to the as-of date.
        as_of_date: the last of them.
        mart_users: tells when users first came; None to find it out from all dates.
    """
    users = first_dates(session_days) if mart_users is None else mart_users
    return _finish(_count_weeks(session_days, users), as_of_date)


def extend_mart_cohorts(
    mart_cohorts: DataFrame,
    session_days: DataFrame,
    mart_users: DataFrame,
    monday: dt.date,
    as_of_date: dt.date,
) -> DataFrame:
    """Build mart_cohorts from the weeks that it held, and from the dates of those that changed.

    Args:
        mart_cohorts: the rows as of an earlier date.
        session_days: all dates from that Monday up to the new as-of date.
        mart_users: as of the new date.
        monday: the first day of the week of the first date that is added.
        as_of_date: the new one.
    """
    week = F.date_add("cohort_start_date", F.col("week_number") * F.lit(7))
    before = mart_cohorts.where(week < F.lit(monday)).withColumnRenamed("revenue_usd", "spent_usd")
    weeks = _count_weeks(session_days, mart_users)
    return _finish(before.select(weeks.columns).unionByName(weeks), as_of_date)


def _count_weeks(session_days: DataFrame, users: DataFrame) -> DataFrame:
    """What the users of each cohort did in each week that sessions are of."""
    weeks = session_days.groupBy("user_id", _monday("event_date").alias("week_start_date")).agg(
        F.bool_and("is_crawler_like").alias("is_crawler_like"),
        F.sum("purchase_count").alias("purchase_count"),
        F.sum("revenue_usd").alias("spent_usd"),
    )
    firsts = users.select("user_id", *(_monday(name).alias(name) for name in _FIRST_DATES.values()))
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
    is_all = F.col("traffic") == ALL_TRAFFIC
    cohort = reduce(lambda one, other: F.when(is_all, one).otherwise(other), map(F.col, keys[1:]))
    number = F.floor(F.datediff("week_start_date", "cohort_start_date") / F.lit(7)).cast("int")
    return (
        with_and_without_crawlers(counted, keys, _OF_WEEK)
        .withColumn("cohort_start_date", cohort)
        .groupBy("cohort_start_date", "traffic", number.alias("week_number"))
        .agg(*(F.sum(name).alias(name) for name in _OF_WEEK))
    )


def _finish(weeks: DataFrame, as_of_date: dt.date) -> DataFrame:
    """Weeks with what follows from their counts, and the as-of date."""
    size = F.max(F.when(F.col("week_number") == 0, F.col("active_user_count")))
    of_cohort = Window.partitionBy("cohort_start_date", "traffic")
    last_day = F.date_add("cohort_start_date", F.col("week_number") * F.lit(7) + F.lit(6))
    return (
        weeks.withColumn("cohort_user_count", size.over(of_cohort))
        .withColumn("retention_rate", share("active_user_count", "cohort_user_count"))
        .withColumn("revenue_usd", revenue("spent_usd"))
        .withColumn("as_of_date", F.lit(as_of_date))
        .withColumn("is_complete", last_day <= F.col("as_of_date"))
        .select(MART_COHORTS.column_names)
    )


def _first_on(firsts: DataFrame, column: str, name: str) -> DataFrame:
    """How many users did something for the first time on each date."""
    dates = firsts.groupBy(F.col(column).alias("event_date"))
    return dates.agg(F.sum("users").alias(name)).where("event_date IS NOT NULL")


def _or_zero(name: str) -> Column:
    return F.coalesce(F.col(name), F.lit(0)).cast("long")


def _monday(date: str) -> Column:
    """The first day of a date's ISO week."""
    return F.trunc(date, "week")
