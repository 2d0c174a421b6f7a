"""The step of multiday_session_events: one look at the sessions of all dates.

Belongs here: which dates differ from what is published, and their order. Not here: row logic.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ecom_platform.contracts.marts import MULTIDAY_SESSION_EVENTS
from ecom_platform.contracts.model import FACT_USER_EVENTS, SESSION_DAYS
from ecom_platform.lake.audit import NO_HOUR, Equation, Finding, judge_equation
from ecom_platform.lake.publications import Publication
from ecom_platform.lake.slices import BEGUN, EXAMINED, SEEN, StaleDate
from ecom_platform.lake.table import Snapshot
from ecom_platform.pipeline.dated_tables import BuiltDate, DatedTable
from ecom_platform.pipeline.model.partials import EVENTS, count
from ecom_platform.pipeline.outcomes import Outcome, Refused
from ecom_platform.pipeline.publishing import until
from ecom_platform.pipeline.reading import read_files
from ecom_platform.pipeline.scratch import Scratch
from ecom_platform.pipeline.slice_build import SliceBuild, Source, Workplace
from ecom_platform.pipeline.stored import StoredTables
from ecom_platform.transforms.marts.multiday import (
    build_multiday_session_events,
    digest_by_date,
    find_multiday_sessions,
)

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from ecom_platform.lake.publications import PublishedDate

NAME = MULTIDAY_SESSION_EVENTS.name

Digests = Mapping[int, str]


@dataclass(frozen=True)
class _Pass(DatedTable):
    """One look at all dates: the sessions found, of which dates are then built."""

    links: DataFrame

    def _build(self, build: SliceBuild, stored: StoredTables) -> BuiltDate:
        date = build.slice_.event_date
        links = self.links.where(f"event_date = DATE '{date}'")
        events = stored.rows(FACT_USER_EVENTS.name, date)
        rows = build_multiday_session_events(events, links)
        staged = build.stage(rows, Source(rows, 0))
        counts, findings = build.audit(staged, judge=lambda rows: reconcile(stored, date, rows))
        counts.setdefault(NO_HOUR, {"row_count": 0})
        return BuiltDate(build.slice_, staged, counts, build.rebuilt(counts, staged, findings))


class MultidayStep:
    """Finds the sessions that were seen on several dates, and rebuilds the dates they changed.

    Which dates these are is known only after all dates of session_days were looked at, so it is
    always done for all: a session that goes on changes the date on which it began.
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
        newest = slices[-1]
        version = work.lake.table(SESSION_DAYS.name)
        files = version.files(where=until(newest.event_date))
        with Scratch(work, NAME) as scratch:
            links = scratch.keep(find_multiday_sessions(read_files(work, SESSION_DAYS, files)))
            found = _digests(links)
            published = work.lake.publications.published(NAME)
            chosen = {slice_.event_date for slice_ in slices}
            held = work.lake.holds.of(NAME)
            differing = {
                date: found.get(date, {})
                for date in sorted((found.keys() | published.keys() | chosen) - held.keys())
                if date in chosen or found.get(date, {}) != _known(published.get(date))
            }
            changed = [
                StaleDate(date, None, digests)
                for date, digests in differing.items()
                if date in chosen or digests.get(SEEN) != _known(published.get(date)).get(SEEN)
            ]
            table = _Pass(MULTIDAY_SESSION_EVENTS, links)
            outcomes = list(table.rebuild_dates(work, changed))
        yield from outcomes
        if not any(isinstance(outcome, Refused) for outcome in outcomes):
            rebuilt = {slice_.event_date for slice_ in changed}
            marked = {d: digests for d, digests in differing.items() if d not in rebuilt}
            # Last of all: only now has everything been looked at.
            marked[newest.event_date] = {**found.get(newest.event_date, {}), **newest.target}
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


def _digests(links: DataFrame) -> dict[dt.date, Digests]:
    found: dict[dt.date, dict[int, str]] = defaultdict(dict)
    for row in digest_by_date(links).collect():
        role = SEEN if row["role"] == "seen" else BEGUN
        found[row["event_date"]][role] = f"{row['session_dates']} {row['digest']}"
    return dict(found)


def _known(state: PublishedDate | None) -> Digests:
    if state is None:
        return {}
    return {role: digest for role, digest in state.fingerprints.items() if role != EXAMINED}


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
