"""A campaign: kill after kill on one lake, beside a lake that nobody disturbs.

Belongs here: the order of killing, completing and comparing. Not here: where to kill.
"""

from __future__ import annotations

import datetime as dt
import json
import signal
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ecom_platform.contracts import TABLES
from ecom_platform.pipeline.inputs import DATED_TABLES
from ecom_platform.pipeline.staleness import stale_dates
from ecom_platform_tests.platform_in_small import LONG_AFTER, STEPS
from ecom_platform_tests.trust.crossings import PLACES, Kill
from ecom_platform_tests.trust.generations import NOW, KnownStates, deliver, state_of
from ecom_platform_tests.trust.histories import MARTS, Run, run, whole_steps
from ecom_platform_tests.trust.processes import ended, start
from ecom_platform_tests.trust.victims import (
    COMPLETE,
    REFUSED,
    Task,
    bring_up_to_date,
    open_platform,
    twin_of,
)
from ecom_platform_tests.trust.witness import read_by_iceberg, watch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from random import Random

    from ecom_platform.lake.lake import Lake
    from ecom_platform.settings import Settings
    from ecom_platform_tests.trust.processes import Child

# A few places are chosen at a time: some are crossed often and early, some once in a run or not.
PLACES_AT_ONCE = 6
MOST_CROSSINGS = 8


@dataclass
class Campaign:
    """One lake under attack, in a folder or a bucket, and its undisturbed twin in a folder.

    Attributes:
        folder: where the twin lies, and what processes tell.
        settings: where the lake lies; the twin has its landing area.
        remote: the engine of both; it outlives every victim.
        task: what every process does.
        victims_engine: the engine of victims, if it is another.
        generation: how many generations were delivered.
        killed: where victims died, how often.
        seconds: what a process takes that is not killed.
    """

    folder: Path
    settings: Settings
    remote: str
    task: Task = field(default_factory=lambda: Task(NOW))
    victims_engine: str | None = None
    generation: int = 0
    killed: Counter[str] = field(default_factory=Counter)
    seconds: float = 10.0

    def __post_init__(self) -> None:
        self.known = KnownStates(self.folder / "known.json")
        self.platform = open_platform(self.settings, self.remote)
        beside = twin_of(self.settings, self.folder / "twin")
        self.twin = open_platform(beside, self.remote, store=self.platform.store)

    def next_generation(self) -> None:
        """Deliver a generation, and bring the twin up to date while nobody else runs."""
        deliver(self.platform.drop, self.generation)
        self._run_the_twin()
        self.generation += 1

    def close_all_dates(self) -> None:
        """Let time pass until every date is closed, and maintain the lake from now on."""
        self.task = replace(self.task, now=LONG_AFTER, maintained=True)
        self._run_the_twin()

    def _run_the_twin(self) -> None:
        everything = Run(dt.timedelta(), None, len(STEPS) + 2, reread=False)
        run(self.twin, "twin", self.task.now, everything, marts=self.task.marts)
        self.known.add(state_of(read_by_iceberg(self.twin.lake.settings)))

    def start(self, kill: Kill, **differences: Any) -> tuple[Child, Path]:
        """Start a process that brings the lake up to date, and where it tells of itself."""
        told = self.folder / f"told-{len(list(self.folder.glob('told-*')))}.txt"
        told.touch()
        engine = self.remote if self.victims_engine is None else self.victims_engine
        task = replace(self.task, **differences)
        return start(bring_up_to_date, self.settings, engine, told, kill, task), told

    def kill(self, kill: Kill, after: float | None = None, **differences: Any) -> bool:
        """Let a process be killed; whether it was: it may have ended before, and is judged then.

        Args:
            kill: where the process kills itself.
            after: seconds after which it is killed from outside.
            differences: what it does differently.
        """
        child, told = self.start(kill, **differences)
        if after is not None:
            child.join(after)
            child.kill()
        code = ended(child)
        text = told.read_text(encoding="utf-8")
        assert code in (COMPLETE, -signal.SIGKILL), text
        if code == COMPLETE:
            self.assert_like_its_twin()
            return False
        self.killed[text.strip().removeprefix("killed: ") or "from outside"] += 1
        return True

    def kill_often(self, kills: int, chance: Random, *, from_outside: bool = False) -> None:
        """Kill processes at chance until there were so many kills; new generations as needed.

        A process does what those before it have left undone, and so they get to the last table.
        """
        target = self.kills + kills
        self.next_generation()
        while self.kills < target:
            if from_outside:
                killed = self.kill(Kill(0), after=chance.random() * self.seconds)
            else:
                places = tuple(chance.sample(PLACES, PLACES_AT_ONCE))
                killed = self.kill(Kill(chance.randint(1, MOST_CROSSINGS), places))
            if not killed:
                self.next_generation()
        self.complete()

    @property
    def kills(self) -> int:
        """How many processes were killed."""
        return self.killed.total()

    def complete(self) -> None:
        """Let a process end in peace, and compare."""
        began = time.monotonic()
        child, told = self.start(Kill(0))
        code = ended(child)
        assert code == COMPLETE, told.read_text(encoding="utf-8")
        self.seconds = time.monotonic() - began
        self.assert_like_its_twin()

    def complete_by_two(self) -> None:
        """Let two processes do the same at once, another what they left, and compare."""
        for child, told in [self.start(Kill(0)) for _ in range(2)]:
            code, text = ended(child), told.read_text(encoding="utf-8")
            assert code in (COMPLETE, REFUSED), text
            assert code == COMPLETE or "nothing is lost" in text
        self.complete()

    def assert_like_its_twin(self) -> None:
        """Every table holds what the undisturbed one holds, and nothing is left to do."""
        assert state_of(read_by_iceberg(self.settings)) == self.known.read()[-1]
        lake, twin, now = self.platform.lake, self.twin.lake, self.task.now
        dated = [name for name in DATED_TABLES if self.task.marts or name not in MARTS]
        assert not [name for name in dated if stale_dates(lake, name, None, now)]
        whole = whole_steps(marts=self.task.marts)
        assert not [name for name, step in whole.items() if step.find_stale(lake, now)]
        assert not self.platform.pending()
        assert lake.objects.current() == twin.objects.current()
        assert recorded(lake) == recorded(twin)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Have a reader look all the time, and demand that it saw nothing wrong."""
        stop, report = self.folder / "stop", self.folder / "report.json"
        witness = start(watch, self.settings, self.folder / "known.json", stop, report)
        try:
            yield
        finally:
            stop.touch()
            ended(witness)
        told = json.loads(report.read_text(encoding="utf-8"))
        assert not told["faults"], "\n".join(told["faults"])
        assert min(told["looks"].values()) > 0
        last = {max(seen) for seen in told["seen"].values()}
        assert last == {len(self.known.read()) - 1}, "the witness did not see the end"


def recorded(lake: Lake) -> dict[tuple[str, dt.date], tuple[int, dict[str, int]]]:
    """What is on record as published: rows and measures by table and date."""
    return {
        (name, date): (state.row_count, state.measures)
        for name in TABLES
        for date, state in lake.publications.published(name).items()
    }
