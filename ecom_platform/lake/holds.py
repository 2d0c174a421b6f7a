"""Holds: dates of tables that were put back by hand and are not rebuilt until released.

Belongs here: recording and looking up holds. Not here: putting back, deciding what to rebuild.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass

from pyiceberg.expressions import EqualTo

from ecom_platform.lake.journal import Entry, Journal


@dataclass(frozen=True)
class Hold:
    """One date of a table that was put back; see the contract `holds`."""

    table_name: str
    event_date: dt.date | None
    snapshot_id: int
    replaced_snapshot_id: int
    reason: str
    held_by: str
    held_at: dt.datetime

    @property
    def message(self) -> str:
        """What a person needs to know of it."""
        return describe(self, self.event_date, self.event_date)


def describe(hold: Hold, first: dt.date | None, last: dt.date | None) -> str:
    """What a person needs to know of a hold, or of one of several successive dates.

    Args:
        hold: the hold of one of them.
        first: the first of these dates; None for a table without dates.
        last: the last of them.
    """
    dates = f" {first}" * bool(first) + f"..{last}" * (first != last)
    why = f" ({hold.reason})" if hold.reason else ""
    options = "--all"
    if first:
        options = f"--date {first}" if first == last else f"--from {first} --to-date {last}"
    return (
        f"{hold.table_name}{dates} is held as {hold.held_by} put it back on "
        f"{hold.held_at:%Y-%m-%d %H:%M} UTC{why}: no run rebuilds it until "
        f"`ecom release {hold.table_name} {options}`"
    )


class Holds:
    """The record of what was put back."""

    def __init__(self, journal: Journal, exist: Callable[[], bool]) -> None:
        """Make the record.

        Args:
            journal: the entries.
            exist: tells whether anything was ever held, without making the table.
        """
        self._journal = journal
        self._exist = exist

    def record(self, holds: Iterable[Hold]) -> None:
        """Record that dates are held."""
        self._append(holds, released_at=None)

    def release(self, holds: Iterable[Hold]) -> None:
        """Record that dates are held no more."""
        self._append(holds, released_at=dt.datetime.now(tz=dt.UTC))

    def of(self, table_name: str) -> dict[dt.date | None, Hold]:
        """What is held of a table, by date; a table without dates under None."""
        return {hold.event_date: hold for hold in self._current(table_name)}

    def all(self) -> list[Hold]:
        """What is held, of all tables."""
        held = self._current(None)
        return sorted(held, key=lambda hold: (hold.table_name, hold.event_date or dt.date.min))

    def _append(self, holds: Iterable[Hold], released_at: dt.datetime | None) -> None:
        now = dt.datetime.now(tz=dt.UTC)
        entries = [
            {**asdict(hold), "released_at": released_at, "recorded_at": now} for hold in holds
        ]
        self._journal.append(entries)

    def _current(self, table_name: str | None) -> list[Hold]:
        if not self._exist():
            return []
        where = EqualTo("table_name", table_name) if table_name else None
        recorded = ("released_at", "recorded_at")
        return [
            Hold(**{name: value for name, value in entry.items() if name not in recorded})
            for entry in self._journal.read(where)
        ]


def newest_holds(entries: list[Entry]) -> list[Entry]:
    """Keep the newest entry of every date, unless it says that the date was released."""
    newest: dict[tuple[str, dt.date | None], Entry] = {}
    for entry in sorted(entries, key=lambda e: e["recorded_at"]):
        newest[entry["table_name"], entry["event_date"]] = entry
    return [entry for entry in newest.values() if entry["released_at"] is None]
