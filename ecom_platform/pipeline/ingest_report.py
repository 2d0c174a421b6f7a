"""What an ingest did, in numbers: for logs, metadata and the command line.

Belongs here: the report of the raw step. Not here: ingesting.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from ecom_platform.lake.lateness import Lateness
from ecom_platform.lake.objects import ObjectOutcome


@dataclass
class TouchedDate:
    """What an ingest did to one date of raw_events.

    Attributes:
        event_date: the date.
        rows_in: rows that this ingest brought.
        late: those of them that came after the date had been published before.
        after_close: those of them that were delivered after the date had closed.
        longest_delay_seconds: the longest time from an event of theirs to its delivery.
        malformed: rejected lines of this ingest that tell this date.
        row_count, byte_count, objects: what the date holds now.
    """

    event_date: dt.date
    rows_in: int = 0
    late: int = 0
    after_close: int = 0
    longest_delay_seconds: int = 0
    malformed: int = 0
    row_count: int = 0
    byte_count: int = 0
    objects: int = 0


@dataclass
class IngestReport:
    """What one ingest did.

    Attributes:
        outcomes: what became of every object that was read.
        dates: what it did to every date it touched.
        malformed_by_reason: rejected lines, by reason.
        undated_malformed: those that tell no date.
        changed: objects that changed while they were read; they stay pending.
        warnings: what a person should know.
        defects: objects of which lines are unaccounted for; they stay pending.
        unread: objects that the store did not give, and why; they stay pending.
    """

    outcomes: list[ObjectOutcome] = field(default_factory=list)
    dates: dict[dt.date, TouchedDate] = field(default_factory=dict)
    malformed_by_reason: Counter[str] = field(default_factory=Counter)
    undated_malformed: int = 0
    changed: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    defects: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    def forbidden(self, key: str) -> None:
        """Note an object that this user may not read."""
        self.warnings.append(
            f"{key} may not be read by this user; it stays pending: mend its permissions"
        )

    @property
    def refused(self) -> list[ObjectOutcome]:
        """Objects that were refused whole."""
        return [outcome for outcome in self.outcomes if outcome.status == "refused"]

    @property
    def after_close(self) -> int:
        """Rows that were delivered after their date had closed."""
        return sum(date.after_close for date in self.dates.values())

    @property
    def longest_delay_seconds(self) -> int:
        """The longest time from an event to its delivery."""
        return max((date.longest_delay_seconds for date in self.dates.values()), default=0)

    def include(self, lateness: Iterable[Lateness]) -> None:
        """Tell of its dates how late rows were delivered."""
        for one in lateness:
            date = self.touch(one.event_date)
            date.after_close += one.row_count if one.is_late else 0
            date.longest_delay_seconds = max(date.longest_delay_seconds, one.delay_max_seconds)

    def touch(self, date: dt.date) -> TouchedDate:
        """The entry of a date, made at its first use."""
        return self.dates.setdefault(date, TouchedDate(date))
