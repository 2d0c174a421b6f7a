"""`ecom doctor`: a line a thing, a remedy where one is due, exit code 1 if something is missing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from ecom_platform.cli import doctor
from ecom_platform.cli.machine import Verdict

if TYPE_CHECKING:
    from ecom_platform_tests.cli.conftest import Ecom

FOUND = [
    Verdict("Python", "ok", "3.11"),
    Verdict("UI port", "warning", "3000 is taken [here]", "make dev PORT=3001"),
]


def finding(monkeypatch: pytest.MonkeyPatch, *verdicts: Verdict) -> list[bool]:
    """Let the examination find these; the list takes note of `quick`."""
    asked: list[bool] = []

    def examine(_: object, *, quick: bool) -> Iterator[Verdict]:
        asked.append(quick)
        yield from verdicts

    monkeypatch.setattr(doctor, "examine", examine)
    return asked


def test_a_warning_has_a_remedy_and_is_no_failure(
    ecom: Ecom, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = finding(monkeypatch, *FOUND)
    ended = ecom("doctor")
    assert (ended.code, ended.err, asked) == (0, "", [False])
    assert ended.out.splitlines() == [
        "ok       Python             3.11",
        "warning  UI port            3000 is taken [here]",
        "         → make dev PORT=3001",
        "Everything that is needed is here.",
    ]


def test_something_missing_is_exit_code_1(ecom: Ecom, monkeypatch: pytest.MonkeyPatch) -> None:
    finding(monkeypatch, *FOUND, Verdict("lake", "missing", "cannot be written", "choose another"))
    ended = ecom("doctor")
    assert ended.code == 1
    assert "missing  lake               cannot be written\n         → choose another" in ended.out
    assert "Missing: 1" in ended.out
    assert "Everything that is needed" not in ended.out


def test_quick_is_handed_on(ecom: Ecom, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = finding(monkeypatch)
    ecom("doctor", "--quick")
    assert asked == [True]


def test_the_real_examination_finds_what_the_tests_themselves_need(ecom: Ecom) -> None:
    ended = ecom("doctor", "--quick")
    assert ended.code == 0
    assert "missing" not in ended.out
    assert ended.out.startswith("ok       Python")
