"""Contract of the row ledger: how many lines of which object had which fate.

Belongs here: the ledger's columns, one a reason among them, and its equations. Not here: counting.
"""

from __future__ import annotations

from typing import Any

import pandera.pyspark as pandera
import pyspark.sql.types as T

from ecom_platform.contracts.reasons import EVENT_REASONS, LINE_REASONS
from ecom_platform.contracts.table import TableContract


def malformed_column(reason: str) -> str:
    """The column that counts lines which are no event for a reason."""
    return f"malformed_{reason}_count"


def rejected_column(reason: str) -> str:
    """The column that counts events which break a rule."""
    return f"rejected_{reason}_count"


# One column a reason, in the order in which rules are tried.
MALFORMED_COLUMNS = tuple(map(malformed_column, LINE_REASONS))
REJECTED_COLUMNS = tuple(map(rejected_column, EVENT_REASONS))

# What a line that was read can come to, and what a row of raw_events can.
FATES_OF_A_LINE = ("raw_count", "malformed_count", "superseded_count")
FATES_OF_A_RAW_ROW = (
    "clean_count",
    "duplicate_count",
    "rejected_count",
    "pending_count",
    "lost_count",
)
TOTALS = ("line_count", *FATES_OF_A_LINE, *FATES_OF_A_RAW_ROW, "fact_count")
COUNT_COLUMNS = (*TOTALS, *MALFORMED_COLUMNS, *REJECTED_COLUMNS)


def _count(of: str) -> Any:
    return pandera.Field(ge=0, description=f"Number of {of}.")


class _Counted(pandera.DataFrameModel):
    source_object: T.StringType = pandera.Field(description="Key below the landing root.")
    object_version: T.StringType = pandera.Field(description="ETag, or hash of the content.")
    object_status: T.StringType = pandera.Field(
        isin=["current", "superseded", "refused"],
        description="current: its rows are in the lake; superseded: a newer version replaced "
        "them; refused: nothing of it was published.",
    )
    event_date: T.DateType = pandera.Field(
        nullable=True, description="UTC date of the lines; null for lines that tell none."
    )
    event_hour: T.IntegerType = pandera.Field(
        nullable=True, ge=0, le=23, description="UTC hour; null for lines that are no event."
    )
    line_count: T.LongType = _count("lines read, the header not among them")
    raw_count: T.LongType = _count("lines that stand in raw_events")
    malformed_count: T.LongType = _count("lines that are no event, by all reasons")
    superseded_count: T.LongType = _count("lines that a newer version of the object replaced")
    clean_count: T.LongType = _count("raw rows that stand in clean_events")
    duplicate_count: T.LongType = _count("raw rows that repeat one that is clean or rejected")
    rejected_count: T.LongType = _count("raw rows that broke a rule, by all reasons")
    pending_count: T.LongType = _count("raw rows of hours that are not rebuilt as far as the fact")
    lost_count: T.LongType = _count("raw rows of which nothing is known; never any")
    fact_count: T.LongType = _count("clean rows that stand in fact_user_events")
    run_id: T.StringType = pandera.Field(description="Run that counted.")
    counted_at: T.TimestampType = pandera.Field(
        description="When it was counted.", metadata={"unit": "UTC, microseconds"}
    )


class RowLedger(_Counted):
    """What became of every line that was read, by object version, event date and hour.

    Counted from the stored tables. Every line is in exactly one row, so that sums over any rows
    add up: `line_count` = `raw_count` + `malformed_count` + `superseded_count`, and `raw_count` =
    `clean_count` + `duplicate_count` + `rejected_count` + `pending_count`. Every object version
    has one row without a date: it counts the lines that tell none, and those of a version that
    was superseded.
    """

    # pandera reads the annotations of a class, and so one column a reason is written here.
    __annotations__ = dict.fromkeys((*MALFORMED_COLUMNS, *REJECTED_COLUMNS), T.LongType)
    for _reason in LINE_REASONS:
        locals()[malformed_column(_reason)] = _count(f"lines rejected as no event: {_reason}")
    for _reason in EVENT_REASONS:
        locals()[rejected_column(_reason)] = _count(f"raw rows that broke a rule: {_reason}")
    del _reason

    class Config:
        strict = True


ROW_LEDGER = TableContract(
    name="row_ledger",
    layer="ledger",
    grain="one object version, event date and hour; without an hour, its lines that are no event",
    key=("source_object", "object_version", "event_date", "event_hour"),
    cadence="hourly",
    model=RowLedger,
    row_rules=(
        ("every_line_has_a_fate", f"line_count <> {' + '.join(FATES_OF_A_LINE)}"),
        ("every_raw_row_has_a_fate", f"raw_count <> {' + '.join(FATES_OF_A_RAW_ROW)}"),
        ("no_raw_row_is_lost", "lost_count <> 0"),
        ("clean_rows_are_in_the_fact", "clean_count <> fact_count"),
        ("malformed_lines_have_a_reason", f"malformed_count <> {' + '.join(MALFORMED_COLUMNS)}"),
        ("rejected_rows_have_a_reason", f"rejected_count <> {' + '.join(REJECTED_COLUMNS)}"),
    ),
)
