"""Late data heal themselves: with the real daemon, a late object reaches every table downstream."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ecom_platform.engines.sail import sail_address
from ecom_platform_tests.dimensions_in_small import DIMENSIONS, PARTIALS
from ecom_platform_tests.platform_in_small import STEPS, Drop
from ecom_platform_tests.samples import at
from ecom_platform_tests.trust.generations import State, state_of
from ecom_platform_tests.trust.histories import Run, run
from ecom_platform_tests.trust.victims import open_platform, twin_of
from ecom_platform_tests.trust.witness import read_by_iceberg

if TYPE_CHECKING:
    from ecom_platform.settings import Settings
    from ecom_platform_tests.dimensions_in_small import DIMENSIONS, PARTIALS
from ecom_platform_tests.platform_in_small import SmallPlatform

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 900

# What the late lines change at least; the others are waited for as well.
CHANGED = {
    *("raw_events", "rejected_events", "clean_events", "fact_user_events", "row_ledger"),
    *PARTIALS,
    *DIMENSIONS,
    *("value_days", "eda_profile", "eda_profile_lake", "funnel_days", "mart_funnel"),
}

# A process that is started in the background ignores SIGINT, and so would all that it starts.
HEAR_INTERRUPTS = (
    "import os, signal, sys\n"
    "signal.signal(signal.SIGINT, signal.SIG_DFL)\n"
    "os.execv(sys.executable, [sys.executable, '-m', 'dagster._daemon', 'run', *sys.argv[1:]])\n"
)


def environment(home: Path, settings: Settings) -> dict[str, str]:
    """That of a user who has chosen nothing but the folders."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("ECOM_")},
        "DAGSTER_HOME": str(home),
        "ECOM_LAKE": settings.lake,
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "ignore",
    }


@contextmanager
def daemon(home: Path, settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    """The daemon and its code server as `make dev` runs them, without the user interface."""
    with (home / "daemon.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", HEAR_INTERRUPTS, "-w", str(ROOT / "workspace.yaml")],
            cwd=home,
            env=environment(home, settings),
            stdout=log,
            stderr=log,
            start_new_session=True,  # it has children, and all of them must go
        )
        try:
            yield process
        finally:
            stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ask the daemon to stop, then see that nothing of its session is left."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGINT)
    with suppress(subprocess.TimeoutExpired):
        process.wait(30)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(30)


def seconds_until(
    expected: State, settings: Settings, home: Path, process: subprocess.Popen[bytes]
) -> dict[str, float]:
    """The seconds until each table holds what it should; the last one ends the wait."""
    began = time.monotonic()
    right: dict[str, float] = {}
    while True:
        found = state_of(read_by_iceberg(settings))
        seconds = round(time.monotonic() - began, 1)
        right = {
            name: right.get(name, seconds) for name in expected if found.get(name) == expected[name]
        }
        if right.keys() == expected.keys():
            return right
        if seconds > PATIENCE_SECONDS or process.poll() is not None:
            wrong = sorted(expected.keys() - right.keys())
            log = (home / "daemon.log").read_text(encoding="utf-8", errors="replace")
            pytest.fail(f"{wrong} are still wrong after {seconds:.0f} s\n{log[-5000:]}")
        time.sleep(1)


def deliver(
    key: str, lines: list[Mapping[str, Any]], twin: SmallPlatform, drop: Drop, now: dt.datetime
) -> State:
    """Put an object into both landings; what the tables must hold, from the twin."""
    written_at = now.replace(microsecond=0) - dt.timedelta(minutes=1)
    twin.drop(key, *lines, written_at=written_at)
    everything = Run(dt.timedelta(), None, len(STEPS) + 2, reread=False)
    run(twin, "twin", now, everything, marts=True)
    expected = state_of(read_by_iceberg(twin.lake.settings))
    drop(key, *lines, written_at=written_at)
    return expected


@pytest.mark.slow
def test_a_late_object_corrects_all_that_follows_from_its_date_without_a_person(
    tmp_path: Path, settings: Settings, record_property: Callable[[str, object], None]
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    shutil.copy(ROOT / "dagster.yaml", home)
    twin = open_platform(twin_of(settings, tmp_path / "twin"), sail_address())
    drop = Drop(settings.landing_path)
    now = dt.datetime.now(tz=dt.UTC)
    days = [now.date() - dt.timedelta(days=ago) for ago in (21, 20, 1)]
    # One session over all days, which ends with a purchase only when the late object has come.
    history = [at(hour, day=day) for day in days for hour in (1, 2)]
    before = deliver("history.csv", history, twin, drop, now)
    assert set(before) >= CHANGED
    ecom = [sys.executable, "-m", "ecom_platform.cli.main", "run"]
    subprocess.run(ecom, cwd=home, env=environment(home, settings), check=True)
    assert state_of(read_by_iceberg(settings)) == before
    with daemon(home, settings) as process:
        # Three weeks late: its date is the first of the history.
        bought = {**at(3, day=days[0]), "event_type": "purchase", "price": "999.00"}
        late = [bought, {**bought, "user_session": ""}]
        after = deliver("late.csv", late, twin, drop, now)
        assert {table for table in after if after[table] != before[table]} >= CHANGED
        seconds = seconds_until(after, settings, home, process)
    for table, passed in seconds.items():
        record_property(f"seconds_until_{table}_was_right", passed)
        print(f"{table}: right {passed:.1f} s after the late object was there")  # noqa: T201
