"""Records of DMS's objects: what became of every version of each.

Belongs here: recording and looking up outcomes. Not here: listing or reading objects.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from ecom_platform.lake.journal import Journal

_RECORDED = ("run_id", "recorded_at")


@dataclass(frozen=True)
class DmsOutcome:
    """What became of one version of one object of DMS; as the contract of dms_objects."""

    source_object: str
    object_version: str
    shop_table: str
    status: str
    begins_load: bool
    size_bytes: int
    modified_at: dt.datetime
    written_at: dt.datetime | None = None
    is_told: bool = False
    row_count: int = 0
    reason: str | None = None
    detail: str | None = None
    additional_columns: str | None = None


class DmsRecords:
    """The record of DMS's objects."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def record(self, outcomes: Iterable[DmsOutcome], run_id: str) -> None:
        """Record outcomes, in one commit."""
        now = dt.datetime.now(tz=dt.UTC)
        self._journal.append(
            [{**asdict(outcome), "run_id": run_id, "recorded_at": now} for outcome in outcomes]
        )

    def history(self) -> list[DmsOutcome]:
        """What became of every version of every object, in the order of recording."""
        entries = sorted(self._journal.read(), key=lambda entry: entry["recorded_at"])
        return [
            DmsOutcome(**{name: value for name, value in entry.items() if name not in _RECORDED})
            for entry in entries
        ]

    def current(self) -> dict[str, DmsOutcome]:
        """The newest outcome of every object, by its key."""
        return {outcome.source_object: outcome for outcome in self.history()}

    def ingested(self) -> dict[str, DmsOutcome]:
        """The newest version of every object that was ingested: the one whose rows are visible."""
        return {o.source_object: o for o in self.history() if o.status == "ingested"}
