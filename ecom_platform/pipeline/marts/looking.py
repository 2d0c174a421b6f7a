"""Looking for sessions that were seen on several dates: on all dates, or on those that are new.

Belongs here: what is found, and when a look at new dates finds all. Not here: rebuilding dates.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyiceberg.expressions import And, GreaterThan

from ecom_platform.contracts.marts import MULTIDAY_SESSION_EVENTS
from ecom_platform.contracts.model import SESSION_DAYS
from ecom_platform.lake.slices import BEGUN, EXAMINED, SEEN
from ecom_platform.pipeline.publishing import until
from ecom_platform.pipeline.reading import read_files
from ecom_platform.pipeline.staleness import fingerprint_of_sessions
from ecom_platform.transforms.marts.multiday import (
    digest_by_date,
    find_added_links,
    find_multiday_sessions,
    find_related_sessions,
)

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from ecom_platform.lake.publications import PublishedDate
    from ecom_platform.lake.table import TableFile
    from ecom_platform.pipeline.scratch import Scratch
    from ecom_platform.pipeline.slice_build import Workplace

NAME = MULTIDAY_SESSION_EVENTS.name

# By role, SEEN and BEGUN: the number of session dates and the digest of their links.
Digests = Mapping[int, str]


@dataclass(frozen=True)
class Look:
    """What a look for sessions of several dates has found.

    Attributes:
        links: of the dates whose rows change, at least: what find_multiday_sessions returns.
        digests: by date, what is recorded of it once it is built; where there is nothing for a
            date, nothing was found of it, and where it has digests already, it has them still.
        kept: the files of dates to whose rows those of the links are only added.
    """

    links: DataFrame
    digests: Mapping[dt.date, Digests]
    kept: Mapping[dt.date, Sequence[TableFile]] = field(default_factory=dict)


def known_digests(state: PublishedDate | None) -> Digests:
    """What is recorded of a date's links."""
    if state is None:
        return {}
    return {role: digest for role, digest in state.fingerprints.items() if role != EXAMINED}


def look_for_sessions(
    work: Workplace,
    scratch: Scratch,
    chosen: Sequence[dt.date],
    published: Mapping[dt.date, PublishedDate],
) -> Look:
    """Look at the new dates if that is certain to be enough, else at all.

    Args:
        work: lake and engine.
        scratch: keeps what is found.
        chosen: the newest date, and before it those that are to be rebuilt whatever is found.
        published: what is recorded of the dates of multiday_session_events.
    """
    *others, newest = chosen
    # What is to be rebuilt though it does not differ may be lost: nothing is built on it.
    look = None if others else _look_at_new(work, scratch, newest, published)
    return look or _look_at_all(work, scratch, newest, published)


def _look_at_all(
    work: Workplace, scratch: Scratch, newest: dt.date, published: Mapping[dt.date, PublishedDate]
) -> Look:
    files = work.lake.table(SESSION_DAYS.name).files(where=until(newest))
    links = scratch.keep(find_multiday_sessions(read_files(work, SESSION_DAYS, files)))
    found = _digests(links)
    return Look(links, {date: found.get(date, {}) for date in found.keys() | published.keys()})


def _look_at_new(
    work: Workplace, scratch: Scratch, newest: dt.date, published: Mapping[dt.date, PublishedDate]
) -> Look | None:
    """Look at the dates since the last look, and at the sessions that were seen on them.

    A later date only adds links to those of the dates before it, so that digests and rows that
    are published stay, and what is new is put on top of them.

    Returns:
        None where it is not certain that this finds what a look at all dates would.
    """
    examined = _last_look(work, published)
    if examined is None or examined >= newest:
        return None
    sessions = work.lake.table(SESSION_DAYS.name)
    since = And(GreaterThan("event_date", examined.isoformat()), until(newest))
    new = sessions.files(where=since)
    later = read_files(work, SESSION_DAYS, new)
    earlier = read_files(work, SESSION_DAYS, sessions.files(where=until(examined)))
    related = scratch.keep(find_related_sessions(earlier, later))
    if len({file.event_date for file in new}) == 1:
        # Those of them that were not seen earlier have this date alone.
        later = find_related_sessions(later, related)
    links = scratch.keep(find_added_links(related, later))
    added = _digests(links)
    moved = {date: _moved(known_digests(published.get(date)), added[date]) for date in added}
    grown = [date for date in added if date in published and SEEN in added[date]]
    kept = {date: work.lake.table(NAME).files([date]) for date in grown}
    if work.lake.storage.missing([file.path for files in kept.values() for file in files]):
        return None  # After a look at all dates they are not needed.
    return Look(links, moved, kept)


def _last_look(work: Workplace, published: Mapping[dt.date, PublishedDate]) -> dt.date | None:
    """The last date that was looked at, if all that was looked at is what it was.

    Nobody has written the table since, be it a run that was killed before it had looked at
    everything, and no date is held.
    """
    if not published or work.lake.holds.of(NAME):
        return None
    last = max(published)
    looked = published[last].sequence_number
    current = work.lake.table(NAME).iceberg.current_snapshot()
    # The record tells of a commit only after it, and of a look only when it is complete.
    written = [state.sequence_number for state in published.values()]
    written += [current.sequence_number or 0] if current else []
    is_same = published[last].fingerprints.get(EXAMINED) == fingerprint_of_sessions(work.lake, last)
    return last if is_same and max(written) == looked else None


def _digests(links: DataFrame) -> dict[dt.date, Digests]:
    found: dict[dt.date, dict[int, str]] = defaultdict(dict)
    for row in digest_by_date(links).collect():
        role = SEEN if row["role"] == "seen" else BEGUN
        found[row["event_date"]][role] = f"{row['session_dates']} {row['digest']}"
    return dict(found)


def _moved(known: Digests, added: Digests) -> Digests:
    """The digests of links and of others that have come to them."""
    return {**known, **{role: _together(known.get(role, "0 0"), added[role]) for role in added}}


def _together(one: str, other: str) -> str:
    counts, digests = zip(*(map(int, text.split()) for text in (one, other)), strict=True)
    return f"{sum(counts)} {digests[0] ^ digests[1]}"
