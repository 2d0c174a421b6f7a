"""What is recorded of dates that are put back, so that staleness knows what follows from them.

Belongs here: fingerprints and publications of a rollback. Not here: commits, holds.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from ecom_platform.lake.publications import Publication, PublishedDate
from ecom_platform.lake.slices import digest
from ecom_platform.lake.table import Snapshot

if TYPE_CHECKING:
    from ecom_platform.lake.lake import Lake
    from ecom_platform.lake.table import TableFile
    from ecom_platform.pipeline.rollback_plan import DateChange, RollbackPlan

_WHOLE = 0


class RollbackRecords:
    """The publications of one rollback.

    Rows that come back get fingerprints of their own: those under which they were built may be
    those of other rows too, if a date was rebuilt by other code. So they are equal to no target,
    and a date that is released is rebuilt in any case. Only rows that go back to where they were
    before the first rollback get back what was recorded of them.
    """

    def __init__(self, lake: Lake, plan: RollbackPlan, run_id: str) -> None:
        """Look up what is recorded of the dates, now and then."""
        name, order = plan.version.contract.name, plan.snapshot.sequence_number or 0
        self._publications = lake.publications
        self._plan, self._run_id = plan, run_id
        self._now = self._by_date(lake.publications.published(name))
        self._then = self._by_date(lake.publications.published_as_of(name, order))

    def mark(self) -> None:
        """Record that it is not known what the dates hold: a commit is about to decide it.

        The record is one of the version that the commit will make, so that a version that is
        put back later never counts as marked.
        """
        current = self._plan.version.iceberg.current_snapshot()
        assert current is not None  # the plan was made from it
        coming = Snapshot(current.snapshot_id, (current.sequence_number or 0) + 1)
        entries = []
        for change in self._plan.changes:
            unknown = self._fingerprints(change, [*change.now, *change.then], self._run_id)
            state = self._now.get(change.event_date)
            entries += self._publication(change, change.now, unknown, state, coming)
        self._publications.record(entries, self._run_id)

    def settle(self, snapshot: Snapshot, at_their_origin: Collection[dt.date | None]) -> None:
        """Record what the dates hold, now that they are put back.

        Args:
            snapshot: the version that holds them.
            at_their_origin: those that are as they were before they were first put back.
        """
        entries = []
        for change in self._plan.changes:
            found = self._then.get(change.event_date)
            state = found if found and found.row_count == change.rows_then else None
            if state and change.event_date in at_their_origin:
                known: Mapping[int, str] = state.fingerprints
            else:
                target = str(self._plan.snapshot.snapshot_id)
                known = self._fingerprints(change, change.then, target)
            entries += self._publication(change, change.then, known, state, snapshot)
        self._publications.record(entries, self._run_id)

    def _by_date(
        self, states: Mapping[dt.date, PublishedDate]
    ) -> dict[dt.date | None, PublishedDate]:
        has_dates = self._plan.version.contract.partition_by is not None
        return {date if has_dates else None: state for date, state in states.items()}

    def _fingerprints(
        self, change: DateChange, files: Iterable[TableFile], origin: str
    ) -> dict[int, str]:
        """Fingerprints that rows of no other origin have; of hours that stay, those of now."""
        contract = self._plan.version.contract
        said = [contract.name, origin, str(change.event_date)]
        if "event_time" not in contract.column_names:
            return {_WHOLE: digest(said)}
        state = self._now.get(change.event_date)
        known = state.fingerprints if state else {}
        now, then = _by_hour(change.now), _by_hour(change.then)
        return {
            hour: known[hour]
            if hour in known and now.get(hour) == then.get(hour)
            else digest([*said, str(hour)])
            for hour in sorted(_by_hour(files))
        }

    def _publication(
        self,
        change: DateChange,
        files: Sequence[TableFile],
        fingerprints: Mapping[int, str],
        state: PublishedDate | None,
        snapshot: Snapshot,
    ) -> list[Publication]:
        date = change.event_date
        if date is None:  # the last date that a table without dates takes into account
            as_of = state or self._now.get(None)
            if as_of is None:
                return []  # a run was killed before it recorded anything of the table
            date = as_of.event_date
        return [
            Publication(
                table_name=self._plan.version.contract.name,
                event_date=date,
                hour=None,
                fingerprints=fingerprints,
                row_count=sum(file.row_count for file in files),
                byte_count=sum(file.byte_count for file in files),
                measures=state.measures if state else {},
                snapshot=snapshot,
            )
        ]


def _by_hour(files: Iterable[TableFile]) -> dict[int, set[str]]:
    """The files that may hold rows of each hour."""
    found: dict[int, set[str]] = defaultdict(set)
    for file in files:
        for hour in file.hours:
            found[hour].add(file.location)
    return found
