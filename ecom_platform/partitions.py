"""Partitions: the one definition of a day that schedules, assets and backfills share.

Belongs here: partition definitions and the arithmetic of dates. Not here: what is done per date.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import dagster as dg

DATE_FORMAT = "%Y-%m-%d"


def event_dates(start_date: dt.date) -> dg.DailyPartitionsDefinition:
    """Daily partitions by `event_date`, UTC, today included.

    Today is a partition (`end_offset=1`) because the fact is refreshed every hour while the
    day is still open. One start date serves all assets: different starts would split a
    backfill over several of them into odd chunks.
    """
    return dg.DailyPartitionsDefinition(
        start_date=start_date.strftime(DATE_FORMAT), end_offset=1, timezone="UTC"
    )


def closed_dates(start_date: dt.date) -> dg.DailyPartitionsDefinition:
    """Daily partitions by `event_date`, UTC, of the dates that have ended: today is none."""
    return dg.DailyPartitionsDefinition(start_date=start_date.strftime(DATE_FORMAT), timezone="UTC")


def to_key(date: dt.date) -> str:
    """The partition key of a date."""
    return date.strftime(DATE_FORMAT)


def to_date(key: str) -> dt.date:
    """The date of a partition key."""
    return dt.date.fromisoformat(key)


def contiguous_ranges(dates: Iterable[dt.date]) -> list[tuple[dt.date, dt.date]]:
    """Group dates into runs of consecutive days: what one range run can cover.

    Returns:
        (first, last) of every run, in order.
    """
    ranges: list[tuple[dt.date, dt.date]] = []
    for date in sorted(set(dates)):
        if ranges and date - ranges[-1][1] == dt.timedelta(days=1):
            ranges[-1] = (ranges[-1][0], date)
        else:
            ranges.append((date, date))
    return ranges
