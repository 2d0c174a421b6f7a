"""Contracts of the clean layer: each event once, complete, obeying the rules.

Belongs here: columns, grain, keys and rejection rules. Not here: how rows are cleaned.
"""

from __future__ import annotations

from typing import Annotated

import pandera.pyspark as pandera
import pyspark.sql.types as T

from ecom_platform.contracts.lineage import carried, made_from
from ecom_platform.contracts.raw import RAW_EVENTS, SOURCE_COLUMNS
from ecom_platform.contracts.table import TableContract

EVENT_TYPES = ("view", "cart", "remove_from_cart", "purchase")
UNKNOWN = "unknown"

# Events that break one of these are rejected, by the first that applies:
# reason -> SQL that is true for an event to reject.
REJECTION_RULES: dict[str, str] = {
    "null_user_session": "user_session IS NULL",
    "unknown_event_type": "event_type IS NULL OR event_type NOT IN ("
    + ", ".join(f"'{event_type}'" for event_type in EVENT_TYPES)
    + ")",
    "price_not_positive": "price <= 0",
}


class CleanEvents(pandera.DataFrameModel):
    """Every accepted event once: exact duplicates removed, rule breakers rejected."""

    event_id: T.LongType = pandera.Field(
        description="The source's own id where it gives one; else xxhash64 of the nine source "
        "columns, the same for the same event, always."
    )
    event_time: T.TimestampType = pandera.Field(
        description="When the event happened.", metadata={"unit": "UTC, microseconds"}
    )
    event_date: T.DateType = pandera.Field(description="UTC date of event_time.")
    event_type: T.StringType = pandera.Field(
        isin=list(EVENT_TYPES), description="view, cart, remove_from_cart or purchase."
    )
    product_id: T.LongType = pandera.Field(gt=0, description="The product.")
    category_id: T.LongType = pandera.Field(gt=0, description="The product's category.")
    category_code: T.StringType = pandera.Field(
        description="Dotted path of the category; `unknown` where the source had none."
    )
    brand: T.StringType = pandera.Field(
        description="Brand of the product; `unknown` where the source had none."
    )
    price: Annotated[T.DecimalType, 12, 2] = pandera.Field(
        gt=0, description="Price of the product at that time.", metadata={"unit": "USD"}
    )
    user_id: T.LongType = pandera.Field(
        gt=0, description="The user, by the shop's permanent id.", metadata={"pii": True}
    )
    user_session: T.StringType = pandera.Field(description="The session's id (a UUID).")
    device_type: T.StringType = pandera.Field(
        nullable=True, description="Device of the session; null for file sources."
    )
    source_channel: T.StringType = pandera.Field(
        nullable=True, description="Channel that brought the session; null for file sources."
    )
    source_object: T.StringType = pandera.Field(
        description="Landing object of the surviving row: the smallest key among duplicates."
    )
    source_row: T.LongType = pandera.Field(
        gt=0, description="Physical line of the surviving row in that object."
    )

    class Config:
        strict = True


CLEAN_EVENTS = TableContract(
    name="clean_events",
    layer="clean",
    grain="one accepted event",
    key=("event_date", "event_id"),
    cadence="hourly",
    model=CleanEvents,
    row_rules=(("event_date_is_the_date_of_event_time", "event_date <> CAST(event_time AS DATE)"),),
    lineage={
        **carried(RAW_EVENTS.name, *SOURCE_COLUMNS, "event_date", "source_object", "source_row"),
        **carried(RAW_EVENTS.name, "device_type", "source_channel"),
        "event_id": made_from(RAW_EVENTS.name, *SOURCE_COLUMNS, "source_event_id"),
    },
)
