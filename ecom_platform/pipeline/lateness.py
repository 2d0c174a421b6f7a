"""Lateness: how long after they happened the events of an object were delivered.

Belongs here: measuring it for one object. Not here: recording it, counting events.
"""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING

from ecom_platform.lake.lateness import Lateness
from ecom_platform.lake.slices import is_open

if TYPE_CHECKING:
    from ecom_platform.landing.event_seconds import EventSeconds
    from ecom_platform.landing.objects import LandingObject

_QUANTILES = (0.5, 0.95)


def measure_lateness(
    found: LandingObject, event_seconds: EventSeconds, ingested_at: dt.datetime
) -> list[Lateness]:
    """The lateness of an object's events, date by date.

    Args:
        found: the object, whose version is known.
        event_seconds: its events.
        ingested_at: when it was read.
    """
    return [_of_date(found, event_seconds, ingested_at, date) for date in event_seconds.dates()]


def _of_date(
    found: LandingObject, event_seconds: EventSeconds, ingested_at: dt.datetime, date: dt.date
) -> Lateness:
    rows = event_seconds.count(date)
    # The longest delay is that of the first event: ranks of delays count from the end of times.
    ranks = [-math.ceil(quantile * rows) for quantile in _QUANTILES]
    first, last, median, p95 = event_seconds.at_ranks(date, [0, -1, *ranks])
    written = found.modified_at.replace(microsecond=0)
    return Lateness(
        source_object=found.key,
        object_version=found.version or "",
        event_date=date,
        row_count=rows,
        is_late=not is_open(date, found.modified_at),
        first_event_at=first,
        last_event_at=last,
        modified_at=found.modified_at,
        ingested_at=ingested_at,
        delay_min_seconds=_seconds(written - last),
        delay_median_seconds=_seconds(written - median),
        delay_p95_seconds=_seconds(written - p95),
        delay_max_seconds=_seconds(written - first),
    )


def _seconds(delay: dt.timedelta) -> int:
    return delay // dt.timedelta(seconds=1)
