"""Late data heal themselves: with the real daemon, a late object reaches every table downstream."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ecom_platform.engines.sail import sail_address
from ecom_platform_tests.dimensions_in_small import run_all
from ecom_platform_tests.platform_in_small import Drop
from ecom_platform_tests.samples import DAY, at
from ecom_platform_tests.trust.generations import State, observed_tables, state_of
from ecom_platform_tests.trust.victims import open_platform
from ecom_platform_tests.trust.witness import read_by_iceberg

if TYPE_CHECKING:
    from ecom_platform.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 900

# A process that is started in the background ignores SIGINT, and so would all that it starts.
HEAR_INTERRUPTS = (
    "import os, signal, sys\n"
    "signal.signal(signal.SIGINT, signal.SIG_DFL)\n"
    "os.execv(sys.executable, [sys.executable, '-m', 'dagster', 'daemon', 'run', *sys.argv[1:]])\n"
)


@contextmanager
def daemon(home: Path, settings: Settings) -> Iterator[None]:
    """The daemon and its code server as `make dev` runs them, without the user interface."""
    home.mkdir()
    shutil.copy(ROOT / "dagster.yaml", home)
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("ECOM_")},
        "DAGSTER_HOME": str(home),
        "ECOM_LAKE": settings.lake,
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "ignore",
    }
    with (home / "daemon.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", HEAR_INTERRUPTS, "-w", str(ROOT / "workspace.yaml")],
            cwd=home,
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,  # it has children, and all of them must go
        )
        try:
            yield
            assert process.poll() is None, "the daemon ended by itself"
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


def seconds_until(expected: State, settings: Settings, home: Path) -> float:
    """The seconds until all tables hold what they should."""
    began = time.monotonic()
    while True:
        found = state_of(read_by_iceberg(settings.lake_path))
        wrong = sorted(name for name in expected if found.get(name) != expected[name])
        seconds = time.monotonic() - began
        if not wrong:
            return seconds
        if seconds > PATIENCE_SECONDS:
            log = (home / "daemon.log").read_text(encoding="utf-8", errors="replace")
            pytest.fail(f"{wrong} are still wrong after {seconds:.0f} s\n{log[-5000:]}")
        time.sleep(1)


@pytest.mark.slow
def test_a_late_object_corrects_all_that_follows_from_its_date_without_a_person(
    tmp_path: Path, settings: Settings, record_property: Callable[[str, object], None]
) -> None:
    twin = open_platform(tmp_path / "twin", sail_address())
    drops = (twin.drop, Drop(settings.landing_path))
    history = [
        {**at(hour, day=DAY + dt.timedelta(days=day)), "event_type": "purchase"}
        for day in range(22)
        for hour in (1, 2)
    ]
    # Of the first date, three weeks before the last.
    late = {**at(3), "event_type": "purchase", "price": "999.00"}
    with daemon(tmp_path / "home", settings):
        for key, lines in {"history.csv": history, "late.csv": [late]}.items():
            for drop in drops:
                drop(key, *lines)
            run_all(twin)
            expected = state_of(read_by_iceberg(tmp_path / "twin"))
            assert set(observed_tables()) >= set(expected)
            seconds = seconds_until(expected, settings, tmp_path / "home")
            record_property(f"seconds_to_correct_after_{key}", round(seconds, 1))
            print(f"{key}: {seconds:.1f} s until every table was right")  # noqa: T201
