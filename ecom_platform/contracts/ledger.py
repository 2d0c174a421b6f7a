"""Contracts of the platform's own records: what arrived, what was published from what.

Belongs here: tables the platform keeps about its work. Not here: tables of the shop's events.
"""

from __future__ import annotations

import pandera.pyspark as pandera
import pyspark.sql.types as T

from ecom_platform.contracts.table import TableContract


class LandingObjects(pandera.DataFrameModel):
    """What became of every version of every landing object; the last entry of a key counts."""

    source_object: T.StringType = pandera.Field(description="Key below the landing root.")
    object_version: T.StringType = pandera.Field(description="ETag, or hash of the content.")
    status: T.StringType = pandera.Field(
        isin=["ingested", "refused"], description="ingested, or refused whole."
    )
    reason: T.StringType = pandera.Field(nullable=True, description="Why it was refused.")
    detail: T.StringType = pandera.Field(nullable=True, description="The reason in words.")
    size_bytes: T.LongType = pandera.Field(ge=0, description="Size.", metadata={"unit": "bytes"})
    modified_at: T.TimestampType = pandera.Field(
        description="When the object was written.", metadata={"unit": "UTC, microseconds"}
    )
    line_count: T.LongType = pandera.Field(ge=0, description="Lines below the header.")
    raw_count: T.LongType = pandera.Field(ge=0, description="Lines that became raw_events.")
    malformed_count: T.LongType = pandera.Field(ge=0, description="Lines rejected as no event.")
    run_id: T.StringType = pandera.Field(description="Run that read it.")
    recorded_at: T.TimestampType = pandera.Field(
        description="When this entry was written.", metadata={"unit": "UTC, microseconds"}
    )

    class Config:
        strict = True


class LandingLateness(pandera.DataFrameModel):
    """How long after they happened the events of every landing object were delivered, by date.

    Only of versions whose rows are visible; reading an object again replaces its rows. A delay
    runs from the second in which an event happened to the second in which its object was
    written; quantiles are those of the object's rows, not interpolated.
    """

    source_object: T.StringType = pandera.Field(description="Key below the landing root.")
    object_version: T.StringType = pandera.Field(description="ETag, or hash of the content.")
    event_date: T.DateType = pandera.Field(description="UTC date of the events.")
    row_count: T.LongType = pandera.Field(gt=0, description="Rows of raw_events.")
    is_late: T.BooleanType = pandera.Field(
        description="The object was written after the date had closed, three hours after its end."
    )
    first_event_at: T.TimestampType = pandera.Field(
        description="Second of the first event.", metadata={"unit": "UTC, microseconds"}
    )
    last_event_at: T.TimestampType = pandera.Field(
        description="Second of the last event.", metadata={"unit": "UTC, microseconds"}
    )
    modified_at: T.TimestampType = pandera.Field(
        description="When the object was written.", metadata={"unit": "UTC, microseconds"}
    )
    ingested_at: T.TimestampType = pandera.Field(
        description="When the platform read the object.", metadata={"unit": "UTC, microseconds"}
    )
    delay_min_seconds: T.LongType = pandera.Field(
        description="Shortest delay; negative if the source's clock runs ahead.",
        metadata={"unit": "seconds"},
    )
    delay_median_seconds: T.LongType = pandera.Field(
        description="Delay that half of the rows do not exceed.", metadata={"unit": "seconds"}
    )
    delay_p95_seconds: T.LongType = pandera.Field(
        description="Delay that 95 % of the rows do not exceed.", metadata={"unit": "seconds"}
    )
    delay_max_seconds: T.LongType = pandera.Field(
        description="Longest delay.", metadata={"unit": "seconds"}
    )

    class Config:
        strict = True


class Publications(pandera.DataFrameModel):
    """What is published: for every slice the fingerprint of its inputs; the newest entry counts.

    A slice is an event date, or one hour of it while the day is open.
    """

    table_name: T.StringType = pandera.Field(description="The published table.")
    event_date: T.DateType = pandera.Field(description="Date of the slice.")
    hour: T.IntegerType = pandera.Field(
        nullable=True, ge=0, le=23, description="Hour of the slice; null for the whole date."
    )
    fingerprint: T.StringType = pandera.Field(description="Fingerprint of the slice's inputs.")
    hour_fingerprints: T.StringType = pandera.Field(
        description="The same for every hour that holds rows, as JSON."
    )
    row_count: T.LongType = pandera.Field(ge=0, description="Rows in the slice.")
    byte_count: T.LongType = pandera.Field(
        ge=0, description="Size of the slice's files.", metadata={"unit": "bytes"}
    )
    measures: T.StringType = pandera.Field(description="What the audit measured, as JSON.")
    run_id: T.StringType = pandera.Field(description="Run that published it.")
    snapshot_id: T.LongType = pandera.Field(description="Iceberg snapshot that holds it.")
    sequence_number: T.LongType = pandera.Field(
        ge=0, description="Order of that snapshot in its table: the larger is the newer."
    )
    published_at: T.TimestampType = pandera.Field(
        description="When this entry was written.", metadata={"unit": "UTC, microseconds"}
    )

    class Config:
        strict = True


class Holds(pandera.DataFrameModel):
    """Dates that were put back by hand, which no run rebuilds until they are released."""

    table_name: T.StringType = pandera.Field(description="The table that was put back.")
    event_date: T.DateType = pandera.Field(
        nullable=True, description="The date; null for a table without dates."
    )
    snapshot_id: T.LongType = pandera.Field(description="Iceberg snapshot that it was put back to.")
    replaced_snapshot_id: T.LongType = pandera.Field(
        description="Iceberg snapshot that was current before the date was first put back."
    )
    reason: T.StringType = pandera.Field(description="Why, in the words of who did it.")
    held_by: T.StringType = pandera.Field(
        description="Who did it: the user of the machine.", metadata={"pii": True}
    )
    held_at: T.TimestampType = pandera.Field(
        description="When it was put back.", metadata={"unit": "UTC, microseconds"}
    )
    released_at: T.TimestampType = pandera.Field(
        nullable=True,
        description="When it was released; null while it is held.",
        metadata={"unit": "UTC, microseconds"},
    )
    recorded_at: T.TimestampType = pandera.Field(
        description="When this entry was written; the newest of a date counts.",
        metadata={"unit": "UTC, microseconds"},
    )

    class Config:
        strict = True


LANDING_OBJECTS = TableContract(
    name="landing_objects",
    layer="ledger",
    grain="one outcome of one version of a landing object",
    key=("source_object", "object_version"),
    cadence="every ingest",
    model=LandingObjects,
    partition_by=None,
)

LANDING_LATENESS = TableContract(
    name="landing_lateness",
    layer="ledger",
    grain="one event date of the visible version of a landing object",
    key=("source_object", "event_date"),
    cadence="every ingest",
    model=LandingLateness,
    partition_by=None,
    row_rules=(
        ("first_is_not_after_last", "first_event_at > last_event_at"),
        (
            "delays_are_in_order",
            "delay_min_seconds > delay_median_seconds OR delay_median_seconds > delay_p95_seconds "
            "OR delay_p95_seconds > delay_max_seconds",
        ),
    ),
)

PUBLICATIONS = TableContract(
    name="publications",
    layer="ledger",
    grain="one publication of one slice of a table",
    key=("table_name", "event_date", "hour"),
    cadence="every publication",
    model=Publications,
    partition_by=None,
)

HOLDS = TableContract(
    name="holds",
    layer="ledger",
    grain="one date of a table that was put back or released",
    key=("table_name", "event_date", "recorded_at"),
    cadence="every rollback and release",
    model=Holds,
    partition_by=None,
)
