"""What an hourly run costs: one new hour of an open date, with little and with much beside it.

Belongs here: which hours land when. Not here: the programs, the table of results.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from bench.contenders import Hear, Place, PlatformHome
from bench.measuring import Measurement
from bench.month import make_hours
from bench.results import HourlyRun


class HourlyFailed(Exception):
    """A run of the open date failed."""


def measure_hours(place: Place, rows_of_an_hour: int, hear: Hear) -> list[HourlyRun]:
    """Measure hourly runs of today: with nothing, one, 22 and 23 hours there before.

    The four hours that are measured are those whose size is nearest to the mean, so that their
    runs differ in what lies beside them and not in what they bring. Each run is a process of its
    own, as the daemon starts them, and covers the whole job.

    Raises:
        HourlyFailed: a run failed; the message is its last words.
    """
    # Hours of today that have not begun are taken all the same: a source's clock may be ahead.
    today = dt.datetime.now(tz=dt.UTC).date()
    files = make_hours(place.folder / "hours", today, rows_of_an_hour)
    by_size = sorted(files, key=lambda path: abs(files[path] - rows_of_an_hour))
    measured, others = by_size[:4], by_size[4:]
    home = PlatformHome(place.folder / "hourly")
    home.make()
    try:
        runs = [
            _run("the first hour of the lake", 0, measured[0], files, home, place, today, hear),
            _run("one hour present", 1, measured[1], files, home, place, today, hear),
        ]
        for path in others:
            home.land(path)
        _measure(home, place, today, hear)
        for before, path in ((22, measured[2]), (23, measured[3])):
            label = f"{before} hours present"
            runs.append(_run(label, before, path, files, home, place, today, hear))
        return runs
    finally:
        home.remove()


def _run(
    label: str,
    hours_before: int,
    path: Path,
    rows: dict[Path, int],
    home: PlatformHome,
    place: Place,
    date: dt.date,
    hear: Hear,
) -> HourlyRun:
    home.land(path)
    return HourlyRun(label, rows[path], hours_before, _measure(home, place, date, hear))


def _measure(home: PlatformHome, place: Place, date: dt.date, hear: Hear) -> Measurement:
    measured = home.run(["events", str(home.lake), *[date.isoformat()] * 2], place, "hourly", hear)
    if measured.failure:
        raise HourlyFailed(measured.failure)
    return measured
