"""Progress: bars on a terminal, lines in a log, one for each thing that a run works through.

Belongs here: showing progress of a command. Not here: what is being done.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from ecom_platform.cli.terminal import ERR
from ecom_platform.pipeline.progress import Reporter

_MEGABYTE = 1_000_000
_SECONDS_BETWEEN_LINES = 10.0


@contextmanager
def show_progress() -> Iterator[Reporter]:
    """A reporter that shows progress in the way that fits where the command writes to."""
    if not ERR.is_terminal:
        yield ProgressLines()
        return
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[amount]}"),
        TimeElapsedColumn(),
        console=ERR,
    ) as progress:
        yield ProgressBars(progress)


class ProgressBars:
    """A reporter that draws a bar for each stage."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, stage: str, done: int, total: int, unit: str) -> None:
        """Show how far a stage has come."""
        if stage not in self._tasks:
            self._tasks[stage] = self._progress.add_task(stage, total=total, amount="")
        amount = _amount(done, total, unit)
        self._progress.update(self._tasks[stage], completed=done, total=total, amount=amount)


class ProgressLines:
    """A reporter that writes a line when a stage is done, and now and then while it lasts.

    Whoever follows the log of a long run wants to see that it moves, and nobody a thousand lines.
    """

    def __init__(self) -> None:
        self._last = time.monotonic()

    def __call__(self, stage: str, done: int, total: int, unit: str) -> None:
        """Write a line if the stage is done or the last line was written a while ago."""
        now = time.monotonic()
        if done >= total or now - self._last >= _SECONDS_BETWEEN_LINES:
            self._last = now
            line = f"{stage}: {_amount(done, total, unit)}"
            ERR.print(line, markup=False, highlight=False, soft_wrap=True)


def _amount(done: int, total: int, unit: str) -> str:
    if unit == "bytes":
        return f"{done / _MEGABYTE:,.1f} of {total / _MEGABYTE:,.1f} MB"
    return f"{done:,} of {total:,} {unit}"
