"""Counting what is written, file by file and date by date, while it is written.

Belongs here: running counts. Not here: the report they end in (report.py).
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from ecom_platform.generator.injection import Injected
from ecom_platform.generator.malformed import KIND_BY_NAME
from ecom_platform.generator.report import (
    ExpectedDate,
    FileKind,
    RejectedLines,
    WrittenFile,
)
from ecom_platform.generator.timeline import HourOfEvents
from ecom_platform.generator.world import date_of


@dataclass
class FileTally:
    """What one file holds: rows of layer raw by date, and injected lines by kind and date."""

    name: str
    kind: FileKind
    rows: Counter[dt.date] = field(default_factory=Counter)
    injected: Counter[tuple[str, dt.date | None]] = field(default_factory=Counter)

    def add(self, day: dt.date, rows: int, injected: Iterable[Injected] = ()) -> None:
        """Count rows of a date and the lines injected among them."""
        self.rows[day] += rows
        for each in injected:
            self.injected[each.kind.name, day if each.kind.is_dated else None] += 1
            if each.kind.layer == "clean":
                self.rows[day] += 1

    def repeated(self, name: str) -> FileTally:
        """The tally of a second file with the same content."""
        return FileTally(name, "repeated", Counter(self.rows), Counter(self.injected))

    def written(self, size: int) -> WrittenFile:
        """The file's entry in the report."""
        malformed = sum(
            count for (kind, _), count in self.injected.items() if KIND_BY_NAME[kind].layer == "raw"
        )
        return WrittenFile(self.name, self.kind, self.rows.total() + malformed, malformed, size)


class DateTally:
    """What is true of a date however its rows are spread over files.

    Rows are alike only where the generator copied one: the events of a session have different
    times, session ids are 122 random bits, and events without a session id have different times.
    So duplicates are counted, not searched for. The tests search.
    """

    def __init__(self) -> None:
        self._copies: Counter[dt.date] = Counter()
        self._rejected: defaultdict[dt.date, Counter[str]] = defaultdict(Counter)

    def add(self, events: HourOfEvents, injected: Iterable[Injected]) -> None:
        """Count the copies and the distinct rows that layer clean rejects in an hour."""
        day = date_of(events.hour)
        self._copies[day] += int(events.is_copy.sum())
        distinct = ~events.is_copy
        nameless = events.visitor >= len(events.visitors)
        self._rejected[day] += Counter(
            null_user_session=int(np.count_nonzero(nameless & distinct)),
            price_not_positive=int(np.count_nonzero((events.cents == 0) & distinct)),
        ) + Counter(each.kind.reason for each in injected if each.kind.layer == "clean")

    def expected(self, files: Iterable[FileTally]) -> tuple[ExpectedDate, ...]:
        """Expectations by date, given all files."""
        raw: Counter[dt.date] = Counter()
        repeated: Counter[dt.date] = Counter()
        for file in files:
            if file.kind != "truncated":
                raw += file.rows
            if file.kind == "repeated":
                repeated += file.rows
        return tuple(
            ExpectedDate(
                event_date=day,
                raw=raw[day],
                natural_duplicates=self._copies[day],
                repeated_duplicates=repeated[day],
                rejected=dict(sorted(self._rejected[day].items())),
            )
            for day in sorted(raw)
        )


def injected_lines(files: Iterable[FileTally]) -> tuple[RejectedLines, ...]:
    """Injected lines of all files but truncated ones, by kind and date."""
    counts: Counter[tuple[str, dt.date | None]] = Counter()
    for file in files:
        if file.kind != "truncated":
            counts += file.injected
    return tuple(
        RejectedLines(kind, KIND_BY_NAME[kind].layer, KIND_BY_NAME[kind].reason, day, lines)
        for (kind, day), lines in sorted(counts.items(), key=_by_kind_and_date)
    )


def _by_kind_and_date(entry: tuple[tuple[str, dt.date | None], int]) -> tuple[str, dt.date]:
    (kind, day), _ = entry
    return kind, day or dt.date.min
