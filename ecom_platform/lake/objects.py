"""Object records: what became of every version of every landing object.

Belongs here: recording and looking up outcomes. Not here: listing or reading landing objects.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from ecom_platform.lake.journal import Entry, Journal


@dataclass(frozen=True)
class ObjectOutcome:
    """What became of one version of one landing object."""

    source_object: str
    object_version: str
    status: str
    size_bytes: int
    modified_at: dt.datetime
    line_count: int = 0
    raw_count: int = 0
    malformed_count: int = 0
    reason: str | None = None
    detail: str | None = None


@dataclass(frozen=True)
class RecordedOutcome:
    """An outcome, and by which run and when it was recorded last."""

    outcome: ObjectOutcome
    run_id: str
    recorded_at: dt.datetime


class ObjectRecords:
    """The record of landing objects."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def record(self, outcomes: Iterable[ObjectOutcome], run_id: str) -> None:
        """Record outcomes, in one commit."""
        now = dt.datetime.now(tz=dt.UTC)
        entries = [{**asdict(o), "run_id": run_id, "recorded_at": now} for o in outcomes]
        self._journal.append(entries)

    def current(self) -> dict[str, ObjectOutcome]:
        """The newest outcome of every object, by its key."""
        return {outcome.source_object: outcome for outcome in self._in_order()}

    def ingested(self) -> dict[str, ObjectOutcome]:
        """The newest version of every object that was ingested: the one whose rows are visible.

        It differs from the current outcome where a newer version was refused.
        """
        outcomes = self._in_order()
        return {o.source_object: o for o in outcomes if o.status == "ingested"}

    def history(self) -> list[RecordedOutcome]:
        """What became of every version of every object, in the order of recording."""
        entries = sorted(self._journal.read(), key=lambda e: e["recorded_at"])
        recorded = ("run_id", "recorded_at")
        return [
            RecordedOutcome(
                ObjectOutcome(**{k: v for k, v in entry.items() if k not in recorded}),
                *(entry[name] for name in recorded),
            )
            for entry in entries
        ]

    def _in_order(self) -> list[ObjectOutcome]:
        return [recorded.outcome for recorded in self.history()]


def newest_outcomes(entries: list[Entry]) -> list[Entry]:
    """Keep the newest outcome of every version of every object."""
    newest: dict[tuple[str, str], Entry] = {}
    for entry in sorted(entries, key=lambda e: e["recorded_at"]):
        newest[entry["source_object"], entry["object_version"]] = entry
    return list(newest.values())
