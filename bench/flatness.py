"""Whether cost follows the new data: the same hour of events, in days and lakes of any size.

Belongs here: what lies in the lake before. Not here: the programs, the table of results.
"""

from __future__ import annotations

import datetime as dt
import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.contenders import Hear, Place, PlatformHome
from bench.hourly import HourlyFailed
from bench.measuring import Measurement
from bench.month import make_history, make_hours
from bench.results import HourlyRun

# History only has to be there: what it costs to look at its records is measured, not its rows.
ROWS_OF_A_PAST_DAY = 500
LAST_HOUR = 23


@dataclass(frozen=True)
class NewHour:
    """Events of one hour that can land as any hour of the date."""

    path: Path
    rows: int
    date: dt.date

    def as_hour(self, hour: int) -> Path:
        """A file of the same events at another hour."""
        moved = self.path.with_name(f"new-hour-{hour:02d}.csv.gz")
        to = f"{self.date.isoformat()} {hour:02d}:".encode()
        with gzip.open(self.path) as source, gzip.open(moved, "wb", compresslevel=1) as target:
            target.write(next(source))
            target.writelines(to + line[len(to) :] for line in source)
        return moved


def measure_flatness(
    place: Place, rows_of_an_hour: int, days_of_history: Sequence[int], hear: Hear
) -> list[HourlyRun]:
    """Measure the run that brings one hour of events: the same ones every time.

    Args:
        place: where to work.
        rows_of_an_hour: about how many rows the hour has.
        days_of_history: the sizes of lakes, in closed dates before today.
        hear: told of the steps.

    Raises:
        HourlyFailed: a run failed; the message is its last words.
    """
    today = dt.datetime.now(tz=dt.UTC).date()
    files = make_hours(place.folder / "hours", today, rows_of_an_hour)
    usual = min(files, key=lambda path: abs(files[path] - rows_of_an_hour))
    new = NewHour(usual, files[usual], today)
    before = [path for path in sorted(files) if not _is_last(path, files)]
    runs = [
        _run("an empty date, at 00:00", new, 0, [], 0, place, hear),
        _run("23 hours of the date, at 23:00", new, LAST_HOUR, before, 0, place, hear),
    ]
    for days in days_of_history:
        label = f"a lake of {days:,} day{'s' * (days > 1)}, at 00:00"
        runs.append(_run(label, new, 0, [], days, place, hear))
    return runs


def _is_last(path: Path, files: dict[Path, int]) -> bool:
    return path == max(files)


def _run(
    label: str,
    new: NewHour,
    hour: int,
    before: Sequence[Path],
    days: int,
    place: Place,
    hear: Hear,
) -> HourlyRun:
    home = PlatformHome(place.folder / "flatness")
    home.make()
    try:
        if days:
            first = new.date - dt.timedelta(days=days)
            last = new.date - dt.timedelta(days=1)
            history = place.folder / f"history-{days}"
            home.land(make_history(history, first, last, days * ROWS_OF_A_PAST_DAY))
            _measure(home, place, first, last, hear)
        for path in before:
            home.land(path)
        if before:
            _measure(home, place, new.date, new.date, hear)
        home.land(new.as_hour(hour))
        measured = _measure(home, place, new.date, new.date, hear)
        return HourlyRun(label, new.rows, len(before), measured)
    finally:
        home.remove()


def _measure(
    home: PlatformHome, place: Place, first: dt.date, last: dt.date, hear: Hear
) -> Measurement:
    dates = [first.isoformat(), last.isoformat()]
    measured = home.run(["events", str(home.lake), *dates], place, "flatness", hear)
    if measured.failure:
        raise HourlyFailed(measured.failure)
    return measured
