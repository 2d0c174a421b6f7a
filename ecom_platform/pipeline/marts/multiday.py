"""The step of multiday_session_events: a look at sessions, and the dates that differ.

Belongs here: which dates differ from what is published, and their order. Not here: looking.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ecom_platform.contracts.marts import MULTIDAY_SESSION_EVENTS
from ecom_platform.contracts.model import FACT_USER_EVENTS, SESSION_DAYS
from ecom_platform.errors import PublishConflict
from ecom_platform.lake.audit import NO_HOUR, Equation, Finding, judge_equation
from ecom_platform.lake.publications import Publication
from ecom_platform.lake.slices import SEEN, StaleDate
from ecom_platform.lake.table import Snapshot
from ecom_platform.pipeline.dated_tables import BuiltDate, DatedTable
from ecom_platform.pipeline.marts.looking import (
    NAME,
    Digests,
    Look,
    known_digests,
    look_for_sessions,
)
from ecom_platform.pipeline.model.partials import EVENTS, count
from ecom_platform.pipeline.outcomes import Outcome, Refused
from ecom_platform.pipeline.reading import read_files
from ecom_platform.pipeline.scratch import Scratch
from ecom_platform.pipeline.slice_build import SliceBuild, Source, Workplace
from ecom_platform.pipeline.stored import StoredTables
from ecom_platform.transforms.marts.multiday import build_multiday_session_events

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from ecom_platform.lake.publications import PublishedDate


@dataclass(frozen=True)
class _Pass(DatedTable):
    """One look: the sessions found, of which dates are then built."""

    look: Look

    def _build(self, build: SliceBuild, stored: StoredTables) -> BuiltDate:
        date = build.slice_.event_date
        links = self.look.links.where(f"event_date = DATE '{date}'")
        events = stored.rows(FACT_USER_EVENTS.name, date)
        rows = build_multiday_session_events(events, links)
        if date in self.look.kept:
            rows = rows.unionByName(self._read_kept(build, stored))
        staged = build.stage(rows, Source(rows, 0))
        counts, findings = build.audit(staged, judge=lambda rows: reconcile(stored, date, rows))
        counts.setdefault(NO_HOUR, {"row_count": 0})
        return BuiltDate(build.slice_, staged, counts, build.rebuilt(counts, staged, findings))

    def _read_kept(self, build: SliceBuild, stored: StoredTables) -> DataFrame:
        """The rows that are published, if they are those that the look found.

        Raises:
            PublishConflict: another run has published the date since.
        """
        files, label = build.replaced(), build.slice_.label
        known = {file.location for file in self.look.kept[build.slice_.event_date]}
        if {file.location for file in files} != known:
            raise PublishConflict(
                f"{NAME}: while run {stored.work.run_id} was about to publish {label}, another run "
                "published it; the former gave way, nothing is lost: run it again to publish what "
                "is still stale"
            )
        return read_files(stored.work, MULTIDAY_SESSION_EVENTS, files)


class MultidayStep:
    """Finds the sessions that were seen on several dates, and rebuilds the dates they changed.

    Which dates these are is known only after the sessions of all dates were looked at: a session
    that goes on changes the date on which it began. Where only later dates have come since the
    last look, it is enough to look for the sessions of these.
    """

    contract = MULTIDAY_SESSION_EVENTS

    def rebuild_dates(self, work: Workplace, slices: Sequence[StaleDate]) -> Iterator[Outcome]:
        """Look at all dates up to the newest, and rebuild those that differ.

        Args:
            work: lake, engine and run id.
            slices: what staleness found: the newest date, and others that are to be rebuilt even
                if they do not differ; nothing for nothing.

        Yields:
            What became of each date that was rebuilt.
        """
        if not slices:
            return
        newest, published = slices[-1], work.lake.publications.published(NAME)
        chosen = {slice_.event_date for slice_ in slices}
        with Scratch(work, NAME) as scratch:
            look = look_for_sessions(work, scratch, sorted(chosen), published)
            differing = _differing(look, published, chosen, work.lake.holds.of(NAME).keys())
            changed = [
                StaleDate(date, None, digests)
                for date, digests in differing.items()
                if date in chosen
                or digests.get(SEEN) != known_digests(published.get(date)).get(SEEN)
            ]
            outcomes = list(_Pass(MULTIDAY_SESSION_EVENTS, look).rebuild_dates(work, changed))
        yield from outcomes
        if not any(isinstance(outcome, Refused) for outcome in outcomes):
            rebuilt = {slice_.event_date for slice_ in changed}
            marked = {d: digests for d, digests in differing.items() if d not in rebuilt}
            # Last of all: only now has everything been looked at.
            found = look.digests.get(newest.event_date, {})
            marked[newest.event_date] = {**found, **newest.target}
            _record(work, marked)

    def touched(self, work: Workplace, run_id: str) -> list[dt.date]:
        """The dates whose record a run has written."""
        published = work.lake.publications.published(NAME)
        return sorted(date for date, state in published.items() if state.run_id == run_id)


MULTIDAY_STEP = MultidayStep()


def reconcile(stored: StoredTables, event_date: dt.date, rows: DataFrame) -> list[Finding]:
    """All events of the sessions that are there are there."""
    key = ["event_date", "user_id", "session_id"]
    sessions = stored.rows(SESSION_DAYS.name, event_date)
    known = sessions.join(rows.select(key).distinct(), on=key, how="left_semi")
    counted = {NAME: rows.count()}
    return [judge_equation(Equation(SESSION_DAYS.name, count(known, EVENTS), counted))]


def _differing(
    look: Look,
    published: Mapping[dt.date, PublishedDate],
    chosen: Collection[dt.date],
    held: Collection[dt.date | None],
) -> dict[dt.date, Digests]:
    """What is to be recorded of dates of which it differs, and of those that are chosen."""
    return {
        date: look.digests.get(date, {})
        for date in sorted({*look.digests, *chosen} - {*held})
        if date in chosen or look.digests[date] != known_digests(published.get(date))
    }


def _record(work: Workplace, marked: Mapping[dt.date, Digests]) -> None:
    """Record new fingerprints of dates whose rows stay as they are."""
    published = work.lake.publications.published(NAME, marked)
    current = work.lake.table(NAME).iceberg.current_snapshot()
    snapshot = (
        Snapshot(current.snapshot_id, current.sequence_number or 0) if current else Snapshot(0, 0)
    )
    entries = []
    for date, digests in marked.items():
        state = published.get(date)
        entries.append(
            Publication(
                table_name=NAME,
                event_date=date,
                hour=None,
                fingerprints=digests,
                row_count=state.row_count if state else 0,
                byte_count=state.byte_count if state else 0,
                measures=state.measures if state else {},
                snapshot=snapshot,
            )
        )
    work.lake.publications.record(entries, work.run_id)
