"""Counting what became of the raw rows of a date, and what does not add up.

Belongs here: from counts of stored rows to fates by object and hour. Not here: queries
(transforms/ledger.py), lines that are no event, publishing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from ecom_platform.contracts.clean import CLEAN_EVENTS
from ecom_platform.contracts.model import FACT_USER_EVENTS
from ecom_platform.contracts.raw import RAW_EVENTS, REJECTED_EVENTS
from ecom_platform.contracts.row_ledger import FATES_OF_A_RAW_ROW, rejected_column
from ecom_platform.lake.audit import Finding, listed
from ecom_platform.transforms.ledger import (
    count_places,
    count_rejected,
    count_repetitions,
    count_unequal_events,
    find_unequal_events,
)

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, Row

    from ecom_platform.pipeline.slice_build import SliceBuild

RAW_ROWS_RECONCILE = "raw_rows_reconcile"
CLEAN_ROWS_RECONCILE = "clean_rows_reconcile"

_PLACE = ("source_object", "source_row")


@dataclass
class Fates:
    """What became of the raw rows of some hours of a date.

    Attributes:
        counts: by object and hour, the counts of the row ledger.
        faults: what does not add up, by object, in words.
        in_fact: events that are in clean_events and not once in the fact, or the reverse, in
            words, by object.
        numbers: how many rows are at fault, by kind.
    """

    counts: dict[tuple[str, int], Counter[str]] = field(
        default_factory=lambda: defaultdict(Counter)
    )
    faults: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    in_fact: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    numbers: Counter[str] = field(default_factory=Counter)

    def total(self, name: str, source_object: str | None = None) -> int:
        """A count of all hours, of one object or of all."""
        return sum(
            counts[name] for (key, _), counts in self.counts.items() if source_object in (None, key)
        )


def count_fates(build: SliceBuild, unsettled: Iterable[int]) -> Fates:
    """Count what became of the raw rows of a slice.

    Args:
        build: reads the stored rows of the slice.
        unsettled: the hours that are not rebuilt as far as the fact; of their raw rows nothing
            can be said yet, whatever older rows clean_events and the fact still hold.
    """
    fates, pending = Fates(), frozenset(unsettled)
    raw = build.read(RAW_EVENTS.name).rows
    clean, fact, rejected = (
        _without(pending, build.read(table.name).rows)
        for table in (CLEAN_EVENTS, FACT_USER_EVENTS, REJECTED_EVENTS)
    )
    rejected = rejected.where("layer = 'clean'")
    _place_raw_rows(fates, pending, raw, clean, rejected)
    for row in count_rejected(rejected).collect():
        place = row["source_object"], row["event_hour"]
        fates.counts[place][rejected_column(row["reason"])] += row["line_count"]
    unequal = find_unequal_events(clean, fact)
    if unequal.limit(1).collect():
        _tell_unequal_events(fates, count_unequal_events(unequal, clean).collect())
    return fates


def _place_raw_rows(
    fates: Fates, pending: frozenset[int], raw: DataFrame, clean: DataFrame, rejected: DataFrame
) -> None:
    for row in count_places(raw, clean, rejected).collect():
        counts = fates.counts[row["source_object"], row["event_hour"]]
        lines, copies = row["line_count"], (row["in_raw"], row["in_clean"], row["in_rejected"])
        counts["raw_count"] += lines * row["in_raw"]
        if copies == (1, 1, 0):
            counts["clean_count"] += lines
            counts["fact_count"] += lines
        elif copies == (1, 0, 1):
            counts["rejected_count"] += lines
        elif row["event_hour"] in pending:
            counts["pending_count"] += lines * row["in_raw"]
        elif copies == (1, 0, 0):
            counts["unpublished"] += lines
        else:
            _tell_impossible_places(fates, row)
    if fates.total("unpublished"):
        published = clean.select(*_PLACE).unionAll(rejected.select(*_PLACE))
        _tell_repetitions(fates, count_repetitions(_without(pending, raw), published).collect())


def _tell_repetitions(fates: Fates, found: Iterable[Row]) -> None:
    for row in found:
        counts = fates.counts[row["source_object"], row["event_hour"]]
        counts["unpublished"] -= row["line_count"]
        if row["repeats"]:
            counts["duplicate_count"] += row["line_count"]
            continue
        counts["lost_count"] += row["line_count"]
        fates.faults[row["source_object"]].append(
            f"{row['line_count']:,} lost in hour {row['event_hour']}, the first is line "
            f"{row['first_row']:,}"
        )


def _tell_impossible_places(fates: Fates, row: Row) -> None:
    """Lines that are published without a raw row, or more often than once."""
    name = "lines_without_a_raw_row" if not row["in_raw"] else "lines_in_several_places"
    fates.numbers[name] += row["line_count"]
    fates.counts[row["source_object"], row["event_hour"]]["lost_count"] += (
        row["line_count"] * row["in_raw"]
    )
    places = ", ".join(
        f"{row[column]} times in {table}"
        for column, table in (
            ("in_raw", RAW_EVENTS.name),
            ("in_clean", CLEAN_EVENTS.name),
            ("in_rejected", REJECTED_EVENTS.name),
        )
    )
    fates.faults[row["source_object"]].append(
        f"{row['line_count']:,} lines of hour {row['event_hour']} stand {places}; the first is "
        f"line {row['first_row']:,}"
    )


def _tell_unequal_events(fates: Fates, found: Iterable[Row]) -> None:
    for row in found:
        origin = row["source_object"] or "no object"
        excess = row["event_count"] * (row["in_clean"] - row["in_fact"])
        fates.numbers["events_at_fault"] += row["event_count"]
        fates.numbers["events_missing"] += max(excess, 0)
        fates.numbers["events_too_many"] += max(-excess, 0)
        fates.in_fact[origin].append(
            f"{row['event_count']:,} events stand {row['in_clean']} times in {CLEAN_EVENTS.name} "
            f"and {row['in_fact']} times in {FACT_USER_EVENTS.name}, the first is event "
            f"{row['first_id']}"
        )


def judge_fates(fates: Fates, label: str) -> list[Finding]:
    """The verdicts on the counts of a date: raw = clean + duplicates + rejected, clean = fact.

    Args:
        fates: the counts.
        label: the date, for the message.
    """
    parts = {name: fates.total(name) for name in ("raw_count", *FATES_OF_A_RAW_ROW)}
    messages = [
        f"{key} {label}: {_equation(fates, key)}: {'; '.join(faults)}"
        for key, faults in sorted(fates.faults.items())
    ]
    raw_rows = Finding(
        RAW_ROWS_RECONCILE,
        not messages,
        {
            **parts,
            **{n: fates.numbers[n] for n in ("lines_without_a_raw_row", "lines_in_several_places")},
        },
        listed(messages),
    )
    messages = [
        f"{key} {label}: {fates.total('clean_count', key):,} clean rows: {'; '.join(faults)}"
        for key, faults in sorted(fates.in_fact.items())
    ]
    numbers = {n: fates.numbers[n] for n in ("events_missing", "events_too_many")}
    counted = {"clean_count": parts["clean_count"], **numbers}
    return [raw_rows, Finding(CLEAN_ROWS_RECONCILE, not messages, counted, listed(messages))]


def _equation(fates: Fates, key: str) -> str:
    parts = " + ".join(
        f"{fates.total(name, key):,} {name.removesuffix('_count')}" for name in FATES_OF_A_RAW_ROW
    )
    return f"{fates.total('raw_count', key):,} raw rows against {parts}"


def _without(hours: frozenset[int], rows: DataFrame) -> DataFrame:
    return rows.where(~F.hour("event_time").isin(sorted(hours))) if hours else rows
