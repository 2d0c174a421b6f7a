"""Contract of multiday_session_events: what sessions did that were seen on several dates.

Belongs here: columns, grain and key. Not here: how such sessions are found, and what for.
"""

from __future__ import annotations

from typing import Annotated

import pandera.pyspark as pandera
import pyspark.sql.types as T

from ecom_platform.contracts.lineage import carried, made_from
from ecom_platform.contracts.marts.columns import CADENCE
from ecom_platform.contracts.model import FACT_USER_EVENTS, SESSION_DAYS
from ecom_platform.contracts.table import TableContract


class MultidaySessionEvents(pandera.DataFrameModel):
    """The events of sessions that were seen on several dates, with the date that they began on.

    Marts count a session whole, on the date of its first event. Nearly all sessions lie within
    a date; for the others this table says what to take away where they were seen, and what to add
    where they began. However long a session id lives, its events are found.
    """

    event_date: T.DateType = pandera.Field(description="UTC date of event_time.")
    event_id: T.LongType = pandera.Field(description="Identifies the event, with event_date.")
    event_time: T.TimestampType = pandera.Field(
        description="When the event happened.", metadata={"unit": "UTC, microseconds"}
    )
    event_type: T.StringType = pandera.Field(
        description="view, cart, remove_from_cart or purchase."
    )
    user_id: T.LongType = pandera.Field(gt=0, description="The user.", metadata={"pii": True})
    session_id: T.StringType = pandera.Field(
        description="The session's id; with user_id it identifies a session."
    )
    product_id: T.LongType = pandera.Field(gt=0, description="The product.")
    price: Annotated[T.DecimalType, 12, 2] = pandera.Field(
        gt=0, description="Price of the product at that time.", metadata={"unit": "USD"}
    )
    category_name: T.StringType = pandera.Field(description="Category of the product.")
    brand: T.StringType = pandera.Field(description="Brand of the product.")
    device_type: T.StringType = pandera.Field(description="Device of the session.")
    source_channel: T.StringType = pandera.Field(description="Channel that brought the session.")
    is_crawler_like: T.BooleanType = pandera.Field(
        description="Whether the session behaves like a crawler on event_date."
    )
    session_start_date: T.DateType = pandera.Field(
        description="UTC date of the session's first event, on whichever date it was."
    )

    class Config:
        strict = True


_FROM_FACT = (
    "event_date",
    "event_id",
    "event_time",
    "event_type",
    "user_id",
    "session_id",
    "product_id",
    "price",
    "category_name",
    "brand",
    "device_type",
    "source_channel",
)

MULTIDAY_SESSION_EVENTS = TableContract(
    name="multiday_session_events",
    layer="marts",
    grain="one event of a session that was seen on several dates",
    key=("event_date", "event_id"),
    cadence=CADENCE,
    model=MultidaySessionEvents,
    row_rules=(
        ("event_date_is_the_date_of_event_time", "event_date <> CAST(event_time AS DATE)"),
        ("starts_before_it_goes_on", "session_start_date > event_date"),
    ),
    lineage={
        **carried(FACT_USER_EVENTS.name, *_FROM_FACT),
        **carried(SESSION_DAYS.name, "is_crawler_like"),
        "session_start_date": made_from(SESSION_DAYS.name, "event_date"),
    },
)
