"""Progress: how a long step tells whoever started it how far it has come.

Belongs here: the reporter that steps call, and the one that writes lines. Not here: bars.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Protocol

_MEGABYTE = 1_000_000
_SECONDS_BETWEEN_LINES = 10.0


class Reporter(Protocol):
    """Receives progress; called often, so it must be cheap."""

    def __call__(self, stage: str, done: int, total: int, unit: str) -> None:
        """Take note of progress.

        Args:
            stage: what is being done, e.g. `raw_events events/2020-Apr.csv.gz`.
            done: how much of it is done.
            total: how much there is.
            unit: what is counted: `bytes` or `dates`.
        """


def silent(stage: str, done: int, total: int, unit: str) -> None:
    """A reporter for callers that do not care."""


class ProgressLines:
    """A reporter that writes a line when a stage is done, and now and then while it lasts.

    Whoever follows the log of a long run wants to see that it moves, and nobody a thousand lines.
    """

    def __init__(self, write: Callable[[str], None]) -> None:
        """Prepare.

        Args:
            write: takes a line without its end.
        """
        self._write = write
        self._last = time.monotonic()

    def __call__(self, stage: str, done: int, total: int, unit: str) -> None:
        """Write a line if the stage is done or the last line was written a while ago."""
        now = time.monotonic()
        if done >= total or now - self._last >= _SECONDS_BETWEEN_LINES:
            self._last = now
            self._write(f"{stage}: {in_words(done, total, unit)}")


def to_the_log() -> ProgressLines:
    """A reporter whose lines Dagster shows with the run."""
    return ProgressLines(logging.getLogger("ecom_platform.progress").info)


def in_words(done: int, total: int, unit: str) -> str:
    """How much of how much is done."""
    if unit == "bytes":
        return f"{done / _MEGABYTE:,.1f} of {total / _MEGABYTE:,.1f} MB"
    return f"{done:,} of {total:,} {unit}"
