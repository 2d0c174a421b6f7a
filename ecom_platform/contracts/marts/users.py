"""Contracts of the users' marts: who comes, who comes back, who buys.

Belongs here: columns, grain and keys of mart_users, mart_daily_users, mart_cohorts. Not here: rows.
"""

from __future__ import annotations

from typing import Annotated, Any

import pandera.pyspark as pandera
import pyspark.sql.types as T

from ecom_platform.contracts.lineage import MADE_HERE, carried, made_from
from ecom_platform.contracts.marts.columns import (
    CADENCE,
    additive_count,
    additive_usd,
    distinct_count,
    event_date,
    seconds,
    share,
    traffic,
)
from ecom_platform.contracts.model import SESSION_DAYS
from ecom_platform.contracts.model.counts import count_of
from ecom_platform.contracts.table import TableContract

# The best fifth has 5. Equal values have equal scores.
SCORES = 5


def _score(of: str) -> Any:
    return pandera.Field(
        nullable=True,
        ge=1,
        le=SCORES,
        description=f"1 to {SCORES} by {of} among the buyers, a fifth each, {SCORES} is best; "
        "equal values have equal scores. Null for who has not purchased.",
    )


def _days(what: str, *, nullable: bool = False) -> Any:
    return pandera.Field(
        nullable=nullable,
        ge=0,
        description=f"Days from {what} to as_of_date.",
        metadata={"unit": "days"},
    )


def _as_of() -> Any:
    return pandera.Field(description="Events up to the end of this UTC date are counted.")


class MartUsers(pandera.DataFrameModel):
    """Every user with an event: how active, how recently, how much bought, with scores.

    Recency, frequency and monetary value (RFM) are scored among buyers. Sessions are whole, however
    many dates they last. A user who has ever had a crawler-like session is marked, not left out.
    """

    user_id: T.LongType = pandera.Field(gt=0, description="The user.", metadata={"pii": True})
    is_crawler_like: T.BooleanType = pandera.Field(
        description="Whether one of the user's sessions was crawler-like on one of its dates."
    )
    first_event_date: T.DateType = pandera.Field(description="UTC date of the first event.")
    last_event_date: T.DateType = pandera.Field(description="UTC date of the last event.")
    recency_days: T.IntegerType = _days("the last event")
    active_days: T.LongType = pandera.Field(
        gt=0, description="Number of UTC dates with an event.", metadata={"unit": "days"}
    )
    is_returning: T.BooleanType = pandera.Field(
        description="Whether the user came on more than one date."
    )
    session_count: T.LongType = pandera.Field(gt=0, description="Number of sessions.")
    mean_session_seconds: T.DoubleType = seconds(
        "Mean duration of the sessions, in whole seconds from first event to last."
    )
    event_count: T.LongType = count_of("events")
    purchase_count: T.LongType = count_of("purchase events")
    order_count: T.LongType = count_of("orders: sessions that purchased, by date")
    revenue_usd: Annotated[T.DecimalType, 18, 2] = pandera.Field(
        ge=0, description="Sum of the prices of the purchases.", metadata={"unit": "USD"}
    )
    purchase_recency_days: T.IntegerType = _days("the last purchase", nullable=True)
    recency_score: T.IntegerType = _score("purchase_recency_days, few days best,")
    frequency_score: T.IntegerType = _score("order_count")
    monetary_score: T.IntegerType = _score("revenue_usd")
    as_of_date: T.DateType = _as_of()

    class Config:
        strict = True


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
    as_of_date: T.DateType = _as_of()

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
    as_of_date: T.DateType = _as_of()

    class Config:
        strict = True


_SESSIONS = SESSION_DAYS.name
_EVENTS = ("view_count", "cart_count", "remove_from_cart_count", "purchase_count")
_USERS = made_from(_SESSIONS, "event_date", "user_id", "is_crawler_like")
_BUYERS = (*_USERS, *made_from(_SESSIONS, "purchase_count"))

MART_USERS = TableContract(
    name="mart_users",
    layer="marts",
    grain="one user with an event",
    key=("user_id",),
    cadence=CADENCE,
    model=MartUsers,
    partition_by=None,
    row_rules=(
        ("first_date_is_not_after_last", "first_event_date > last_event_date"),
        ("buyers_have_scores", "(recency_score IS NULL) <> (purchase_count = 0)"),
        ("orders_have_purchases", "order_count > purchase_count"),
    ),
    lineage={
        **carried(_SESSIONS, "user_id", "is_crawler_like", "purchase_count", "revenue_usd"),
        **dict.fromkeys(
            ("first_event_date", "last_event_date", "recency_days", "active_days", "is_returning"),
            made_from(_SESSIONS, "event_date"),
        ),
        "session_count": made_from(_SESSIONS, "session_id"),
        "mean_session_seconds": made_from(
            _SESSIONS, "session_id", "first_event_at", "last_event_at"
        ),
        "event_count": made_from(_SESSIONS, *_EVENTS),
        "order_count": made_from(_SESSIONS, "purchase_count"),
        "purchase_recency_days": made_from(_SESSIONS, "event_date", "purchase_count"),
        "recency_score": made_from(_SESSIONS, "event_date", "purchase_count"),
        "frequency_score": made_from(_SESSIONS, "purchase_count"),
        "monetary_score": made_from(_SESSIONS, "purchase_count", "revenue_usd"),
        "as_of_date": MADE_HERE,
    },
)

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
        **dict.fromkeys(("user_count", "new_user_count", "returning_user_count"), _USERS),
        **dict.fromkeys(("buyer_count", "new_buyer_count"), _BUYERS),
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
            ("cohort_start_date", "week_number"), made_from(_SESSIONS, "event_date", "user_id")
        ),
        "traffic": made_from(_SESSIONS, "is_crawler_like"),
        **dict.fromkeys(("cohort_user_count", "active_user_count", "retention_rate"), _USERS),
        "buyer_count": _BUYERS,
        "revenue_usd": (*_USERS, *made_from(_SESSIONS, "revenue_usd")),
        "is_complete": made_from(_SESSIONS, "event_date"),
        "as_of_date": MADE_HERE,
    },
)
