"""Slices: the unit of publishing, an event date or an hour of it, and their fingerprints.

Belongs here: what is stale, and which files hold it. Not here: reading or writing anything.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

# A date stays open this long after its end: late rows of the evening are usual, and an open
# date is rewritten by the hour, a closed one as a whole.
OPEN_AFTER_MIDNIGHT = dt.timedelta(hours=3)

HourFingerprints = Mapping[int, str]

# In multiday_session_events, in place of hours: the digests of what is to be taken away from a
# date and added to it, and, of the newest date alone, the fingerprint of all that was looked at.
SEEN, BEGUN, EXAMINED = 0, 1, -1


@dataclass(frozen=True)
class StaleDate:
    """What must be rebuilt of one date.

    Attributes:
        event_date: the date.
        hours: the stale hours, or None for the whole date.
        target: the fingerprints that the date will have, of every hour that will hold rows.
    """

    event_date: dt.date
    hours: tuple[int, ...] | None
    target: HourFingerprints

    @property
    def label(self) -> str:
        """The slice in words, for logs and errors."""
        if self.hours is None:
            return self.event_date.isoformat()
        return f"{self.event_date.isoformat()} hours {', '.join(map(str, self.hours))}"


def digest(parts: Iterable[str]) -> str:
    """A short, stable fingerprint of some strings in their order."""
    encoded = json.dumps(list(parts), separators=(",", ":")).encode()
    return hashlib.blake2b(encoded, digest_size=8).hexdigest()


def combine(hours: HourFingerprints) -> str:
    """The fingerprint of a date from those of its hours."""
    return digest(f"{hour}:{hours[hour]}" for hour in sorted(hours))


def derive(logic_version: str, inputs: HourFingerprints) -> dict[int, str]:
    """The fingerprints that a table has when it is built by some logic from some inputs."""
    return {hour: digest([logic_version, inputs[hour]]) for hour in sorted(inputs)}


def has_ended(event_date: dt.date, now: dt.datetime) -> bool:
    """Whether a date is over, so that tables that are built once a day can be built for it."""
    return event_date < now.astimezone(dt.UTC).date()


def is_open(event_date: dt.date, now: dt.datetime) -> bool:
    """Whether rows of a date are still expected, so that it is kept in files of one hour."""
    midnight = dt.datetime.combine(event_date, dt.time(), tzinfo=dt.UTC) + dt.timedelta(days=1)
    return now < midnight + OPEN_AFTER_MIDNIGHT


def find_stale(
    event_date: dt.date,
    target: HourFingerprints,
    published: HourFingerprints,
    *,
    by_hour: bool,
) -> StaleDate | None:
    """Compare what a date should be built from with what it was built from.

    Args:
        event_date: the date.
        target: what every hour should be built from.
        published: what every hour was built from.
        by_hour: whether single hours can be rebuilt: the date is open and in files of one hour.

    Returns:
        The hours to rebuild while the date is open, the whole date when it is closed, or None
        when nothing differs.
    """
    known = sorted(target.keys() | published.keys())
    hours = [h for h in known if target.get(h) != published.get(h)]
    if not hours:
        return None
    return StaleDate(event_date, tuple(hours) if by_hour else None, dict(target))
