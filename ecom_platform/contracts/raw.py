"""Contracts of the raw layer: events as they arrived, typed, and lines that are no event.

Belongs here: columns, grain and keys of raw tables. Not here: how lines become rows.
"""

from __future__ import annotations

from typing import Annotated

import pandera.pyspark as pandera
import pyspark.sql.types as T

from ecom_platform.contracts.lineage import MADE_HERE, carried, made_from
from ecom_platform.contracts.table import TableContract

# The nine columns of the REES46 / Kaggle format, in the order of its files. Two rows that are
# alike in all nine are one event that was delivered twice.
SOURCE_COLUMNS = (
    "event_time",
    "event_type",
    "product_id",
    "category_id",
    "category_code",
    "brand",
    "price",
    "user_id",
    "user_session",
)

# Those of them that are of the event itself; the others tell of its product.
EVENT_COLUMNS = ("event_time", "event_type", "product_id", "price", "user_id", "user_session")

# Rows of raw_events come from landing objects, or from the shop's tables as DMS has delivered them:
# these count as an object a date, called by it. Nothing of that name lies in landing, where events
# lie below `events/`.
SHOP_OBJECTS = "dms/events/"

# Characters of a rejected line that are kept.
LONGEST_STORED_LINE = 4096


class RawEvents(pandera.DataFrameModel):
    """Every line that arrived and is an event: typed, undeduplicated, with its provenance."""

    event_time: T.TimestampType = pandera.Field(
        description="When the event happened.", metadata={"unit": "UTC, microseconds"}
    )
    event_date: T.DateType = pandera.Field(description="UTC date of event_time.")
    event_type: T.StringType = pandera.Field(
        nullable=True, description="What the user did, as the source wrote it."
    )
    product_id: T.LongType = pandera.Field(gt=0, description="The product.")
    category_id: T.LongType = pandera.Field(
        gt=0, description="The product's category; 19 digits, more than a double can hold."
    )
    category_code: T.StringType = pandera.Field(
        nullable=True, description="Dotted path of the category; many categories have none."
    )
    brand: T.StringType = pandera.Field(nullable=True, description="Brand of the product.")
    price: Annotated[T.DecimalType, 12, 2] = pandera.Field(
        description="Price of the product at that time.", metadata={"unit": "USD"}
    )
    user_id: T.LongType = pandera.Field(
        gt=0, description="The user, by the shop's permanent id.", metadata={"pii": True}
    )
    user_session: T.StringType = pandera.Field(
        nullable=True, description="The session's id (a UUID); changes after a long pause."
    )
    source_event_id: T.LongType = pandera.Field(
        nullable=True, description="The source's own id of the event; null for file sources."
    )
    device_type: T.StringType = pandera.Field(
        nullable=True, description="Device of the session; null for file sources."
    )
    source_channel: T.StringType = pandera.Field(
        nullable=True, description="Channel that brought the session; null for file sources."
    )
    source_object: T.StringType = pandera.Field(
        description="Key of the landing object, below the landing root; `dms/events/<date>` for "
        "events of the shop's tables."
    )
    object_version: T.StringType = pandera.Field(
        description="Version of that object: ETag, or hash of its content."
    )
    source_row: T.LongType = pandera.Field(
        gt=0,
        description="Physical line in that object; the header is line 1. Of events of the shop's "
        "tables the place by event_id, from 2.",
    )
    ingested_at: T.TimestampType = pandera.Field(
        description="When the platform read the line.", metadata={"unit": "UTC, microseconds"}
    )

    class Config:
        strict = True


class RejectedEvents(pandera.DataFrameModel):
    """Every line that was not published, with its text and the reason.

    Layer `raw` holds lines that are no event, layer `clean` events that break a rule.
    """

    event_date: T.DateType = pandera.Field(
        nullable=True, description="UTC date of the event; null where the line tells none."
    )
    event_time: T.TimestampType = pandera.Field(
        nullable=True,
        description="When the event happened; null for layer raw, whose line may tell no time.",
        metadata={"unit": "UTC, microseconds"},
    )
    layer: T.StringType = pandera.Field(
        isin=["raw", "clean"], description="The layer that rejected it: raw or clean."
    )
    reason: T.StringType = pandera.Field(description="The rule it broke, e.g. bad_price.")
    detail: T.StringType = pandera.Field(
        nullable=True, description="What exactly was wrong, for a person."
    )
    line: T.StringType = pandera.Field(
        description=f"The text of the line; cut at {LONGEST_STORED_LINE:,} characters. "
        "May hold a user's id.",
        metadata={"pii": True},
    )
    source_object: T.StringType = pandera.Field(
        description="Key of the landing object, below the landing root."
    )
    object_version: T.StringType = pandera.Field(
        description="Version of that object: ETag, or hash of its content."
    )
    source_row: T.LongType = pandera.Field(
        gt=0, description="Physical line in that object; the header is line 1."
    )
    rejected_at: T.TimestampType = pandera.Field(
        description="When the platform rejected the line.",
        metadata={"unit": "UTC, microseconds"},
    )

    class Config:
        strict = True


RAW_EVENTS = TableContract(
    name="raw_events",
    layer="raw",
    grain="one line of one landing object that is an event",
    key=("source_object", "source_row"),
    cadence="hourly",
    model=RawEvents,
    files_of_objects={},
)

REJECTED_EVENTS = TableContract(
    name="rejected_events",
    layer="clean",
    grain="one line that was not published",
    key=("source_object", "source_row"),
    cadence="hourly",
    model=RejectedEvents,
    # Of layer `clean`. Rows of layer `raw` were never in a table: they come from landing.
    lineage={
        **carried(RAW_EVENTS.name, "event_date", "event_time"),
        **carried(RAW_EVENTS.name, "source_object", "object_version", "source_row"),
        "reason": made_from(RAW_EVENTS.name, "user_session", "event_type", "price"),
        "line": made_from(RAW_EVENTS.name, *SOURCE_COLUMNS),
        "layer": MADE_HERE,
        "detail": MADE_HERE,
        "rejected_at": MADE_HERE,
    },
    files_of_objects={"layer": "raw"},
)
