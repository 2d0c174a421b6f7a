"""What became of each contender.

Belongs here: results and how they are compared. Not here: running, showing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from bench.measuring import Measurement

Status = Literal["ok", "failed", "skipped"]


@dataclass(frozen=True)
class Result:
    """One contender.

    Attributes:
        name: as on the command line.
        label: as people read it.
        status: ok, failed (also when its counts are not the others') or skipped.
        reason: why it failed or was skipped.
        rows: rows of its input.
        measured: the run that counts; None without one.
        is_script: whether it is a hand-written script, which the platform is compared with.
    """

    name: str
    label: str
    status: Status
    reason: str = ""
    rows: int = 0
    measured: Measurement | None = None
    is_script: bool = False

    def seconds_of(self, group: str) -> float:
        """Seconds of the stages of a group."""
        stages = self.measured.stages if self.measured else []
        return sum(stage.seconds for stage in stages if stage.group == group)

    def peak_of(self, group: str) -> int:
        """Peak memory of the stages of a group."""
        stages = self.measured.stages if self.measured else []
        return max((stage.peak_bytes for stage in stages if stage.group == group), default=0)

    @property
    def seconds_per_million(self) -> float:
        """Seconds for a million rows: what contenders of other sizes are compared by."""
        return self.measured.seconds / self.rows * 1e6 if self.measured and self.rows else 0.0

    @property
    def cpu_seconds_per_million(self) -> float:
        """Processor seconds for a million rows."""
        return self.measured.cpu_seconds / self.rows * 1e6 if self.measured and self.rows else 0.0


@dataclass(frozen=True)
class HourlyRun:
    """One run of the open date.

    Attributes:
        label: what lay in the lake before.
        rows: rows of the new hour.
        hours_before: hours that the date held before.
        measured: the run, in a process of its own.
    """

    label: str
    rows: int
    hours_before: int
    measured: Measurement


@dataclass(frozen=True)
class MartsRuns:
    """What the marts cost beside what they are made from.

    Attributes:
        month: the month up to the dimensions, in a process of its own.
        marts: the marts of all its dates, then, in another.
        date: one more date from landing to marts, then, in another.
        month_rows, date_rows: rows that landed.
    """

    month: Measurement
    marts: Measurement
    date: Measurement
    month_rows: int
    date_rows: int


@dataclass
class Report:
    """Everything that one call of the bench found out.

    Attributes:
        results: contenders in the order of their runs.
        noop: `ecom run` with nothing to do, in a process of its own; None if not run.
        marts: what the marts cost; None if not run.
        hourly: runs of the open date.
        flatness: the same hour of events in days and lakes of several sizes.
        disagreements: counts that differ, in words; empty when all agree.
        command: the command line.
        rows, days: size of the month.
        source_bytes: size of its file.
        started: UTC time of the start.
    """

    command: str
    rows: int
    days: int
    source_bytes: int
    started: str
    results: list[Result] = field(default_factory=list)
    noop: Measurement | None = None
    marts: MartsRuns | None = None
    marts_failure: str = ""
    hourly: list[HourlyRun] = field(default_factory=list)
    hourly_failure: str = ""
    flatness: list[HourlyRun] = field(default_factory=list)
    flatness_failure: str = ""
    disagreements: list[str] = field(default_factory=list)

    @property
    def fastest_script(self) -> Result | None:
        """The script with the least seconds a row."""
        ran = [r for r in self.results if r.is_script and r.status == "ok"]
        return min(ran, key=lambda r: r.seconds_per_million, default=None)

    @property
    def succeeded(self) -> bool:
        """Whether nothing failed and all agree; what was skipped is no failure."""
        failed = any(result.status == "failed" for result in self.results)
        return not failed and not (
            self.disagreements or self.marts_failure or self.hourly_failure or self.flatness_failure
        )


def disagreements(label: str, counts: Mapping[str, int], expected: Mapping[str, int]) -> list[str]:
    """Where a contender's counts are not the expected ones, in words.

    Args:
        label: the contender.
        counts: what it counted; a missing count is a difference.
        expected: what it should have counted.
    """
    return [
        f"{label} counts {'no' if name not in counts else f'{counts[name]:,}'} {name}, "
        f"expected are {expected[name]:,}"
        for name in expected
        if counts.get(name) != expected[name]
    ]


def median_run(runs: Sequence[Measurement]) -> Measurement:
    """The run of median seconds; a failed one if there is any."""
    for run in runs:
        if run.failure:
            return run
    return sorted(runs, key=lambda run: run.seconds)[(len(runs) - 1) // 2]
