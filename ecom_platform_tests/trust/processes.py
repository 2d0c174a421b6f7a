"""Processes: children that are forked from a process that has loaded everything and runs nothing.

Belongs here: starting, waiting for and killing children. Not here: what they do.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from typing import Any

PATIENCE_SECONDS = 300

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(
    [
        "ecom_platform_tests.trust.victims",
        "ecom_platform_tests.trust.witness",
        "ecom_platform.lake.ownership",
        "ecom_platform.lake.s3_storage",
        "ecom_platform.landing.s3_store",
    ]
)

Child = multiprocessing.process.BaseProcess


def start(function: Callable[..., None], *arguments: Any) -> Child:
    """Start a child. It ends with this process at the latest."""
    child = _FORKS.Process(target=_as_here, args=(_of_aws(), function, arguments), daemon=True)
    child.start()
    return child


def _of_aws() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name.startswith("AWS_")}


def _as_here(aws: dict[str, str], function: Callable[..., None], arguments: Any) -> None:
    """Do something with the variables of whoever asks, not of whoever was forked."""
    for name in _of_aws():
        del os.environ[name]
    os.environ.update(aws)
    function(*arguments)


def ended(child: Child) -> int:
    """Wait for a child; its exit code, the negative signal if it was killed."""
    child.join(PATIENCE_SECONDS)
    if child.exitcode is None:
        child.kill()
        child.join()
        raise AssertionError(f"a child did not end within {PATIENCE_SECONDS} s")
    return child.exitcode
