"""Progress: bars where there is a terminal, and a log that moves where there is none."""

from __future__ import annotations

import pytest
from rich.console import Console

from ecom_platform.cli import progress
from ecom_platform.cli.progress import ProgressBars, show_progress
from ecom_platform.pipeline import progress as reporters
from ecom_platform.pipeline.progress import ProgressLines, to_the_log


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that the reporter sees."""
    now = [0.0]
    monkeypatch.setattr(reporters.time, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Console:
    """Standard error that goes into a file."""
    console = Console(record=True, width=40, force_terminal=False, stderr=True)
    monkeypatch.setattr(progress, "ERR", console)
    return console


def test_a_terminal_gets_bars(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "ERR", Console(force_terminal=True, stderr=True))
    with show_progress() as reporter:
        reporter("raw_events", 1, 2, "dates")
    assert isinstance(reporter, ProgressBars)


def test_a_log_gets_lines(log: Console) -> None:
    with show_progress() as reporter:
        reporter("raw_events [1]", 3_000_000, 3_000_000, "bytes")
    assert isinstance(reporter, ProgressLines)
    assert log.export_text() == "raw_events [1]: 3.0 of 3.0 MB\n"


def test_a_stage_that_lasts_writes_a_line_now_and_then(log: Console, clock: list[float]) -> None:
    with show_progress() as reporter:
        for second in range(25):
            clock[0] = float(second)
            reporter("clean_events", second, 1_000, "dates")
    assert log.export_text().splitlines() == [
        "clean_events: 10 of 1,000 dates",
        "clean_events: 20 of 1,000 dates",
    ]


def test_a_stage_that_is_done_is_told_at_once(log: Console, clock: list[float]) -> None:
    with show_progress() as reporter:
        reporter("a", 1, 2, "dates")
        reporter("a", 2, 2, "dates")
        reporter("b", 1, 1, "dates")
    assert log.export_text().splitlines() == ["a: 2 of 2 dates", "b: 1 of 1 dates"]


def test_a_run_without_a_command_tells_its_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", "ecom_platform.progress"):
        to_the_log()("clean_events", 2, 2, "dates")
    assert caplog.messages == ["clean_events: 2 of 2 dates"]
