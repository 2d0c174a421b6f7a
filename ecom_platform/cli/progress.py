"""Progress: bars on a terminal, lines in a log, one for each thing that a run works through.

Belongs here: showing progress of a command. Not here: what is being done.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from ecom_platform.cli.terminal import ERR
from ecom_platform.pipeline.progress import ProgressLines, Reporter, in_words


@contextmanager
def show_progress() -> Iterator[Reporter]:
    """A reporter that shows progress in the way that fits where the command writes to."""
    if not ERR.is_terminal:
        yield ProgressLines(_print_line)
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
        amount = in_words(done, total, unit)
        self._progress.update(self._tasks[stage], completed=done, total=total, amount=amount)


def _print_line(line: str) -> None:
    ERR.print(line, markup=False, highlight=False, soft_wrap=True)
