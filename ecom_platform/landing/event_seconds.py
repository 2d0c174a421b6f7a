"""Event seconds: how many events of an object happened in each second of each date.

Belongs here: counting the times of a stream of events. Not here: when they arrived, tables.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

SECONDS_OF_A_DAY = 86_400
# Of a date with fewer events the seconds themselves take less space than a counter for each.
FEW_EVENTS = SECONDS_OF_A_DAY
_EPOCH = dt.date(1970, 1, 1)

Seconds = npt.NDArray[np.int64]


class EventSeconds:
    """Counts events by second and date, so that every quantile of their times is exact.

    A date takes eight bytes an event, and no more than one counter a second.
    """

    def __init__(self) -> None:
        self._few: dict[int, list[Seconds]] = defaultdict(list)
        self._many: dict[int, Seconds] = {}

    def add(self, event_times: pa.ChunkedArray) -> None:
        """Count events.

        Args:
            event_times: UTC, in microseconds, none of them null.
        """
        for chunk in event_times.chunks:
            if len(chunk):
                seconds = chunk.cast(pa.int64()).to_numpy() // 1_000_000
                for day, of_day in _by_day(seconds):
                    self._count(day, of_day)

    def dates(self) -> list[dt.date]:
        """The dates that have events, in order."""
        days = sorted(self._few.keys() | self._many.keys())
        return [_EPOCH + dt.timedelta(days=day) for day in days]

    def at_ranks(self, date: dt.date, ranks: Sequence[int]) -> list[dt.datetime]:
        """The seconds in which the events of some ranks happened.

        Args:
            date: one of the dates.
            ranks: places in the order of time; 0 is the first event of the date, -1 the last.
        """
        day = (date - _EPOCH).days
        counted = self._many.get(day)
        if counted is None:
            counted = _by_second(np.concatenate(self._few[day]))
        until = np.cumsum(counted)
        places = [rank % int(until[-1]) for rank in ranks]
        found = np.searchsorted(until, places, side="right")
        midnight = dt.datetime.combine(date, dt.time(), tzinfo=dt.UTC)
        return [midnight + dt.timedelta(seconds=int(second)) for second in found]

    def count(self, date: dt.date) -> int:
        """The number of events of a date."""
        day = (date - _EPOCH).days
        if day in self._many:
            return int(self._many[day].sum())
        return sum(len(part) for part in self._few.get(day, ()))

    def _count(self, day: int, seconds: Seconds) -> None:
        if day in self._many:
            self._many[day] += _by_second(seconds)
            return
        few = self._few[day]
        few.append(seconds)
        if sum(len(part) for part in few) >= FEW_EVENTS:
            self._many[day] = _by_second(np.concatenate(self._few.pop(day)))


def _by_day(seconds: Seconds) -> Iterator[tuple[int, Seconds]]:
    """The days since 1970 that some seconds fall on, and the seconds of each from its midnight."""
    first, last = (int(end) // SECONDS_OF_A_DAY for end in (seconds.min(), seconds.max()))
    if first == last:  # the usual case, and a filter would copy every value
        yield first, seconds - first * SECONDS_OF_A_DAY
        return
    days = seconds // SECONDS_OF_A_DAY
    for day in np.unique(days):
        yield int(day), seconds[days == day] - day * SECONDS_OF_A_DAY


def _by_second(seconds: Seconds) -> Seconds:
    return np.bincount(seconds, minlength=SECONDS_OF_A_DAY)
