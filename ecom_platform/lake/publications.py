"""Publications: what is published of every table, and what it was built from.

Belongs here: recording and looking up published slices. Not here: deciding what to rebuild.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from pyiceberg.expressions import (
    And,
    BooleanExpression,
    EqualTo,
    GreaterThanOrEqual,
    LessThanOrEqual,
)

from ecom_platform.contracts import TABLES
from ecom_platform.lake.journal import Entry, Journal
from ecom_platform.lake.slices import HourFingerprints, combine
from ecom_platform.lake.table import Snapshot


@dataclass(frozen=True)
class Publication:
    """One published slice: a date (`hour` None), or an hour of an open date.

    A table without dates is one slice as a whole. Its `event_date` is the last date that it takes
    into account, and its one fingerprint stands under hour 0.
    """

    table_name: str
    event_date: dt.date
    hour: int | None
    fingerprints: HourFingerprints
    row_count: int
    byte_count: int
    measures: Mapping[str, int]
    snapshot: Snapshot


@dataclass
class PublishedDate:
    """The present state of one date of a table, put together from its newest entries.

    Attributes:
        sequence_number: of the newest snapshot that an entry speaks of.
        measures: sums over the entries, by name.
        counted_throughout: the names that were counted of every entry that holds rows.
    """

    event_date: dt.date
    fingerprints: dict[int, str] = field(default_factory=dict)
    row_count: int = 0
    byte_count: int = 0
    measures: dict[str, int] = field(default_factory=dict)
    counted_throughout: frozenset[str] = frozenset()
    is_whole: bool = False
    published_at: dt.datetime | None = None
    run_id: str = ""
    sequence_number: int = 0

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the whole date."""
        return combine(self.fingerprints)

    def include(self, entry: Entry) -> None:
        """Add one of the entries that count to the state."""
        for hour, fingerprint in json.loads(entry["hour_fingerprints"]).items():
            self.fingerprints[int(hour)] = fingerprint
        self.sequence_number = max(self.sequence_number, entry["sequence_number"])
        self.is_whole = self.is_whole or entry["hour"] is None
        names = json.loads(entry["measures"]).keys()
        if self.row_count and entry["row_count"]:
            self.counted_throughout &= names
        elif entry["row_count"] or not self.row_count:
            self.counted_throughout = frozenset(names)
        self.row_count += entry["row_count"]
        self.byte_count += entry["byte_count"]
        for name, value in json.loads(entry["measures"]).items():
            self.measures[name] = self.measures.get(name, 0) + value
        if self.published_at is None or entry["published_at"] > self.published_at:
            self.published_at, self.run_id = entry["published_at"], entry["run_id"]


class Publications:
    """The record of what is published."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def record(self, publications: Iterable[Publication], run_id: str) -> None:
        """Record slices that commits have just made visible."""
        now = dt.datetime.now(tz=dt.UTC)
        self._journal.append(
            [
                {
                    "table_name": p.table_name,
                    "event_date": p.event_date,
                    "hour": p.hour,
                    "fingerprint": combine(p.fingerprints),
                    "hour_fingerprints": json.dumps({str(h): f for h, f in p.fingerprints.items()}),
                    "row_count": p.row_count,
                    "byte_count": p.byte_count,
                    "measures": json.dumps(dict(p.measures)),
                    "run_id": run_id,
                    "snapshot_id": p.snapshot.snapshot_id,
                    "sequence_number": p.snapshot.sequence_number,
                    "published_at": now,
                }
                for p in publications
            ]
        )

    def published(
        self, table_name: str, dates: Iterable[dt.date] | None = None
    ) -> dict[dt.date, PublishedDate]:
        """The present state of a table, by date.

        Args:
            table_name: the table.
            dates: only these; None for all.
        """
        where: BooleanExpression = EqualTo("table_name", table_name)
        wanted = None if dates is None else set(dates)
        if wanted is not None:
            if not wanted:
                return {}
            first, last = min(wanted).isoformat(), max(wanted).isoformat()
            where = And(
                where, GreaterThanOrEqual("event_date", first), LessThanOrEqual("event_date", last)
            )
        states: dict[dt.date, PublishedDate] = {}
        for entry in self._journal.read(where):
            date = entry["event_date"]
            if wanted is None or date in wanted:
                states.setdefault(date, PublishedDate(date)).include(entry)
        return states

    def published_as_of(
        self, table_name: str, sequence_number: int
    ) -> dict[dt.date, PublishedDate]:
        """The state of a table as it was recorded of one of its snapshots and those before it.

        Empty where the entries were dropped: they are remembered as long as snapshots are.
        """
        entries = self._journal.read_all(EqualTo("table_name", table_name))
        known = [entry for entry in entries if entry["sequence_number"] <= sequence_number]
        states: dict[dt.date, PublishedDate] = {}
        for entry in newest_publications(known):
            date = entry["event_date"]
            states.setdefault(date, PublishedDate(date)).include(entry)
        return states

    def published_whole(self, table_name: str) -> PublishedDate | None:
        """The present state of a table without dates, or None before its first publication."""
        return next(iter(self.published(table_name).values()), None)


def newest_publications(entries: list[Entry]) -> list[Entry]:
    """Keep the entries that describe the present: the newest of each slice.

    An entry of a whole date replaces everything older of that date; an entry of an hour
    replaces older entries of that hour. In a table without dates an entry replaces every older
    one, whatever date it was as of.
    """
    return [entry for entry, replaced_at in _with_successors(entries) if replaced_at is None]


def remembered_publications(entries: list[Entry], since: dt.datetime) -> list[Entry]:
    """Keep the entries that described the present at some moment since a time.

    A table can be rolled back to what it was at such a moment.
    """
    return [
        entry
        for entry, replaced_at in _with_successors(entries)
        if replaced_at is None or replaced_at >= since
    ]


def _with_successors(entries: list[Entry]) -> Iterator[tuple[Entry, dt.datetime | None]]:
    """Every entry, and when it was replaced by a newer one."""
    by_date: dict[tuple[str, dt.date | None], list[Entry]] = defaultdict(list)
    for entry in entries:
        by_date[entry["table_name"], _date_of_slice(entry)].append(entry)
    for slices in by_date.values():
        slices.sort(key=lambda e: (e["sequence_number"], e["published_at"]))
        current: dict[int | None, Entry] = {}
        for entry in slices:
            hour = entry["hour"]
            replaced = list(current) if hour is None else [h for h in current if h == hour]
            yield from ((current.pop(h), entry["published_at"]) for h in replaced)
            current[hour] = entry
        yield from ((entry, None) for entry in current.values())


def _date_of_slice(entry: Entry) -> dt.date | None:
    contract = TABLES.get(entry["table_name"])
    date: dt.date = entry["event_date"]
    return date if contract is None or contract.partition_by else None
