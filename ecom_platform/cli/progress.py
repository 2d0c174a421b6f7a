"""Progress bars: one for each thing that a run works through.

Belongs here: showing progress on a terminal. Not here: what is being done.
"""

from types import TracebackType

from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from ecom_platform.cli.terminal import ERR

_MEGABYTE = 1_000_000


class ProgressBars:
    """A reporter that draws. Used as a context manager."""

    def __init__(self) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[amount]}"),
            TimeElapsedColumn(),
            console=ERR,
        )
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, stage: str, done: int, total: int, unit: str) -> None:
        """Show how far a stage has come."""
        if stage not in self._tasks:
            self._tasks[stage] = self._progress.add_task(stage, total=total, amount="")
        if unit == "bytes":
            amount = f"{done / _MEGABYTE:,.1f} of {total / _MEGABYTE:,.1f} MB"
        else:
            amount = f"{done:,} of {total:,} {unit}"
        self._progress.update(self._tasks[stage], completed=done, total=total, amount=amount)

    def __enter__(self) -> "ProgressBars":
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()
