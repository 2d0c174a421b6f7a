"""Contracts of the marts of who comes for the first time, who comes back, who buys.

Belongs here: columns, grain and keys of mart_daily_users and mart_cohorts. Not here: rows, single
users (users.py).
"""

from __future__ import annotations

from typing import Annotated

import pandera.pyspark as pandera
import pyspark.sql.types as T

from ecom_platform.contracts.lineage import MADE_HERE, carried, made_from
from ecom_platform.contracts.marts.columns import (
    CADENCE,
    additive_count,
    additive_usd,
    as_of,
    distinct_count,
    event_date,
    share,
    traffic,
)
from ecom_platform.contracts.marts.users import MART_USERS
from ecom_platform.contracts.model import SESSION_DAYS
from ecom_platform.contracts.table import TableContract


class MartDailyUsers(pandera.DataFrameModel):
    """How many users came on each date: for the first time, or again.

    A user is new on the date of the first event that the lake knows: on the first dates of the
    lake all are. Numbers of users do not add up over dates; those of new users do.
    """

    event_date: T.DateType = event_date("the events")
    traffic: T.StringType = traffic()
    user_count: T.LongType = distinct_count("users with an event")
    new_user_count: T.LongType = additive_count("users whose first event is of the date")
    returning_user_count: T.LongType = distinct_count("users who came on an earlier date too")
    buyer_count: T.LongType = distinct_count("users who purchased")
    new_buyer_count: T.LongType = additive_count("users whose first purchase is of the date")
    as_of_date: T.DateType = as_of()

    class Config:
        strict = True


class MartCohorts(pandera.DataFrameModel):
    """Of the users who first came in a week, how many came again in each week after it.

    Weeks are ISO weeks from Monday, in UTC. A week of which not all days have passed by the as-of
    date is marked: its retention is still growing.
    """

    cohort_start_date: T.DateType = pandera.Field(
        description="Monday of the week in which the users first came."
    )
    traffic: T.StringType = traffic()
    week_number: T.IntegerType = pandera.Field(
        ge=0, description="Weeks since then; 0 is the first week itself."
    )
    cohort_user_count: T.LongType = distinct_count("users who first came in the cohort's week")
    active_user_count: T.LongType = distinct_count("of them with an event in this week")
    retention_rate: T.DoubleType = share("active_user_count", "cohort_user_count")
    buyer_count: T.LongType = distinct_count("of them with a purchase in this week")
    revenue_usd: Annotated[T.DecimalType, 18, 2] = additive_usd("What they paid in this week.")
    is_complete: T.BooleanType = pandera.Field(
        description="Whether all days of this week have passed by as_of_date."
    )
    as_of_date: T.DateType = as_of()

    class Config:
        strict = True


_SESSIONS = SESSION_DAYS.name
_USERS = made_from(_SESSIONS, "event_date", "user_id", "is_crawler_like")
_BUYERS = (*_USERS, *made_from(_SESSIONS, "purchase_count"))
_FIRST_DATES = made_from(MART_USERS.name, "first_event_date", "first_human_date")

MART_DAILY_USERS = TableContract(
    name="mart_daily_users",
    layer="marts",
    grain="one traffic and date with an event",
    key=("event_date", "traffic"),
    cadence=CADENCE,
    model=MartDailyUsers,
    partition_by=None,
    row_rules=(
        ("users_are_new_or_returning", "user_count <> new_user_count + returning_user_count"),
        ("buyers_are_users", "buyer_count > user_count OR new_buyer_count > buyer_count"),
    ),
    lineage={
        **carried(_SESSIONS, "event_date"),
        "traffic": made_from(_SESSIONS, "is_crawler_like"),
        "user_count": _USERS,
        **dict.fromkeys(("new_user_count", "returning_user_count"), (*_USERS, *_FIRST_DATES)),
        "buyer_count": _BUYERS,
        "new_buyer_count": (*_BUYERS, *made_from(MART_USERS.name, "first_purchase_date")),
        "as_of_date": MADE_HERE,
    },
)

MART_COHORTS = TableContract(
    name="mart_cohorts",
    layer="marts",
    grain="one week of one cohort and traffic, with a user active in it",
    key=("cohort_start_date", "traffic", "week_number"),
    cadence=CADENCE,
    model=MartCohorts,
    partition_by=None,
    row_rules=(
        (
            "active_users_are_of_the_cohort",
            "active_user_count < 1 OR active_user_count > cohort_user_count "
            "OR buyer_count > active_user_count",
        ),
        ("all_come_in_their_first_week", "week_number = 0 AND retention_rate <> 1"),
    ),
    lineage={
        **dict.fromkeys(
            ("cohort_start_date", "week_number"),
            (*made_from(_SESSIONS, "event_date", "user_id"), *_FIRST_DATES),
        ),
        "traffic": made_from(_SESSIONS, "is_crawler_like"),
        **dict.fromkeys(
            ("cohort_user_count", "active_user_count", "retention_rate"), (*_USERS, *_FIRST_DATES)
        ),
        "buyer_count": (*_BUYERS, *_FIRST_DATES),
        "revenue_usd": (*_USERS, *made_from(_SESSIONS, "revenue_usd"), *_FIRST_DATES),
        "is_complete": (*made_from(_SESSIONS, "event_date"), *_FIRST_DATES),
        "as_of_date": MADE_HERE,
    },
)
