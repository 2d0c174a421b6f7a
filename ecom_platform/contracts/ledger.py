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


LANDING_OBJECTS = TableContract(
    name="landing_objects",
    layer="ledger",
    grain="one outcome of one version of a landing object",
    key=("source_object", "object_version"),
    cadence="every ingest",
    model=LandingObjects,
    partition_by=None,
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
