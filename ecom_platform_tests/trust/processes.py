"""Processes: children that are forked from a process that has loaded everything and runs nothing.

Belongs here: starting, waiting for and killing children. Not here: what they do.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from typing import Any

PATIENCE_SECONDS = 300

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(
    ["ecom_platform_tests.trust.victims", "ecom_platform_tests.trust.witness"]
)

Child = multiprocessing.process.BaseProcess


def start(function: Callable[..., None], *arguments: Any) -> Child:
    """Start a child. It ends with this process at the latest."""
    child = _FORKS.Process(target=function, args=arguments, daemon=True)
    child.start()
    return child


def ended(child: Child) -> int:
    """Wait for a child; its exit code, the negative signal if it was killed."""
    child.join(PATIENCE_SECONDS)
    if child.exitcode is None:
        child.kill()
        child.join()
        raise AssertionError(f"a child did not end within {PATIENCE_SECONDS} s")
    return child.exitcode
