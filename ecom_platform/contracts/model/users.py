"""Contract of dim_users: who the users are, by what they did.

Belongs here: columns, grain and key of dim_users. Not here: how rows are built.
"""

from __future__ import annotations

from typing import Annotated

import pandera.pyspark as pandera
import pyspark.sql.types as T

from ecom_platform.contracts.lineage import MADE_HERE, carried, made_from
from ecom_platform.contracts.model.counts import (
    EVENT_COUNT_COLUMNS,
    REVENUE_RULE,
    count_of,
    time_of,
)
from ecom_platform.contracts.model.partials import SESSION_DAYS, USER_TASTE_DAYS
from ecom_platform.contracts.oltp import CURRENT_OLTP
from ecom_platform.contracts.table import TableContract

_SESSIONS = SESSION_DAYS.name
_TASTE = USER_TASTE_DAYS.name


class DimUsers(pandera.DataFrameModel):
    """Every user with an accepted event, and all that the user did up to the as-of date."""

    user_id: T.LongType = pandera.Field(
        gt=0, description="The user, by the shop's permanent id.", metadata={"pii": True}
    )
    first_seen_at: T.TimestampType = time_of("First event of the user.")
    last_seen_at: T.TimestampType = time_of("Last event of the user.")
    active_days: T.LongType = pandera.Field(
        gt=0, description="Number of UTC dates with an event.", metadata={"unit": "days"}
    )
    session_count: T.LongType = pandera.Field(
        gt=0, description="Number of different sessions; one that lasts past midnight is one."
    )
    view_count: T.LongType = count_of("view events")
    cart_count: T.LongType = count_of("cart events")
    remove_from_cart_count: T.LongType = count_of("remove_from_cart events")
    purchase_count: T.LongType = count_of("purchase events")
    revenue_usd: Annotated[T.DecimalType, 18, 2] = pandera.Field(
        ge=0, description="Sum of the prices of the purchases.", metadata={"unit": "USD"}
    )
    favourite_category: T.StringType = pandera.Field(
        description="Category of most of the user's events, of equals the first by name; "
        "`unknown` only where no event has a known one."
    )
    favourite_brand: T.StringType = pandera.Field(
        description="Brand of most of the user's events, of equals the first by name; "
        "`unknown` only where no event has a known one."
    )
    name: T.StringType = pandera.Field(
        nullable=True,
        description="Name of the user in the shop, as a hash unless ECOM_PLAIN_PROFILES; null "
        "where the shop's tables do not have the user.",
        metadata={"pii": True},
    )
    email: T.StringType = pandera.Field(
        nullable=True,
        description="Address of the user in the shop, as a hash unless ECOM_PLAIN_PROFILES; null "
        "where the shop's tables do not have the user.",
        metadata={"pii": True},
    )
    created_at: T.TimestampType = pandera.Field(
        nullable=True,
        description="When the user signed up; null where the shop's tables do not have the user.",
        metadata={"unit": "UTC, microseconds"},
    )
    as_of_date: T.DateType = pandera.Field(
        description="Events up to the end of this UTC date are counted."
    )

    class Config:
        strict = True


DIM_USERS = TableContract(
    name="dim_users",
    layer="model",
    grain="one user with an accepted event",
    key=("user_id",),
    cadence="daily, and when late data change a date",
    model=DimUsers,
    partition_by=None,
    row_rules=(
        ("first_is_not_after_last", "first_seen_at > last_seen_at"),
        ("last_is_not_after_as_of", "CAST(last_seen_at AS DATE) > as_of_date"),
        (
            "sessions_and_days_have_events",
            " OR ".join(
                f"{counted} > {' + '.join(EVENT_COUNT_COLUMNS)}"
                for counted in ("session_count", "active_days")
            ),
        ),
        REVENUE_RULE,
    ),
    lineage={
        **carried(_SESSIONS, "user_id", *EVENT_COUNT_COLUMNS, "revenue_usd"),
        "first_seen_at": made_from(_SESSIONS, "first_event_at"),
        "last_seen_at": made_from(_SESSIONS, "last_event_at"),
        "active_days": made_from(_SESSIONS, "event_date"),
        "session_count": made_from(_SESSIONS, "session_id"),
        "favourite_category": made_from(_TASTE, "category_name", "event_count"),
        "favourite_brand": made_from(_TASTE, "brand", "event_count"),
        **carried(CURRENT_OLTP["users"].name, "name", "email", "created_at"),
        "as_of_date": MADE_HERE,
    },
)
