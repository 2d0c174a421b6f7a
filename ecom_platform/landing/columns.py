"""The shape of what the reader yields: Arrow schemas of events and of rejected lines.

Belongs here: column names and Arrow types of parsed lines. Not here: table contracts, rules.
"""

from __future__ import annotations

import pyarrow as pa

# The same nine as contracts.raw.SOURCE_COLUMNS (a test compares them), written again because the
# contracts load pyspark and this reader also runs where there is none.
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

FEW_VALUES: pa.DataType = pa.dictionary(pa.int32(), pa.string())
"""Text with few distinct values in a block: the distinct values once, and an index per row."""

PRICE: pa.DataType = pa.decimal128(12, 2)

UTC_TIME: pa.DataType = pa.timestamp("us", "UTC")

_EVENT_FIELDS: list[pa.Field] = [
    pa.field("event_time", UTC_TIME),
    pa.field("event_date", pa.date32()),
    pa.field("event_type", FEW_VALUES),
    pa.field("product_id", pa.int64()),
    pa.field("category_id", pa.int64()),
    pa.field("category_code", FEW_VALUES),
    pa.field("brand", FEW_VALUES),
    pa.field("price", PRICE),
    pa.field("user_id", pa.int64()),
    pa.field("user_session", pa.string()),
    pa.field("source_row", pa.int64()),
]
EVENTS_SCHEMA = pa.schema(_EVENT_FIELDS)
"""Grain: one line that is an event. `source_row` is its physical line; the header is line 1."""

_REJECTED_FIELDS: list[pa.Field] = [
    pa.field("event_date", pa.date32()),
    pa.field("source_row", pa.int64()),
    pa.field("reason", pa.string()),
    pa.field("detail", pa.string()),
    pa.field("line", pa.string()),
]
REJECTED_SCHEMA = pa.schema(_REJECTED_FIELDS)
"""Grain: one line that is no event, with its text and the first rule that it broke."""
