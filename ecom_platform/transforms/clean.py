"""From raw to clean: each event once, rule breakers set aside with their reason.

Belongs here: the rows of clean_events and rejected_events. Not here: columns' meanings.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ecom_platform.contracts.clean import CLEAN_EVENTS, REJECTION_RULES, UNKNOWN
from ecom_platform.contracts.raw import LONGEST_STORED_LINE, REJECTED_EVENTS, SOURCE_COLUMNS
from ecom_platform.transforms.events import (
    event_id,
    find_repeated_ids,
    find_shared_likenesses,
    remove_exact_duplicates,
    with_likeness,
)
from ecom_platform.transforms.keeping import Keep, not_kept


def rejection_reason() -> Column:
    """The first rule that an event breaks, or null for an accepted event."""
    rules = iter(REJECTION_RULES.items())
    reason, violation = next(rules)
    first_broken = F.when(F.expr(violation), F.lit(reason))
    for reason, violation in rules:
        first_broken = first_broken.when(F.expr(violation), F.lit(reason))
    return first_broken


@dataclass(frozen=True)
class DividedEvents:
    """Raw events, divided by what must be done to them.

    Attributes:
        repeated: the ids that several rows share, as find_repeated_ids gives them.
        alone: accepted rows that are like no other row, with their `event_id`; nearly all.
        aside: the others: rows that break a rule, and rows to compare column by column.
    """

    repeated: DataFrame
    alone: DataFrame
    aside: DataFrame


def divide_events(raw_events: DataFrame, keep: Keep = not_kept) -> DividedEvents:
    """Divide raw events, so that only few rows are compared by all nine columns.

    Args:
        raw_events: rows of raw_events of whole slices.
        keep: computes rows once for all who read them; without it each reader computes them.
    """
    shared = F.broadcast(keep(find_shared_likenesses(raw_events)))
    accepted = rejection_reason().isNull()
    marked = with_likeness(raw_events).join(
        shared.withColumn("is_shared", F.lit(True)), on="likeness", how="left"
    )
    aside = keep(marked.where(~accepted | F.col("is_shared")).select(raw_events.columns))
    alone = with_likeness(raw_events.where(accepted)).join(shared, on="likeness", how="left_anti")
    return DividedEvents(
        # All rows of an id are alike, so that they stand aside together.
        repeated=find_repeated_ids(aside),
        alone=alone.withColumn("event_id", event_id(raw_events)),
        aside=aside,
    )


def clean_events(events: DividedEvents) -> DataFrame:
    """Build clean_events: accepted events, once each, with no nulls left.

    Rules look only at the nine source columns, so duplicates share one verdict, and rejecting
    before or after removing them gives the same rows; before is less work.

    Args:
        events: raw events of whole slices.

    Returns:
        Rows in the shape of the clean_events contract; grain: one accepted event.
    """
    compared = remove_exact_duplicates(events.aside.where(rejection_reason().isNull()))
    return _complete(events.alone).unionByName(_complete(compared))


def reject_events(events: DividedEvents, rejected_at: dt.datetime) -> DataFrame:
    """Build the rows of rejected_events for events that break a rule, once each.

    Args:
        events: raw events of whole slices.
        rejected_at: the moment to record, UTC.

    Returns:
        Rows in the shape of the rejected_events contract, layer `clean`.
    """
    refused = remove_exact_duplicates(events.aside.where(rejection_reason().isNotNull()))
    return refused.withColumns(
        {
            "layer": F.lit("clean"),
            "reason": rejection_reason(),
            "detail": F.lit(None).cast("string"),
            "line": as_line(),
            "rejected_at": F.lit(rejected_at).cast("timestamp"),
        }
    ).select(REJECTED_EVENTS.column_names)


def _complete(accepted: DataFrame) -> DataFrame:
    """Rows of the contract, with a value where the source had none."""
    return accepted.withColumns(
        {
            **{n: F.coalesce(F.col(n), F.lit(UNKNOWN)) for n in ("category_code", "brand")},
            "event_id": F.coalesce(F.col("source_event_id"), F.col("event_id")),
        }
    ).select(CLEAN_EVENTS.column_names)


def as_line() -> Column:
    """The nine source columns as a line that the reader would read as the same event."""
    moment = F.date_format("event_time", "yyyy-MM-dd HH:mm:ss.SSSSSS")
    time = F.concat(F.regexp_replace(moment, r"\.000000$", ""), F.lit(" UTC"))
    values = [F.coalesce(_quoted(name), F.lit("")) for name in SOURCE_COLUMNS[1:]]
    return F.concat_ws(",", time, *values).substr(1, LONGEST_STORED_LINE)


def _quoted(column: str) -> Column:
    """A value as text, in quotes where it holds a comma or a quote (RFC 4180)."""
    text = F.col(column).cast("string")
    quoted = F.concat(F.lit('"'), F.regexp_replace(text, '"', '""'), F.lit('"'))
    return F.when(text.rlike('[",]'), quoted).otherwise(text)
