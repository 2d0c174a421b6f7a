"""What was generated and what a platform must make of it, to the row.

Belongs here: the numbers, and writing them as JSON. Not here: counting (tally.py), tables for a
terminal (cli/).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ecom_platform.generator.malformed import Layer

FileKind = Literal["events", "late", "repeated", "truncated"]


@dataclass(frozen=True)
class WrittenFile:
    """One file. Lines count no header; a truncated file's are those before it was cut.

    Attributes:
        name: file name.
        kind: events, late, repeated (another file again) or truncated (its gzip stream is cut).
        lines: lines written.
        malformed: lines of them that layer raw rejects.
        bytes: size of the file.
    """

    name: str
    kind: FileKind
    lines: int
    malformed: int
    bytes: int

    @property
    def rows(self) -> int:
        """Rows that layer raw takes from the file: none of a truncated file, refused whole."""
        return 0 if self.kind == "truncated" else self.lines - self.malformed


@dataclass(frozen=True)
class ExpectedDate:
    """What the platform must publish for a date, when all files have arrived.

    Attributes:
        event_date: the date, UTC.
        raw: rows of layer raw.
        natural_duplicates: rows that repeat another of the same or the late file.
        repeated_duplicates: rows of repeated files.
        rejected: distinct rows that layer clean rejects, by reason code.
    """

    event_date: dt.date
    raw: int
    natural_duplicates: int
    repeated_duplicates: int
    rejected: Mapping[str, int]

    @property
    def duplicates(self) -> int:
        """Rows that repeat another in all nine columns."""
        return self.natural_duplicates + self.repeated_duplicates

    @property
    def distinct(self) -> int:
        """Rows left when duplicates are removed, which happens before rules reject."""
        return self.raw - self.duplicates

    @property
    def fact(self) -> int:
        """Rows of the fact: distinct and not rejected."""
        return self.distinct - sum(self.rejected.values())


@dataclass(frozen=True)
class RejectedLines:
    """Injected lines of one kind and date.

    Attributes:
        kind: stable name, see malformed.py.
        layer: layer that rejects them.
        reason: reason code.
        event_date: their date, as far as the platform can tell it.
        lines: lines in all files but truncated ones; repeated files count again.
    """

    kind: str
    layer: Layer
    reason: str
    event_date: dt.date | None
    lines: int


@dataclass(frozen=True)
class LostRows:
    """Rows of an event type that were left out on a date."""

    event_type: str
    event_date: dt.date
    rows: int


@dataclass(frozen=True)
class GenerationReport:
    """Everything written and injected. All counts are of what was really written.

    Attributes:
        seed: seed of the shop.
        start: first date of the period.
        end: last date of the period.
        files: every file, in the order of writing.
        dates: expectations by date, ascending.
        injected: injected lines by kind and date.
        lost: what lost event types took away.
    """

    seed: int
    start: dt.date
    end: dt.date
    files: tuple[WrittenFile, ...]
    dates: tuple[ExpectedDate, ...]
    injected: tuple[RejectedLines, ...]
    lost: tuple[LostRows, ...]

    @property
    def lines(self) -> int:
        """Lines that a platform reads: of all files that are not refused whole."""
        return sum(file.lines for file in self.files if file.kind != "truncated")

    @property
    def malformed(self) -> int:
        """Lines that layer raw rejects."""
        return sum(file.malformed for file in self.files if file.kind != "truncated")

    @property
    def raw(self) -> int:
        """Rows of layer raw."""
        return sum(day.raw for day in self.dates)

    @property
    def natural_duplicates(self) -> int:
        """Rows that repeat another, without repeated files."""
        return sum(day.natural_duplicates for day in self.dates)

    @property
    def repeated_duplicates(self) -> int:
        """Rows of repeated files."""
        return sum(day.repeated_duplicates for day in self.dates)

    @property
    def duplicates(self) -> int:
        """Rows that repeat another in all nine columns."""
        return self.natural_duplicates + self.repeated_duplicates

    @property
    def distinct(self) -> int:
        """Distinct rows of layer raw."""
        return self.raw - self.duplicates

    @property
    def fact(self) -> int:
        """Rows of the fact."""
        return sum(day.fact for day in self.dates)

    def rejected(self, layer: Layer) -> dict[str, int]:
        """Rows or lines that a layer rejects, by reason code, all dates together."""
        counts: Counter[str] = Counter()
        if layer == "clean":
            for day in self.dates:
                counts.update(day.rejected)
        else:
            for each in self.injected:
                if each.layer == "raw":
                    counts[each.reason] += each.lines
        return dict(sorted(counts.items()))

    def on(self, day: dt.date) -> ExpectedDate:
        """What to expect of a date; raises KeyError if nothing of it was written."""
        for expected in self.dates:
            if expected.event_date == day:
                return expected
        raise KeyError(day)

    def as_dict(self) -> dict[str, object]:
        """All numbers and totals, of JSON's types."""
        totals = ("lines", "malformed", "raw", "natural_duplicates", "repeated_duplicates")
        content = dataclasses.asdict(self) | {
            "dates": [
                dataclasses.asdict(day) | {"distinct": day.distinct, "fact": day.fact}
                for day in self.dates
            ],
            "total": {name: getattr(self, name) for name in (*totals, "distinct", "fact")}
            | {"rejected_raw": self.rejected("raw"), "rejected_clean": self.rejected("clean")},
        }
        plain: dict[str, object] = json.loads(json.dumps(content, default=str))
        return plain

    def write_json(self, path: Path) -> None:
        """Write all numbers to a JSON file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(self.as_dict(), indent=2) + "\n", encoding="utf-8")
