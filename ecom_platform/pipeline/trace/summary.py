"""The fates of all lines of an object, by date.

Belongs here: what the row ledger says of an object, and a count of what it has not counted yet.
Not here: single lines, how an answer is shown.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pyiceberg.expressions import And, EqualTo

from ecom_platform.contracts.raw import RAW_EVENTS, REJECTED_EVENTS, SOURCE_COLUMNS
from ecom_platform.contracts.row_ledger import (
    COUNT_COLUMNS,
    MALFORMED_COLUMNS,
    ROW_LEDGER,
    malformed_column,
    rejected_column,
)
from ecom_platform.lake.sql import connect
from ecom_platform.pipeline.staleness import ledger_inputs, stale_dates

if TYPE_CHECKING:
    from ecom_platform.pipeline.ledger.inputs import LedgerInputs
    from ecom_platform.pipeline.trace.origin import Origin, TracedVersion

EXAMPLES = 3

_ALIKE = " AND ".join(f"o.{name} IS NOT DISTINCT FROM r.{name}" for name in SOURCE_COLUMNS)

# One row an hour and fate: the reason of a rejected row, `clean`, `clean, not in the fact`,
# `duplicate` or `lost`. The names are those of contracts, and what a user says is a parameter.
_FATES = f"""
WITH published AS (
    SELECT source_object, source_row, event_id, 'clean' AS fate
    FROM clean_events WHERE event_date = $date
    UNION ALL
    SELECT source_object, source_row, NULL, reason
    FROM rejected_events WHERE event_date = $date AND layer = 'clean'
),
mine AS (
    SELECT r.*, p.fate, p.event_id
    FROM raw_events r LEFT JOIN published p USING (source_object, source_row)
    WHERE r.event_date = $date AND r.source_object = $key
),
repeated AS (
    SELECT DISTINCT r.source_row
    FROM mine r JOIN raw_events o ON o.event_date = $date AND {_ALIKE}
    JOIN published p ON p.source_object = o.source_object AND p.source_row = o.source_row
    WHERE r.fate IS NULL
      AND (o.source_object < r.source_object
           OR (o.source_object = r.source_object AND o.source_row < r.source_row))
)
SELECT hour(m.event_time) AS event_hour,
       CASE
           WHEN m.fate = 'clean' AND f.event_id IS NULL THEN 'clean, not in the fact'
           WHEN m.fate IS NOT NULL THEN m.fate
           WHEN d.source_row IS NOT NULL THEN 'duplicate'
           ELSE 'lost'
       END AS fate,
       count(*) AS line_count
FROM mine m
LEFT JOIN repeated d ON d.source_row = m.source_row
LEFT JOIN (SELECT event_id FROM fact_user_events WHERE event_date = $date) f
       ON f.event_id = m.event_id
GROUP BY ALL
"""  # noqa: S608  # see above

_PENDING = """
SELECT hour(event_time) AS event_hour, 'pending' AS fate, count(*) AS line_count
FROM raw_events WHERE event_date = $date AND source_object = $key GROUP BY ALL
"""


@dataclass
class DateFates:
    """The fates of an object's lines of one date, or of those that tell none.

    Attributes:
        event_date: the date, or None.
        counts: the counts of the row ledger.
        source: where they come from: the ledger, or a count made just now.
    """

    event_date: dt.date | None
    counts: Counter[str] = field(default_factory=Counter)
    source: str = "counted now"


@dataclass(frozen=True)
class Example:
    """A line that is no event, with its reason."""

    reason: str
    source_row: int
    detail: str | None
    line: str


@dataclass
class TracedObject:
    """What became of an object.

    Attributes:
        source_object: its key.
        versions: all that were read, in their order.
        dates: fates of the visible version, by date; last those of lines without a date.
        examples: the first malformed lines of each reason.
        note: what else a person should know.
    """

    source_object: str
    versions: list[TracedVersion]
    dates: list[DateFates] = field(default_factory=list)
    examples: list[Example] = field(default_factory=list)
    note: str | None = None

    @property
    def total(self) -> Counter[str]:
        """The counts of all dates."""
        return sum((of_date.counts for of_date in self.dates), Counter())


def trace_object(origin: Origin) -> TracedObject:
    """Find out what became of all lines of an object."""
    traced = TracedObject(origin.key, origin.versions)
    if not any(origin.lies_in_landing(v.outcome) for v in origin.versions):
        waits = "landing holds a version that is not ingested yet; `ecom run` reads it"
        traced.note = waits if origin.in_landing else "it lies in landing no more"
    if origin.current is None:
        return traced
    malformed = _malformed(origin)
    dates = _dates(origin) | {row["event_date"] for row in malformed if row["event_date"]}
    stale = set(stale_dates(origin.lake, ROW_LEDGER.name, dates, dt.datetime.now(tz=dt.UTC)))
    stale |= dates if ROW_LEDGER.name not in origin.tables else set()
    traced.dates = _from_ledger(origin, dates - stale)
    traced.dates += _counted(origin, stale, malformed)
    traced.dates.sort(key=lambda of_date: of_date.event_date or dt.date.min)
    undated = _add_malformed(DateFates(None), malformed)
    traced.dates += [undated] if undated.counts else []
    traced.examples = _examples(malformed)
    return traced


def _dates(origin: Origin) -> set[dt.date]:
    where = EqualTo("source_object", origin.key)
    files = origin.tables[RAW_EVENTS.name].files(where=where)
    mine = [file for file in files if file.only("source_object") == origin.key]
    return {file.event_date for file in mine if file.event_date}


def _malformed(origin: Origin) -> list[dict[str, Any]]:
    where = And(EqualTo("source_object", origin.key), EqualTo("layer", "raw"))
    columns = ("event_date", "source_row", "reason", "detail", "line")
    return sorted(origin.rows(REJECTED_EVENTS.name, where, columns), key=lambda r: r["source_row"])


def _from_ledger(origin: Origin, dates: Collection[dt.date]) -> list[DateFates]:
    found: dict[dt.date, DateFates] = {}
    for row in origin.rows(ROW_LEDGER.name, EqualTo("source_object", origin.key)):
        date = row["event_date"]
        if date in dates:
            of_date = found.setdefault(date, DateFates(date, source="row ledger"))
            of_date.counts.update({name: row[name] for name in COUNT_COLUMNS if row[name]})
    return list(found.values())


def _counted(
    origin: Origin, dates: Collection[dt.date], malformed: Iterable[dict[str, Any]]
) -> list[DateFates]:
    """Count dates that the ledger has not, or not as they are now."""
    if not dates:
        return []
    inputs = ledger_inputs(origin.lake, dates)
    counted = []
    with connect(origin.lake) as connection:
        for date in sorted(dates):
            of_date = DateFates(date)
            known = {"date": date, "key": origin.key}
            query = _FATES if _is_settled_anywhere(inputs.get(date)) else _PENDING
            for hour, fate, lines in connection.execute(query, known).fetchall():
                pending = date in inputs and hour in inputs[date].unsettled
                _add_raw_rows(of_date.counts, "pending" if pending else fate, lines)
            counted.append(_add_malformed(of_date, malformed))
    return counted


def _is_settled_anywhere(inputs: LedgerInputs | None) -> bool:
    """Whether something of a date was built as far as the fact, so that the tables exist."""
    return inputs is not None and bool(inputs.fact.keys() - inputs.unsettled)


def _add_raw_rows(counts: Counter[str], fate: str, lines: int) -> None:
    counts["line_count"] += lines
    counts["raw_count"] += lines
    match fate:
        case "clean":
            counts["clean_count"] += lines
            counts["fact_count"] += lines
        case "clean, not in the fact":
            counts["clean_count"] += lines
        case "duplicate" | "lost" | "pending":
            counts[f"{fate}_count"] += lines
        case reason:
            counts["rejected_count"] += lines
            counts[rejected_column(reason)] += lines


def _add_malformed(of_date: DateFates, malformed: Iterable[dict[str, Any]]) -> DateFates:
    for row in malformed:
        if row["event_date"] == of_date.event_date:
            names = ("line_count", "malformed_count", malformed_column(row["reason"]))
            of_date.counts.update(names)
    return of_date


def _examples(malformed: Iterable[dict[str, Any]]) -> list[Example]:
    taken: Counter[str] = Counter()
    examples = []
    for row in malformed:
        taken[row["reason"]] += 1
        if taken[row["reason"]] <= EXAMPLES:
            names = ("reason", "source_row", "detail", "line")
            examples.append(Example(**{name: row[name] for name in names}))
    return sorted(examples, key=lambda e: MALFORMED_COLUMNS.index(malformed_column(e.reason)))
