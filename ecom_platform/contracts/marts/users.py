"""Contract of mart_users: every user, how active, how recently, how much bought.

Belongs here: columns, grain and key. Not here: rows, counts of users (returning.py).
"""

from __future__ import annotations

from typing import Annotated, Any

import pandera.pyspark as pandera
import pyspark.sql.types as T

from ecom_platform.contracts.lineage import MADE_HERE, carried, made_from
from ecom_platform.contracts.marts.columns import (
    CADENCE,
    as_of,
    seconds,
)
from ecom_platform.contracts.marts.multiday import MULTIDAY_SESSION_EVENTS
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


def _purchase_date(which: str) -> Any:
    return pandera.Field(
        nullable=True, description=f"UTC date of the {which} purchase; null without one."
    )


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
    first_human_date: T.DateType = pandera.Field(
        nullable=True,
        description="UTC date of the first session that is not crawler-like; null without one.",
    )
    recency_days: T.IntegerType = _days("the last event")
    active_days: T.LongType = pandera.Field(
        gt=0, description="Number of UTC dates with an event.", metadata={"unit": "days"}
    )
    is_returning: T.BooleanType = pandera.Field(
        description="Whether the user came on more than one date."
    )
    session_count: T.LongType = pandera.Field(gt=0, description="Number of sessions.")
    session_seconds: T.LongType = seconds(
        "Duration of all sessions together, each in whole seconds from first event to last."
    )
    mean_session_seconds: T.DoubleType = seconds("Mean duration: session_seconds by session.")
    event_count: T.LongType = count_of("events")
    purchase_count: T.LongType = count_of("purchase events")
    order_count: T.LongType = count_of("orders: sessions that purchased, by date")
    revenue_usd: Annotated[T.DecimalType, 18, 2] = pandera.Field(
        ge=0, description="Sum of the prices of the purchases.", metadata={"unit": "USD"}
    )
    first_purchase_date: T.DateType = _purchase_date("first")
    last_purchase_date: T.DateType = _purchase_date("last")
    purchase_recency_days: T.IntegerType = _days("the last purchase", nullable=True)
    recency_score: T.IntegerType = _score("purchase_recency_days, few days best,")
    frequency_score: T.IntegerType = _score("order_count")
    monetary_score: T.IntegerType = _score("revenue_usd")
    as_of_date: T.DateType = as_of()

    class Config:
        strict = True


_SESSIONS = SESSION_DAYS.name
_EVENTS = ("view_count", "cart_count", "remove_from_cart_count", "purchase_count")
# When dates are added, sessions of several dates are looked up where their events are.
_MULTIDAY = MULTIDAY_SESSION_EVENTS.name
_SESSION_IDS = (
    *made_from(_SESSIONS, "session_id"),
    *made_from(_MULTIDAY, "session_id", "session_start_date"),
)
_DURATIONS = (
    *_SESSION_IDS,
    *made_from(_SESSIONS, "first_event_at", "last_event_at"),
    *made_from(_MULTIDAY, "event_time"),
)

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
        ("buyers_have_dates", "(first_purchase_date IS NULL) <> (purchase_count = 0)"),
        ("orders_have_purchases", "order_count > purchase_count"),
    ),
    lineage={
        **carried(_SESSIONS, "user_id", "is_crawler_like", "purchase_count", "revenue_usd"),
        **dict.fromkeys(
            ("first_event_date", "last_event_date", "recency_days", "active_days", "is_returning"),
            made_from(_SESSIONS, "event_date"),
        ),
        "first_human_date": made_from(_SESSIONS, "event_date", "is_crawler_like"),
        "session_count": _SESSION_IDS,
        **dict.fromkeys(("session_seconds", "mean_session_seconds"), _DURATIONS),
        "event_count": made_from(_SESSIONS, *_EVENTS),
        "order_count": made_from(_SESSIONS, "purchase_count"),
        **dict.fromkeys(
            (
                "first_purchase_date",
                "last_purchase_date",
                "purchase_recency_days",
                "recency_score",
            ),
            made_from(_SESSIONS, "event_date", "purchase_count"),
        ),
        "frequency_score": made_from(_SESSIONS, "purchase_count"),
        "monetary_score": made_from(_SESSIONS, "purchase_count", "revenue_usd"),
        "as_of_date": MADE_HERE,
    },
)
