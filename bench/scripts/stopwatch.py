"""What a script tells the bench while it runs: one JSON object a line on standard output.

Belongs here: the lines `{"stage": ..., "seconds": ...}` and `{"counts": ...}`. Not here: work.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

RAW, CLEAN_FACT, CHECKS, DIMS = "raw", "clean_fact", "checks", "dims"


@dataclass(frozen=True)
class Arguments:
    """What every script is given.

    Attributes:
        source: the month as CSV.gz.
        out: an empty folder for what the script writes.
        memory_limit: e.g. `8GB`, for engines that know a limit; None for no limit.
    """

    source: Path
    out: Path
    memory_limit: str | None


def read_arguments(about: str | None) -> Arguments:
    """Read a script's command line."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("source", type=Path, help="the month as CSV.gz")
    parser.add_argument("out", type=Path, help="folder for the tables; must not exist")
    parser.add_argument("--memory-limit", help="e.g. 8GB; not every engine knows one")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True)
    return Arguments(arguments.source, arguments.out, arguments.memory_limit)


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Time a stage and tell when it is done."""
    started = time.perf_counter()
    yield
    _tell({"stage": name, "seconds": round(time.perf_counter() - started, 3)})


def tell_counts(counts: Mapping[str, int]) -> None:
    """Tell what was counted, so that contenders can be compared."""
    _tell({"counts": dict(counts)})


def require(condition: bool, what: str) -> None:
    """A check of a script: it fails loudly."""
    if not condition:
        raise SystemExit(f"check failed: {what}")


def _tell(line: Mapping[str, object]) -> None:
    print(json.dumps(line), flush=True)
