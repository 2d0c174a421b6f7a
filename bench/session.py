"""One call of the bench: files, contenders one after another, comparison.

Belongs here: the order of things and progress. Not here: how a contender runs, or is shown.
"""

from __future__ import annotations

import datetime as dt
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import contenders
from bench.contenders import LABELS, SCRIPTS, Place
from bench.flatness import measure_flatness
from bench.hourly import HourlyFailed, measure_hours
from bench.marts import MartsFailed, measure_marts
from bench.measuring import Measurement
from bench.month import Month, make_month
from bench.options import Options, days_of
from bench.results import Report, Result, Status, disagreements, median_run

# The file, the tables of one contender at a time, and room for an engine that spills.
_BYTES_A_ROW = 220
_SECONDS_BETWEEN_PROGRESS = 10.0
# Looking for work costs by the date, not by the row: a lake that is soon in order will do.
_ROWS_OF_A_SMALL_LAKE = 200_000
_DAYS_OF_A_SMALL_LAKE = 7


class NotEnoughDisk(Exception):
    """The scratch folder lies on a disk that is too full."""


def run_bench(options: Options) -> Report:
    """Measure everything that was asked for.

    Raises:
        NotEnoughDisk: before anything was written.
    """
    with _scratch(options) as folder:
        _require_disk(folder, options.rows)
        place = Place(folder / "work", folder / "logs", options.memory_limit)
        place.folder.mkdir(parents=True, exist_ok=True)
        try:
            return _measure(options, folder / "input", place)
        finally:
            shutil.rmtree(place.folder, ignore_errors=True)
            if not options.keep:
                shutil.rmtree(folder / "input", ignore_errors=True)


def _measure(options: Options, inputs: Path, place: Place) -> Report:
    say(f"generating {options.rows:,} rows, {options.days} dates")
    month = make_month(inputs, options.rows, options.days, _Progress())
    report = Report(
        command=options.command,
        rows=month.rows,
        days=options.days,
        source_bytes=month.path.stat().st_size,
        started=f"{dt.datetime.now(tz=dt.UTC):%Y-%m-%d %H:%M} UTC",
    )
    for name in options.only:
        if name in LABELS:
            of_size = month
            if name == "spark" and options.spark_rows < options.rows:
                days = min(days_of(options.spark_rows), options.days)
                of_size = make_month(inputs, options.spark_rows, days, _Progress())
            report.results.append(_run(name, of_size, options, place, report))
            if name == "ecom":
                report.noop = _nothing_to_do(options, inputs, place)
    _compare(report)
    _measure_marts(options, month, place, report)
    _measure_hours(options, place, report)
    return report


def _measure_marts(options: Options, month: Month, place: Place, report: Report) -> None:
    if "marts" in options.only:
        say("marts: of the month, then of one more date")
        ran = (r for r in report.results if r.name == "ecom" and r.status == "ok")
        filled = next((result.measured for result in ran), None)
        try:
            report.marts = measure_marts(month, filled, place, _hear("marts"))
        except MartsFailed as failure:
            report.marts_failure = str(failure)
    contenders.home_of_the_month(place).remove()


def _measure_hours(options: Options, place: Place, report: Report) -> None:
    if "hourly" in options.only:
        say("hourly: four runs of an open date")
        try:
            report.hourly = measure_hours(place, options.hour_rows, _hear("hourly"))
        except HourlyFailed as failure:
            report.hourly_failure = str(failure)
    if "flatness" in options.only:
        say(f"flatness: one hour in lakes of {', '.join(map(str, options.history_days))} days")
        try:
            report.flatness = measure_flatness(
                place, options.hour_rows, options.history_days, _hear("flatness")
            )
        except HourlyFailed as failure:
            report.flatness_failure = str(failure)


def _run(name: str, month: Month, options: Options, place: Place, report: Report) -> Result:
    is_script = name in SCRIPTS
    skipped = contenders.reason_to_skip(name)
    if skipped:
        say(f"{name}: skipped, {skipped}")
        return Result(name, LABELS[name], "skipped", skipped, is_script=is_script)
    runs: list[Measurement] = []
    for number in range(options.repeats):
        say(f"{name}: {month.rows:,} rows, run {number + 1} of {options.repeats}")
        if name == "gzip":
            measured = contenders.run_gzip(month, place, _hear(name))
        elif name == "ecom":
            measured = contenders.run_platform(month, place, _hear(name))
        else:
            measured = contenders.run_script(name, month, place, _hear(name))
        say(f"{name}: {measured.failure or f'{measured.seconds:.1f} s'}")
        runs.append(measured)
        if measured.failure:
            break
    chosen = median_run(runs)
    found: list[str] = []
    if not chosen.failure and name != "gzip":
        found = disagreements(LABELS[name], chosen.counts, month.expected)
        report.disagreements += found
    reason = chosen.failure or "; ".join(found)
    status: Status = "failed" if reason else "ok"
    return Result(name, LABELS[name], status, reason, month.rows, chosen, is_script)


def _nothing_to_do(options: Options, inputs: Path, place: Place) -> Measurement:
    rows = min(options.rows, _ROWS_OF_A_SMALL_LAKE)
    days = min(options.days, _DAYS_OF_A_SMALL_LAKE)
    say(f"ecom: `ecom run` with nothing to do, {days} dates")
    return contenders.run_nothing_to_do(make_month(inputs, rows, days, _Progress()), place)


def _compare(report: Report) -> None:
    """Compare contenders of the whole month with the first of them, in every count."""
    counted = [
        (result.label, result.measured.counts)
        for result in report.results
        if result.status == "ok" and result.rows == report.rows and result.measured
    ]
    counted = [(label, counts) for label, counts in counted if counts]
    for label, counts in counted[1:]:
        first, reference = counted[0]
        report.disagreements += disagreements(f"{label} (beside {first})", counts, reference)


@contextmanager
def _scratch(options: Options) -> Iterator[Path]:
    """The scratch folder; a temporary one is removed, logs of a given one stay."""
    if options.folder:
        options.folder.mkdir(parents=True, exist_ok=True)
        yield options.folder.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="ecom-bench-") as folder:
        yield Path(folder)


def _require_disk(folder: Path, rows: int) -> None:
    needed, free = rows * _BYTES_A_ROW, shutil.disk_usage(folder).free
    say(f"scratch folder {folder}: needs up to {needed / 1e9:.1f} GB, {free / 1e9:.1f} GB are free")
    if free < needed:
        raise NotEnoughDisk(
            f"{folder} has {free / 1e9:.1f} GB free and {rows:,} rows need {needed / 1e9:.1f} GB: "
            "name another folder with --dir, or fewer --rows"
        )


def say(text: str) -> None:
    """Progress, on standard error."""
    print(f"[{dt.datetime.now(tz=dt.UTC):%H:%M:%S}] {text}", file=sys.stderr, flush=True)


def _hear(name: str) -> Callable[[str, float], None]:
    return lambda stage, seconds: say(f"  {name}: {stage} {seconds:.1f} s")


class _Progress:
    """Tells of rows written now and then."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        if time.monotonic() - self._last > _SECONDS_BETWEEN_PROGRESS:
            self._last = time.monotonic()
            say(f"  {done:,} of {total:,} rows")
