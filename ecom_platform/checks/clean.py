"""The checks of the clean layer.

Belongs here: what clean_events promises, and what of it a person should look at. Not here: the
checks of other layers.
"""

import datetime as dt

import dagster as dg

from ecom_platform.checks.counted import (
    counted_by_this_run,
    left_until_the_end,
    waits_for_the_end,
)
from ecom_platform.checks.stored import build_checks, contract_checks, judge_stored
from ecom_platform.contracts.clean import CLEAN_EVENTS
from ecom_platform.contracts.raw import RAW_EVENTS, REJECTED_EVENTS
from ecom_platform.lake.audit import Equation, Finding, judge_equation
from ecom_platform.pipeline.shop.overruled import overruled_rows
from ecom_platform.pipeline.stored import StoredTables
from ecom_platform.transforms.events import count_events_by_hour, without_rows
from ecom_platform.transforms.relations import count_unknown_by_category

UNKNOWN_SHARE = "unknown_share_by_category"
# At most this share of a category's events may lack its brand or its code.
MOST_UNKNOWN = 0.05


def evaluate_clean_events(stored: StoredTables, event_date: dt.date) -> list[Finding]:
    """Judge a stored date of clean_events."""
    judged = judge_stored(stored, CLEAN_EVENTS.name, event_date)
    if judged.counts is None:
        return judged.findings
    return [
        *judged.findings,
        judge_equation(count_fates(stored, event_date, judged.counts["row_count"])),
        judge_unknown_shares(stored, event_date),
    ]


def count_fates(stored: StoredTables, event_date: dt.date, clean_count: int) -> Equation:
    """Where the raw rows of a date went: counts of stored rows, not of what a step reported.

    Args:
        stored: what the lake holds.
        event_date: the date.
        clean_count: the rows that clean_events was counted to hold.
    """
    rejected = stored.files(REJECTED_EVENTS.name, event_date)
    audited = counted_by_this_run(stored, CLEAN_EVENTS.name, event_date)
    if audited is not None:
        duplicates = audited.get("duplicates", 0)
    else:
        rows = stored.rows(RAW_EVENTS.name, event_date)
        overruled = overruled_rows(stored.files(RAW_EVENTS.name, event_date), rows)
        left = rows if overruled is None else without_rows(rows, overruled)
        counted = count_events_by_hour(left).collect()
        distinct = sum(row["distinct_count"] for row in counted)
        duplicates = stored.row_count(RAW_EVENTS.name, event_date) - distinct
    return Equation(
        RAW_EVENTS.name,
        stored.row_count(RAW_EVENTS.name, event_date),
        {
            CLEAN_EVENTS.name: clean_count,
            "duplicates": duplicates,
            REJECTED_EVENTS.name: sum(f.row_count for f in rejected if f.only("layer") == "clean"),
        },
    )


def judge_unknown_shares(stored: StoredTables, event_date: dt.date) -> Finding:
    """The share of events without brand or category code, by category, against the 5 % rule."""
    if waits_for_the_end(stored, CLEAN_EVENTS.name, event_date):
        return left_until_the_end(UNKNOWN_SHARE, event_date)
    rows_of_date = stored.rows(CLEAN_EVENTS.name, event_date)
    counted = [row.asDict() for row in count_unknown_by_category(rows_of_date).collect()]
    rows = sum(row["row_count"] for row in counted)
    numbers: dict[str, int | float | str] = {"categories": len(counted)}
    messages = []
    for column in ("brand", "category_code"):
        name = f"unknown_{column}"
        over = [row for row in counted if row[name] > MOST_UNKNOWN * row["row_count"]]
        unknown = sum(row[name] for row in counted)
        numbers[f"{name}_share"] = round(unknown / rows, 6) if rows else 0.0
        numbers[f"{name}_categories_over"] = len(over)
        if over:
            worst = max(over, key=lambda row: (row[name], row["category_id"]))
            numbers[f"{name}_worst_category"] = str(worst["category_id"])
            messages.append(
                f"{len(over)} of {len(counted)} categories have more than 5 % events without "
                f"{column}, the most {worst['category_id']}: {worst[name]:,} of "
                f"{worst['row_count']:,}"
            )
    return Finding(UNKNOWN_SHARE, not messages, numbers, "; ".join(messages), blocking=False)


def build_clean_checks(partitions: dg.PartitionsDefinition[str]) -> dg.AssetChecksDefinition:
    """Make the checks of clean_events."""
    return build_checks(
        CLEAN_EVENTS.name,
        [*contract_checks(CLEAN_EVENTS), "row_count_reconciles"],
        [UNKNOWN_SHARE],
        partitions,
        evaluate_clean_events,
        additional_deps=[RAW_EVENTS.name, REJECTED_EVENTS.name],
    )
