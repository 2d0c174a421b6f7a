"""The contenders over one month: which program each one is, and running it.

Belongs here: commands, environments, reasons to skip. Not here: measuring, comparing.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.measuring import MeasuredProgram, Measurement
from bench.month import Month

ROOT = Path(__file__).resolve().parents[1]
Hear = Callable[[str, float], None]

SCRIPTS = {
    "duckdb": ("DuckDB script", "duckdb"),
    "polars": ("Polars script", "polars"),
    "spark": ("JVM Spark script", "pyspark"),
}
LABELS = {
    "gzip": "gzip -dc",
    **{name: label for name, (label, _) in SCRIPTS.items()},
    "ecom": "ecom_platform",
}


@dataclass(frozen=True)
class Place:
    """Where contenders work.

    Attributes:
        folder: scratch; every run gets a folder of its own in it, removed when it ends.
        logs: what they say on standard error.
        memory_limit: for scripts whose engine knows one.
    """

    folder: Path
    logs: Path
    memory_limit: str | None


def reason_to_skip(name: str) -> str | None:
    """Why a contender cannot run on this machine, or None."""
    if name == "gzip" and shutil.which("gzip") is None:
        return "gzip is not installed"
    if name == "spark" and shutil.which("java") is None:
        return "no Java on the PATH"
    if name in SCRIPTS and importlib.util.find_spec(SCRIPTS[name][1]) is None:
        return f"{SCRIPTS[name][1]} is not installed: pip install -e '.[bench]'"
    return None


def run_gzip(month: Month, place: Place, hear: Hear) -> Measurement:
    """Decompress to nowhere: the floor of anyone who reads with gzip."""
    command = ["gzip", "-dc", str(month.path)]
    return _program(command, place, "gzip", hear, sink=subprocess.DEVNULL).run()


def run_script(name: str, month: Month, place: Place, hear: Hear) -> Measurement:
    """Run a hand-written script over a month."""
    out = place.folder / name
    shutil.rmtree(out, ignore_errors=True)
    command = [sys.executable, "-m", f"bench.scripts.{name}_script", str(month.path), str(out)]
    if place.memory_limit:
        command += ["--memory-limit", place.memory_limit]
    try:
        return _program(command, place, name, hear).run()
    finally:
        shutil.rmtree(out, ignore_errors=True)


@dataclass(frozen=True)
class PlatformHome:
    """A lake and a Dagster instance of its own for ecom_platform."""

    folder: Path

    @property
    def lake(self) -> Path:
        """The lake."""
        return self.folder / "lake"

    @property
    def landing(self) -> Path:
        """Where landing files go."""
        return self.lake / "landing" / "events"

    def make(self) -> None:
        """Make both, empty. The instance is the repository's: runs are recorded in SQLite."""
        self.remove()
        self.landing.mkdir(parents=True)
        shutil.copy(ROOT / "dagster.yaml", self.folder)

    def remove(self) -> None:
        """Delete everything."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def land(self, file: Path) -> None:
        """Put a file into landing, without a copy where the disk can."""
        target = self.landing / file.name
        try:
            target.hardlink_to(file)
        except OSError:  # another disk
            shutil.copy2(file, target)

    def run(self, arguments: list[str], place: Place, name: str, hear: Hear) -> Measurement:
        """Run a command of bench.platform_run on it."""
        command = [sys.executable, "-m", "bench.platform_run", *arguments]
        return self._measure(command, place, name, hear)

    def run_ecom(self, arguments: list[str], place: Place, name: str) -> Measurement:
        """Run the command `ecom` on it, as a person would."""
        start = "from ecom_platform.cli.main import main; main()"
        command = [sys.executable, "-c", start, "--lake", str(self.lake), *arguments]
        return self._measure(command, place, name, lambda _name, _seconds: None)

    def _measure(self, command: list[str], place: Place, name: str, hear: Hear) -> Measurement:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("ECOM_")}
        environment |= {"DAGSTER_HOME": str(self.folder), "PYTHONPATH": str(ROOT)}
        return _program(command, place, name, hear, self.folder, environment).run()


def home_of_the_month(place: Place) -> PlatformHome:
    """Where ecom_platform works on the month; its last lake stays there until all is measured."""
    return PlatformHome(place.folder / "ecom")


def run_platform(month: Month, place: Place, hear: Hear) -> Measurement:
    """Run ecom_platform over a month, in a new lake, which is left where it is."""
    home = home_of_the_month(place)
    home.make()
    home.land(month.path)
    lake = str(home.lake)
    dates = [month.first.isoformat(), month.last.isoformat()]
    measured = home.run(["month", lake, *dates], place, "ecom", hear)
    if not measured.failure:
        counted = home.run(["count", lake], place, "ecom-count", hear)
        measured.counts, measured.failure = counted.counts, counted.failure
    return measured


def run_nothing_to_do(month: Month, place: Place) -> Measurement:
    """Run `ecom run` twice over a small month: the second call finds every table in order."""
    with _home(place.folder / "noop") as home:
        home.land(month.path)
        first = home.run_ecom(["run"], place, "ecom-all")
        return first if first.failure else home.run_ecom(["run"], place, "ecom-noop")


@contextmanager
def _home(folder: Path) -> Iterator[PlatformHome]:
    home = PlatformHome(folder)
    home.make()
    try:
        yield home
    finally:
        home.remove()


def _program(
    command: list[str],
    place: Place,
    name: str,
    hear: Hear,
    folder: Path = ROOT,
    environment: dict[str, str] | None = None,
    sink: int = subprocess.PIPE,
) -> MeasuredProgram:
    return MeasuredProgram(
        command,
        log=place.logs / f"{name}.log",
        folder=folder,
        environment=environment,
        hear=hear,
        output=sink,
    )
