"""One program measured: its stages, its counts, and how it failed."""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path

import pytest

from bench.measuring import MeasuredProgram, Measurement
from bench.results import median_run


def test_stages_counts_and_facts_are_heard_and_the_rest_is_logged(tmp_path: Path) -> None:
    measured, log = run(
        tmp_path,
        """
        print('{"stage": "raw", "seconds": 0.5}')
        print('{"stage": "steps", "group": "checks", "seconds": 0.25}')
        print('a word for people')
        print('{"counts": {"raw": 3}, "facts": {"mood": "good"}}')
        """,
    )
    assert [(s.name, s.group, s.seconds) for s in measured.stages] == [
        ("raw", "raw", 0.5),
        ("steps", "checks", 0.25),
    ]
    assert (measured.counts, measured.facts) == ({"raw": 3}, {"mood": "good"})
    assert measured.failure is None
    assert log.read_text() == "a word for people\n"


def test_a_moment_becomes_seconds_since_the_start(tmp_path: Path) -> None:
    code = """
        import json, time
        print(json.dumps({"facts": {"first_work_at": time.time()}}))
    """
    measured, _ = run(tmp_path, code)
    assert 0 <= measured.facts["first_work_at"] <= measured.seconds


def test_processor_time_is_that_of_the_program(tmp_path: Path) -> None:
    measured, _ = run(
        tmp_path,
        """
        import time
        while time.process_time() < 0.4:
            pass
        """,
    )
    assert measured.cpu_seconds >= 0.4


def test_what_others_did_is_the_rest_of_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy = iter([100.0, 1_000_100.0])
    monkeypatch.setattr("bench.measuring.busy_seconds", lambda: next(busy))
    measured, _ = run(tmp_path, "pass")
    of_all = measured.others_cores * measured.seconds + measured.cpu_seconds
    assert of_all == pytest.approx(1_000_000)


def test_a_program_that_fails_is_quoted(tmp_path: Path) -> None:
    measured, _ = run(tmp_path, "raise SystemExit('check failed: clean 2020-04-01')")
    assert measured.failure == "exit code 1:\ncheck failed: clean 2020-04-01"


def test_a_program_that_hangs_is_killed_with_its_children(tmp_path: Path) -> None:
    wait = "import signal; signal.pause()"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {wait!r}])"
    measured = MeasuredProgram(
        [sys.executable, "-c", parent],
        log=tmp_path / "log",
        folder=tmp_path,
        timeout=0.5,
    ).run()
    assert measured.failure == "killed after 0.5 s"


def test_the_median_run_counts_and_a_failed_one_wins() -> None:
    slow, middle, quick = (Measurement(seconds=s) for s in (3.0, 2.0, 1.0))
    assert median_run([slow, quick, middle]) is middle
    assert median_run([slow, quick]) is quick
    failed = Measurement(seconds=0.1, failure="exit code 1")
    assert median_run([slow, failed, quick]) is failed


def run(folder: Path, code: str) -> tuple[Measurement, Path]:
    """Measure a few lines of Python."""
    log = folder / "log"
    command = [sys.executable, "-u", "-c", textwrap.dedent(code)]
    return MeasuredProgram(command, log=log, folder=folder).run(), log
