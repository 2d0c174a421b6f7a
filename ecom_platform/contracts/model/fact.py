"""Contract of the fact: what users did in the shop, event by event.

Belongs here: columns, grain and key of fact_user_events. Not here: dimensions, how rows are made.
"""

from __future__ import annotations

from typing import Annotated

import pandera.pyspark as pandera
import pyspark.sql.types as T

from ecom_platform.contracts.clean import CLEAN_EVENTS, EVENT_TYPES
from ecom_platform.contracts.lineage import carried, made_from
from ecom_platform.contracts.table import TableContract


class FactUserEvents(pandera.DataFrameModel):
    """What users did in the shop, one row an accepted event."""

    event_id: T.LongType = pandera.Field(description="Identifies the event, with event_date.")
    event_time: T.TimestampType = pandera.Field(
        description="When the event happened.", metadata={"unit": "UTC, microseconds"}
    )
    event_date: T.DateType = pandera.Field(description="UTC date of event_time.")
    event_type: T.StringType = pandera.Field(
        isin=list(EVENT_TYPES), description="view, cart, remove_from_cart or purchase."
    )
    user_id: T.LongType = pandera.Field(
        gt=0, description="The user; joins dim_users.", metadata={"pii": True}
    )
    product_id: T.LongType = pandera.Field(gt=0, description="The product; joins dim_products.")
    price: Annotated[T.DecimalType, 12, 2] = pandera.Field(
        gt=0, description="Price of the product at that time.", metadata={"unit": "USD"}
    )
    session_id: T.StringType = pandera.Field(
        description="The session's id; with user_id it identifies a session."
    )
    category_name: T.StringType = pandera.Field(
        description="Category of the product at that time; `unknown` where none was known."
    )
    brand: T.StringType = pandera.Field(
        description="Brand of the product; `unknown` where none was known."
    )
    device_type: T.StringType = pandera.Field(
        description="Device of the session; `unknown` where none was known."
    )
    source_channel: T.StringType = pandera.Field(
        description="Channel that brought the session; `unknown` where none was known."
    )
    day_of_week: T.IntegerType = pandera.Field(
        ge=1, le=7, description="ISO weekday of event_time: 1 is Monday, 7 is Sunday."
    )
    hour_of_day: T.IntegerType = pandera.Field(ge=0, le=23, description="Hour of event_time, UTC.")

    class Config:
        strict = True


FACT_USER_EVENTS = TableContract(
    name="fact_user_events",
    layer="model",
    grain="one accepted event",
    key=("event_date", "event_id"),
    cadence="hourly",
    model=FactUserEvents,
    row_rules=(
        ("event_date_is_the_date_of_event_time", "event_date <> CAST(event_time AS DATE)"),
        ("hour_of_day_is_the_hour_of_event_time", "hour_of_day <> HOUR(event_time)"),
    ),
    lineage={
        **carried(CLEAN_EVENTS.name, "event_id", "event_time", "event_date", "event_type"),
        **carried(CLEAN_EVENTS.name, "user_id", "product_id", "price", "brand"),
        **carried(CLEAN_EVENTS.name, "device_type", "source_channel"),
        "session_id": made_from(CLEAN_EVENTS.name, "user_session"),
        "category_name": made_from(CLEAN_EVENTS.name, "category_code"),
        "day_of_week": made_from(CLEAN_EVENTS.name, "event_time"),
        "hour_of_day": made_from(CLEAN_EVENTS.name, "event_time"),
    },
)
