"""From raw to clean: each event once, rule breakers set aside with their reason.

Belongs here: the rows of clean_events and rejected_events. Not here: columns' meanings.
"""

from __future__ import annotations

import datetime as dt

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ecom_platform.contracts.clean import CLEAN_EVENTS, REJECTION_RULES, UNKNOWN
from ecom_platform.contracts.raw import LONGEST_STORED_LINE, REJECTED_EVENTS, SOURCE_COLUMNS
from ecom_platform.transforms.events import remove_exact_duplicates


def rejection_reason() -> Column:
    """The first rule that an event breaks, or null for an accepted event."""
    rules = iter(REJECTION_RULES.items())
    reason, violation = next(rules)
    first_broken = F.when(F.expr(violation), F.lit(reason))
    for reason, violation in rules:
        first_broken = first_broken.when(F.expr(violation), F.lit(reason))
    return first_broken


def clean_events(raw_events: DataFrame) -> DataFrame:
    """Build clean_events: accepted events, once each, with no nulls left.

    Rules look only at the nine source columns, so duplicates share one verdict, and rejecting
    before or after removing them gives the same rows; before is less work.

    Args:
        raw_events: rows of raw_events of whole slices.

    Returns:
        Rows in the shape of the clean_events contract; grain: one accepted event.
    """
    accepted = remove_exact_duplicates(raw_events.where(rejection_reason().isNull()))
    return accepted.withColumns(
        {name: F.coalesce(F.col(name), F.lit(UNKNOWN)) for name in ("category_code", "brand")}
    ).select(CLEAN_EVENTS.column_names)


def reject_events(raw_events: DataFrame, rejected_at: dt.datetime) -> DataFrame:
    """Build the rows of rejected_events for events that break a rule, once each.

    Args:
        raw_events: rows of raw_events of whole slices.
        rejected_at: the moment to record, UTC.

    Returns:
        Rows in the shape of the rejected_events contract, layer `clean`.
    """
    refused = remove_exact_duplicates(raw_events.where(rejection_reason().isNotNull()))
    return refused.withColumns(
        {
            "layer": F.lit("clean"),
            "reason": rejection_reason(),
            "detail": F.lit(None).cast("string"),
            "line": _as_line(),
            "rejected_at": F.lit(rejected_at).cast("timestamp"),
        }
    ).select(REJECTED_EVENTS.column_names)


def _as_line() -> Column:
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
