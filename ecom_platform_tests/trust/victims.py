"""Victims: processes that bring a lake up to date and may be killed anywhere on the way.

Belongs here: what runs in a child process. Not here: where it can be killed, judging it.
"""

from __future__ import annotations

import datetime as dt
import os
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

# Imported before the fork, so that a child need not.
import pyspark.sql.connect.session  # noqa: F401

from ecom_platform.engines.session import open_session
from ecom_platform.errors import EcomError
from ecom_platform.lake.lake import Lake
from ecom_platform.lake.objects import ObjectOutcome
from ecom_platform.lake.table import TableVersion
from ecom_platform.landing.stores import open_landing
from ecom_platform.pipeline import raw
from ecom_platform.pipeline.maintenance import maintain
from ecom_platform.pipeline.object_staging import StagedObject
from ecom_platform.pipeline.slice_build import Workplace
from ecom_platform.settings import load_settings
from ecom_platform_tests.platform_in_small import STEPS, Drop, SmallPlatform
from ecom_platform_tests.s3_in_small import BucketDrop
from ecom_platform_tests.trust.crossings import Crossings, Kill
from ecom_platform_tests.trust.histories import Run, run

if TYPE_CHECKING:
    from ecom_platform.landing.objects import LandingStore
    from ecom_platform.settings import Engine, Settings

COMPLETE, REFUSED, BROKEN = 0, 3, 4

# The engine of a victim that has its own, which is killed with it.
OWN_ENGINE = ""


@dataclass(frozen=True)
class Task:
    """What a process does between its start and its end.

    Attributes:
        now: decides which dates are open.
        dates: only these dates; None for all, and the tables without dates.
        maintained: whether it maintains the lake afterwards.
        marts: whether it gets as far as the marts, which takes several times as long.
        mutant: what is wrong with its code; None for nothing.
    """

    now: dt.datetime
    dates: tuple[dt.date, ...] | None = None
    maintained: bool = False
    marts: bool = False
    mutant: Callable[[], None] | None = None


def open_platform(
    settings: Settings, remote: str, run_id: str = "run-1", store: LandingStore | None = None
) -> SmallPlatform:
    """A platform whose engine is another process unless it is its own.

    Args:
        settings: where its lake lies.
        remote: the engine's address.
        run_id: what it calls its run.
        store: where its landing area lies, if not in its lake.
    """
    engine: Engine = "sail" if remote == OWN_ENGINE else "connect"
    lake = Lake(settings.model_copy(update={"engine": engine, "spark_remote": remote}))
    work = Workplace(lake, lambda: open_session(engine, remote), run_id)
    drop = BucketDrop(lake.s3) if lake.s3 else Drop(settings.landing_path)
    return SmallPlatform(lake, store or open_landing(lake.settings), work, drop)


def twin_of(settings: Settings, folder: Path) -> Settings:
    """The settings of a lake in a folder that differs from another in nothing but its place.

    A catalog is for one lake: the twin has its own, also where the other one is shared.
    """
    return load_settings(
        lake=str(folder), start_date=settings.start_date, catalog=None, _env_file=None
    )


def bring_up_to_date(settings: Settings, remote: str, told: Path, kill: Kill, task: Task) -> None:
    """Bring a lake up to date; what a process does from its start to its end.

    Args:
        settings: where the lake lies.
        remote: the engine.
        told: a file for the crossings, and for what went wrong.
        kill: when to die.
        task: what to do.
    """
    crossings = Crossings(kill, told)
    crossings.arm()
    if task.mutant:
        task.mutant()
    run_id = f"run-{os.getpid()}"
    code = COMPLETE
    try:
        platform = open_platform(settings, remote, run_id)
        # A run of some dates leaves dimensions alone: they are of all dates.
        upto = len(STEPS) + (2 if task.dates is None else 1)
        how = Run(dt.timedelta(), task.dates, upto, reread=False)
        run(platform, run_id, task.now, how, marts=task.marts)
        if task.maintained:
            report = maintain(platform.lake, task.now, run_id)
            assert not report.faults, report.faults
    except EcomError as fault:
        code = REFUSED
        crossings.tell(f"refused: {fault}")
    except Exception:  # noqa: BLE001  # told to whoever started the process
        code = BROKEN
        crossings.tell(traceback.format_exc())
    crossings.tell(f"crossings: {crossings.count}")
    os._exit(code)  # closing the session takes longer than the work


def commit_in_two_halves() -> None:
    """A mutant: old rows go in one commit, new ones come in the next."""
    commit = TableVersion.commit

    def halves(version: TableVersion, *, remove: Any, add: Iterable[str], **named: Any) -> Any:
        files = list(add)
        first = commit(version, remove=remove, add=[], **named)
        return commit(version, remove=[], add=files, **named) if files else first

    TableVersion.commit = halves  # type: ignore[method-assign]


def record_before_the_commit() -> None:
    """A mutant: objects count as ingested before their rows are there."""
    commit = raw.publish_objects  # the place where the order is decided

    def hasty(lake: Lake, batch: list[StagedObject], run_id: str, report: Any) -> None:
        outcomes: list[ObjectOutcome] = [staged.outcome for staged in batch]
        lake.objects.record(outcomes, run_id)
        commit(lake, batch, run_id, report)

    raw.publish_objects = hasty
