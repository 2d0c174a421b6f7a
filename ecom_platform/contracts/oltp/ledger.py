"""Contracts of the records of changes: what became of objects of DMS, and of the rows in them.

Belongs here: tables that the platform keeps about changes. Not here: the changes.
"""

from __future__ import annotations

import pandera.pyspark as pandera
import pyspark.sql.types as T

from ecom_platform.contracts.table import TableContract

_UTC = {"unit": "UTC, microseconds"}


class DmsObjects(pandera.DataFrameModel):
    """What became of every version of every object of DMS; the last entry of a key counts."""

    source_object: T.StringType = pandera.Field(description="Key below the landing root.")
    object_version: T.StringType = pandera.Field(description="ETag, or hash of the content.")
    shop_table: T.StringType = pandera.Field(description="The shop's table.")
    status: T.StringType = pandera.Field(
        isin=["ingested", "refused"], description="ingested, or refused whole."
    )
    reason: T.StringType = pandera.Field(nullable=True, description="Why it was refused.")
    detail: T.StringType = pandera.Field(nullable=True, description="The reason in words.")
    begins_load: T.BooleanType = pandera.Field(
        description="Whether a new version of it is a new full load of its table."
    )
    written_at: T.TimestampType = pandera.Field(
        nullable=True,
        description="As of its rows in raw_oltp_<table>; null if it is refused.",
        metadata=_UTC,
    )
    is_told: T.BooleanType = pandera.Field(
        description="Whether written_at comes from the object itself, and not from its store."
    )
    size_bytes: T.LongType = pandera.Field(ge=0, description="Size.", metadata={"unit": "bytes"})
    modified_at: T.TimestampType = pandera.Field(
        description="When the object was written.", metadata=_UTC
    )
    row_count: T.LongType = pandera.Field(ge=0, description="Rows.")
    additional_columns: T.StringType = pandera.Field(
        nullable=True,
        description="Columns that the table does not have; their values are in `additional`.",
    )
    run_id: T.StringType = pandera.Field(description="Run that read it.")
    recorded_at: T.TimestampType = pandera.Field(
        description="When this entry was written.", metadata=_UTC
    )

    class Config:
        strict = True


class ChangeLedger(pandera.DataFrameModel):
    """What became of the rows of every object of DMS: applied, superseded or deleted.

    A row is applied if it is what the table holds now, a delete if the row it names is gone by it,
    and superseded if a later change of the same row, or a later full load, has taken its place.
    """

    source_object: T.StringType = pandera.Field(description="Key below the landing root.")
    object_version: T.StringType = pandera.Field(description="ETag, or hash of the content.")
    shop_table: T.StringType = pandera.Field(description="The shop's table.")
    row_count: T.LongType = pandera.Field(ge=0, description="Rows.")
    applied_count: T.LongType = pandera.Field(ge=0, description="Rows that are current.")
    superseded_count: T.LongType = pandera.Field(
        ge=0, description="Rows that a later change or full load has replaced."
    )
    deleted_count: T.LongType = pandera.Field(ge=0, description="Deletes that are in force.")

    class Config:
        strict = True


class AwaitedRows(pandera.DataFrameModel):
    """Rows that the shop's database and the lake held differently when they were compared.

    They may have been on their way. The next look judges them at the same point in the log, and
    leaves those that its own point awaits. Keys are digests, values are not kept.
    """

    shop_table: T.StringType = pandera.Field(description="The shop's table.")
    counted_under: T.StringType = pandera.Field(
        description="Date that the row is counted under; `all` in tables without one."
    )
    key_digest: T.StringType = pandera.Field(description="Digest of the point and the row's key.")
    checksum: T.LongType = pandera.Field(
        nullable=True,
        description="Of the row as the database held it at the point; null if it held none.",
    )
    point: T.StringType = pandera.Field(description="The point: a place in the database's log.")
    point_at: T.TimestampType = pandera.Field(
        description="The database's time at the point.", metadata=_UTC
    )
    awaited_from: T.TimestampType = pandera.Field(
        description="The database's time at the first point that could not be judged since one "
        "was.",
        metadata=_UTC,
    )

    class Config:
        strict = True


DMS_OBJECTS = TableContract(
    name="dms_objects",
    layer="ledger",
    grain="one outcome of one version of an object of DMS",
    key=("source_object", "object_version"),
    cadence="every ingest",
    model=DmsObjects,
    partition_by=None,
)

CHANGE_LEDGER = TableContract(
    name="change_ledger",
    layer="ledger",
    grain="one object of DMS",
    key=("source_object",),
    cadence="when changes arrive",
    model=ChangeLedger,
    partition_by=None,
    row_rules=(
        (
            "every_change_has_a_fate",
            "row_count <> applied_count + superseded_count + deleted_count",
        ),
    ),
)

AWAITED_ROWS = TableContract(
    name="awaited_rows",
    layer="ledger",
    grain="one row that is to be judged at a point in the log of the shop's database",
    key=("shop_table", "counted_under", "key_digest"),
    cadence="daily",
    model=AwaitedRows,
    partition_by=None,
)
