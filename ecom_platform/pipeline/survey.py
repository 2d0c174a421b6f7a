"""The survey: the overview of a lake, put together from metadata alone.

Belongs here: asking the catalog, the records and the landing area. Not here: opening data files,
creating or changing anything.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from ecom_platform.contracts import TABLES
from ecom_platform.contracts.clean import CLEAN_EVENTS
from ecom_platform.contracts.ledger import HOLDS, LANDING_OBJECTS, PUBLICATIONS
from ecom_platform.contracts.model import FACT_USER_EVENTS
from ecom_platform.contracts.raw import RAW_EVENTS, REJECTED_EVENTS
from ecom_platform.errors import InputsBehind
from ecom_platform.lake.journal import Entry, Journal
from ecom_platform.lake.lake import Lake
from ecom_platform.lake.publications import Publications, PublishedDate, newest_publications
from ecom_platform.pipeline.inputs import DATED_TABLES, sources_of
from ecom_platform.pipeline.overview import (
    DateOverview,
    LakeOverview,
    LandingOverview,
    TableOverview,
    Totals,
    totals,
)
from ecom_platform.pipeline.raw import find_candidates
from ecom_platform.pipeline.staleness import stale_dates
from ecom_platform.pipeline.whole_tables import WHOLE_STEPS

if TYPE_CHECKING:
    from ecom_platform.lake.table import TableVersion
    from ecom_platform.landing.objects import LandingStore

_REASON = "rejected_"
_EVENT_TABLES = (RAW_EVENTS.name, CLEAN_EVENTS.name, FACT_USER_EVENTS.name)


def survey(lake: Lake, store: LandingStore, now: dt.datetime) -> LakeOverview:
    """Look at a lake and its landing area.

    Args:
        lake: the lake.
        store: its landing area.
        now: decides which dates are open, and so rebuilt by the hour.

    Raises:
        LakeUnavailable: the catalog or its files cannot be opened.
    """
    tables = lake.existing_tables()
    lake = _with_records_of(lake, tables.get(PUBLICATIONS.name))
    published = {name: lake.publications.published(name) for name in TABLES}
    stale = {
        name: list(stale_dates(lake, name, None, now))
        for name in DATED_TABLES
        if sources_of(name)[0] in tables
    }
    stale |= _stale_dimensions(lake, stale, now)
    # Asking for these records in a lake that has none would create their table.
    objects = lake.objects if LANDING_OBJECTS.name in tables else None
    malformed = sum(o.malformed_count for o in objects.ingested().values()) if objects else 0
    overview = LakeOverview(landing=_landing(lake, store, known=objects is not None))
    for name in TABLES:
        if name in tables or stale.get(name):
            dates = stale.get(name, [])
            table = _table(name, tables.get(name), published[name], dates, malformed)
            overview.tables.append(table)
    overview.dates = _dates(published, stale)
    overview.held = lake.holds.all() if HOLDS.name in tables else []
    return overview


class _ReadOnce(Publications):
    """Publications as they stood at one moment, for a survey that asks for them many times."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._states: dict[str, dict[dt.date, PublishedDate]] = defaultdict(dict)
        for entry in entries:
            date = entry["event_date"]
            states = self._states[entry["table_name"]]
            states.setdefault(date, PublishedDate(date)).include(entry)

    def published(
        self, table_name: str, dates: Iterable[dt.date] | None = None
    ) -> dict[dt.date, PublishedDate]:
        found = self._states[table_name]
        return dict(found) if dates is None else {d: found[d] for d in found.keys() & set(dates)}


def _with_records_of(lake: Lake, publications: TableVersion | None) -> Lake:
    """The lake with its records as read now; a lake that has none is not given any."""
    looked_at, entries = Lake(lake.settings), []
    if publications:
        entries = Journal(lambda: publications, newest_publications).read()
    looked_at.publications = _ReadOnce(entries)
    return looked_at


def _stale_dimensions(
    lake: Lake, stale: Mapping[str, Sequence[dt.date]], now: dt.datetime
) -> dict[str, list[dt.date]]:
    found = {}
    for name, dimension in WHOLE_STEPS.items():
        try:
            slice_ = dimension.find_stale(lake, now)
        except InputsBehind:
            behind = [date for partial in dimension.partials for date in stale.get(partial, ())]
            present = lake.publications.published_whole(name)
            found[name] = [max([*behind, *([present.event_date] if present else [])])]
        else:
            found[name] = [slice_.event_date] if slice_ else []
    return found


def _table(
    name: str,
    version: TableVersion | None,
    published: Mapping[dt.date, PublishedDate],
    stale: Sequence[dt.date],
    malformed: int,
) -> TableOverview:
    dates = set(published)
    rejected = duplicates = None
    if name == RAW_EVENTS.name:
        rejected = malformed
    elif name == CLEAN_EVENTS.name:
        rejected = sum(date.measures.get("rejected", 0) for date in published.values())
        duplicates = sum(date.measures.get("duplicates", 0) for date in published.values())
    elif name == REJECTED_EVENTS.name and version:
        # Lines that are no event are recorded with their object, not with a date's publication.
        dates |= {file.event_date for file in version.files() if file.event_date}
    newest = max(published.values(), key=_when, default=None)
    return TableOverview(
        name=name,
        totals=totals(version) if version else Totals(0, 0, 0),
        dates=sorted(dates) if TABLES[name].partition_by else (),
        as_of=newest.event_date if newest and not TABLES[name].partition_by else None,
        duplicates=duplicates,
        rejected=rejected,
        stale=stale,
        last_run=newest.run_id if newest else None,
        published_at=newest.published_at if newest else None,
    )


def _when(date: PublishedDate) -> dt.datetime:
    return date.published_at or dt.datetime.min.replace(tzinfo=dt.UTC)


def _landing(lake: Lake, store: LandingStore, *, known: bool) -> LandingOverview:
    if not known:
        return LandingOverview(pending=store.list(), ignored=store.ignored())
    pending = find_candidates(lake, store)
    waiting = {found.key for found in store.list()} - {found.key for found in pending}
    refused = [
        outcome
        for key, outcome in sorted(lake.objects.current().items())
        if outcome.status == "refused" and key in waiting
    ]
    return LandingOverview(pending, refused, store.ignored())


def _dates(
    published: Mapping[str, Mapping[dt.date, PublishedDate]],
    stale: Mapping[str, Sequence[dt.date]],
) -> list[DateOverview]:
    clean = published.get(CLEAN_EVENTS.name, {})
    fact = published.get(FACT_USER_EVENTS.name, {})
    known = {date for name in _EVENT_TABLES for date in published.get(name, {})}
    known |= {date for name in _EVENT_TABLES for date in stale.get(name, ())}
    found = []
    for date in sorted(known):
        measures = clean[date].measures if date in clean else {}
        reasons = {
            name.removeprefix(_REASON): count
            for name, count in measures.items()
            if name.startswith(_REASON)
        }
        found.append(
            DateOverview(
                event_date=date,
                rows_in=measures.get("rows_in"),
                duplicates=measures.get("duplicates"),
                rejected=reasons,
                rows_out=fact[date].row_count if date in fact else None,
                published_at=fact[date].published_at if date in fact else None,
                stale=[table for table in _EVENT_TABLES if date in stale.get(table, ())],
            )
        )
    return found
