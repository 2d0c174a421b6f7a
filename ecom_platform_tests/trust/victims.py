"""Victims: processes that bring a lake up to date and may be killed anywhere on the way.

Belongs here: what runs in a child process, and where it can be killed. Not here: judging it.
"""

from __future__ import annotations

import datetime as dt
import functools
import importlib
import inspect
import os
import signal
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Imported before the fork, so that a child need not.
import pyspark.sql.connect.session  # noqa: F401

from ecom_platform.engines.session import open_session
from ecom_platform.errors import EcomError
from ecom_platform.lake.lake import Lake
from ecom_platform.landing.objects import FolderStore
from ecom_platform.pipeline.slice_build import Workplace
from ecom_platform.settings import load_settings
from ecom_platform_tests.platform_in_small import STEPS, Drop, SmallPlatform
from ecom_platform_tests.trust.generations import NOW
from ecom_platform_tests.trust.histories import Run, run

COMPLETE, REFUSED, BROKEN = 0, 3, 4

# Where a process can be killed: before and after each of these. Names are for people.
POINTS: dict[str, tuple[str, str]] = {
    "staging an object": ("ecom_platform.pipeline.raw", "stage_object"),
    "writing rows of an object": ("ecom_platform.lake.date_files", "DateFiles._write"),
    "completing files of an object": ("ecom_platform.lake.date_files", "DateFiles._close_writers"),
    "publishing objects": ("ecom_platform.pipeline.raw", "_commit"),
    "the engine's writing": ("ecom_platform.lake.staging", "Stage.write_rows"),
    "the audit": ("ecom_platform.pipeline.slice_build", "SliceBuild.audit"),
    "a commit": ("ecom_platform.lake.table", "TableVersion.commit"),
    "new table metadata": ("pyiceberg.catalog.sql", "SqlCatalog._write_metadata"),
    "the swap of the current version": ("pyiceberg.catalog.sql", "SqlCatalog.commit_table"),
    "the record of publications": ("ecom_platform.lake.publications", "Publications.record"),
    "the record of lateness": ("ecom_platform.lake.lateness", "LatenessRecords.replace"),
    "the record of objects": ("ecom_platform.lake.objects", "ObjectRecords.record"),
    "folding a record": ("ecom_platform.lake.journal", "Journal.fold"),
    "a table": ("ecom_platform_tests.trust.histories", "stale_dates"),
}


@dataclass(frozen=True)
class Kill:
    """Kill the process at the n-th crossing of some points.

    Attributes:
        crossing: which one; 0 for none, only count.
        points: their names; none for all.
    """

    crossing: int
    points: tuple[str, ...] = ()


def open_platform(folder: Path, remote: str, run_id: str = "run-1") -> SmallPlatform:
    """A platform at a folder, whose engine is another process."""
    settings = load_settings(
        lake=str(folder), start_date=dt.date(2019, 10, 1), engine="connect", spark_remote=remote,
        _env_file=None,
    )  # fmt: skip
    lake = Lake(settings)
    work = Workplace(lake, lambda: open_session("connect", remote), run_id)
    return SmallPlatform(
        lake, FolderStore(settings.landing_path), work, Drop(settings.landing_path)
    )


def bring_up_to_date(
    folder: Path, remote: str, told: Path, kill: Kill, dates: tuple[dt.date, ...] | None = None
) -> None:
    """Bring a lake up to date; what a process does from its start to its end.

    Args:
        folder: the lake.
        remote: the engine.
        told: a file for the crossings, and for what went wrong.
        kill: when to die.
        dates: only these dates.
    """
    crossings = Crossings(kill, told)
    crossings.arm()
    run_id = f"run-{os.getpid()}"
    code = COMPLETE
    try:
        platform = open_platform(folder, remote, run_id)
        # A run of some dates leaves dimensions alone: they are of all dates.
        upto = len(STEPS) + (2 if dates is None else 1)
        run(platform, run_id, NOW, Run(dt.timedelta(), dates, upto, reread=False))
    except EcomError as fault:
        code = REFUSED
        crossings.tell(f"refused: {fault}")
    except Exception:  # noqa: BLE001  # told to whoever started the process
        code = BROKEN
        crossings.tell(traceback.format_exc())
    crossings.tell(f"crossings: {crossings.count}")
    os._exit(code)  # closing the session takes longer than the work


class Crossings:
    """Counts how often points are crossed, and kills the process at one of them."""

    def __init__(self, kill: Kill, told: Path) -> None:
        self.count = 0
        self._kill = kill
        self._told = told

    def arm(self) -> None:
        """Wrap all points in this process."""
        for name in self._kill.points or POINTS:
            module_name, path = POINTS[name]
            owner: Any = importlib.import_module(module_name)
            *holders, attribute = path.split(".")
            for holder in holders:
                owner = getattr(owner, holder)
            static = isinstance(inspect.getattr_static(owner, attribute), staticmethod)
            wrapped = self._wrap(name, getattr(owner, attribute))
            setattr(owner, attribute, staticmethod(wrapped) if static else wrapped)

    def tell(self, text: str) -> None:
        """Leave a line for whoever started the process."""
        with self._told.open("a", encoding="utf-8") as file:
            file.write(f"{text}\n")

    def _wrap(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def crossed(*arguments: Any, **named: Any) -> Any:
            self._cross(f"before {name}")
            result = function(*arguments, **named)
            self._cross(f"after {name}")
            return result

        return crossed

    def _cross(self, name: str) -> None:
        self.count += 1
        if self.count == self._kill.crossing:
            self.tell(f"killed: {name}")
            os.kill(os.getpid(), signal.SIGKILL)
