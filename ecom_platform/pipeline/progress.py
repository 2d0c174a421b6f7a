"""Progress: how a long step tells whoever started it how far it has come.

Belongs here: the reporter that steps call. Not here: bars or any other display.
"""

from __future__ import annotations

import logging
import time
from typing import Protocol

_SECONDS_BETWEEN_LINES = 5.0


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


class LogReporter:
    """Writes a log line now and then, which Dagster shows with the run."""

    def __init__(self) -> None:
        self._log = logging.getLogger("ecom_platform.progress")
        self._last = 0.0

    def __call__(self, stage: str, done: int, total: int, unit: str) -> None:
        """Log progress unless a line was written a moment ago."""
        now = time.monotonic()
        if total and now - self._last >= _SECONDS_BETWEEN_LINES:
            self._last = now
            self._log.info("%s: %d %% of %s %s", stage, 100 * done // total, f"{total:,}", unit)
