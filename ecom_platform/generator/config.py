"""What to generate: volume, dates, files and the faults to inject, checked when made.

Belongs here: the choices a caller has. Not here: published figures (calibration.py).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Literal

from ecom_platform.errors import EcomError

Split = Literal["month", "day", "hour"]
Compression = Literal["gz", "none"]
EVENT_TYPES = ("view", "cart", "purchase")
EARLIEST, LATEST = dt.date(2010, 1, 1), dt.date(2099, 12, 31)
# An hour's text is one piece of memory with 32-bit offsets; the peak hour has 7 % of a day.
MOST_ROWS_A_DAY = 100_000_000


class GeneratorError(EcomError):
    """A choice cannot be generated, or the folder cannot be written to: choose another."""


class GenerationFailed(EcomError):
    """Writing broke off, e.g. because the disk is full."""


@dataclass(frozen=True)
class LostType:
    """An event type of which nearly nothing (0.1 %) was written on a date."""

    event_type: str
    event_date: dt.date


@dataclass(frozen=True)
class LateRows:
    """A share (0 to 1) of a date's rows that is kept back and written to a file of its own."""

    event_date: dt.date
    share: float


@dataclass(frozen=True)
class FaultPlan:
    """Faults to inject; none by default.

    Attributes:
        malformed_lines: lines that a layer must reject, spread over the period and all kinds.
        lost: event types lost on dates.
        late: rows that arrive in a later file.
        repeated_files: names of generated files that are written a second time, as NAME_repeated.
        truncated_dates: dates of which a further file is written whose gzip stream is cut.
    """

    malformed_lines: int = 0
    lost: tuple[LostType, ...] = ()
    late: tuple[LateRows, ...] = ()
    repeated_files: tuple[str, ...] = ()
    truncated_dates: tuple[dt.date, ...] = ()


@dataclass(frozen=True)
class GeneratorConfig:
    """One set of files. The same values give the same events, whatever `split` and `compression`.

    Attributes:
        start: first event date, UTC.
        end: last event date, inclusive.
        rows: about how many rows start … end hold, exact duplicates included.
        seed: another seed is another shop: other products, users and events.
        split: one file a month, a day or an hour.
        compression: gz or none.
        dates: write only these dates of the period (rows still counts the whole period).
        hours: write only these hours (0 to 23) of each date.
        faults: what to break.

    Raises:
        GeneratorError: a value cannot be generated.
    """

    start: dt.date
    end: dt.date
    rows: int
    seed: int = 42
    split: Split = "month"
    compression: Compression = "gz"
    dates: tuple[dt.date, ...] | None = None
    hours: tuple[int, ...] | None = None
    faults: FaultPlan = field(default_factory=FaultPlan)

    def __post_init__(self) -> None:
        if self.rows <= 0:
            raise GeneratorError(f"rows is {self.rows}; ask for 1 or more")
        if self.seed < 0:
            raise GeneratorError(f"seed is {self.seed}; use 0 or more")
        if self.end < self.start:
            raise GeneratorError(f"the period ends ({self.end}) before it starts ({self.start})")
        if self.start < EARLIEST or self.end > LATEST:
            raise GeneratorError(f"{self.start} to {self.end} leaves {EARLIEST} to {LATEST}")
        days = (self.end - self.start).days + 1
        if self.rows > MOST_ROWS_A_DAY * days:
            raise GeneratorError(f"{self.rows} rows in {days} days; 100 million a day is the most")
        if self.split not in ("month", "day", "hour"):
            raise GeneratorError(f"split is {self.split!r}; use month, day or hour")
        if self.compression not in ("gz", "none"):
            raise GeneratorError(f"compression is {self.compression!r}; use gz or none")
        if self.hours is not None and not all(0 <= hour <= 23 for hour in self.hours):
            raise GeneratorError(f"hours are {self.hours}; use 0 to 23")
        self._check_dates()
        self._check_faults()

    def _check_dates(self) -> None:
        faults = self.faults
        named = [
            ("dates", self.dates or ()),
            ("lost", tuple(lost.event_date for lost in faults.lost)),
            ("late", tuple(late.event_date for late in faults.late)),
            ("truncated", faults.truncated_dates),
        ]
        for what, days in named:
            for day in days:
                if not self.start <= day <= self.end:
                    raise GeneratorError(f"{what}: {day} lies outside {self.start} to {self.end}")

    def _check_faults(self) -> None:
        faults = self.faults
        if faults.malformed_lines < 0:
            raise GeneratorError(f"malformed lines are {faults.malformed_lines}; use 0 or more")
        for lost in faults.lost:
            if lost.event_type not in EVENT_TYPES:
                raise GeneratorError(
                    f"lost: {lost.event_type!r} is not generated; use {', '.join(EVENT_TYPES)}"
                )
        for late in faults.late:
            if not 0 < late.share <= 1:
                raise GeneratorError(
                    f"late: the share for {late.event_date} is {late.share}; use 0 to 1"
                )
        days = [late.event_date for late in faults.late]
        for what, values in (
            ("late", days),
            ("repeated", list(faults.repeated_files)),
            ("truncated", list(faults.truncated_dates)),
        ):
            if len(values) != len(set(values)):
                raise GeneratorError(f"{what}: the same value is given twice")

    def written_dates(self) -> list[dt.date]:
        """Dates that are written, ascending."""
        days = (self.end - self.start).days + 1
        period = [self.start + dt.timedelta(days=day) for day in range(days)]
        return period if self.dates is None else [day for day in period if day in self.dates]

    def written_hours(self) -> list[int]:
        """Hours of the day that are written, ascending."""
        return list(range(24)) if self.hours is None else sorted(set(self.hours))
