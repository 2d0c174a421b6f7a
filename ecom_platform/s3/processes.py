"""Processes of this machine: whether one is what it was, and ending it.

Belongs here: asking about and ending processes that outlive the command that started them. Not
here: starting them.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time

_SECONDS_TO_STOP = 15.0


def was_started_with(pid: int, argument: str) -> bool:
    """Whether a process has an argument: the number may be another process's by now."""
    return argument in _asked_of_process(pid, "command")


def _runs(pid: int) -> bool:
    """Whether a process runs: one that has ended may still be listed until its parent asks."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    return _asked_of_process(pid, "stat")[:1] not in ("", "Z")


def _asked_of_process(pid: int, column: str) -> str:
    said = subprocess.run(  # noqa: S603  # the standard tool, with a number
        ["ps", "-ww", "-o", f"{column}=", "-p", str(pid)],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    )
    return said.stdout.strip()


def end_group(pid: int) -> None:
    """End a process and those it started; firmly, if asking does not help."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, sign)
        deadline = time.monotonic() + _SECONDS_TO_STOP
        while time.monotonic() < deadline:
            if not _runs(pid):
                return
            time.sleep(0.1)
