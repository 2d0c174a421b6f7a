"""What the marts cost: those of a month at once, and those of one more date every night.

Belongs here: what lies in the lake when. Not here: the programs, the table of results.
"""

from __future__ import annotations

import datetime as dt

from bench.contenders import Hear, Place, PlatformHome, home_of_the_month, run_platform
from bench.measuring import Measurement
from bench.month import Month, make_next_date
from bench.results import MartsRuns


class MartsFailed(Exception):
    """A run failed."""


def measure_marts(month: Month, filled: Measurement | None, place: Place, hear: Hear) -> MartsRuns:
    """Measure the marts of a month, and then one more date from landing to marts.

    Args:
        month: the month.
        filled: how the lake was filled with it, where it lies there already; None where not.
        place: where to work.
        hear: told of the steps.

    Raises:
        MartsFailed: a run failed; the message is its last words.
    """
    home = home_of_the_month(place)
    if filled is None:
        filled = run_platform(month, place, hear)
    if filled.failure:
        raise MartsFailed(filled.failure)
    last = month.last + dt.timedelta(days=1)
    marts = _measure(home, "marts", month.first, month.last, place, hear)
    path, rows = make_next_date(place.folder / "next-date", month)
    home.land(path)
    date = _measure(home, "date", last, last, place, hear)
    return MartsRuns(filled, marts, date, month.rows, rows)


def _measure(
    home: PlatformHome, command: str, first: dt.date, last: dt.date, place: Place, hear: Hear
) -> Measurement:
    arguments = [command, str(home.lake), first.isoformat(), last.isoformat()]
    measured = home.run(arguments, place, command, hear)
    if measured.failure:
        raise MartsFailed(measured.failure)
    return measured
