"""The witness itself: what it must notice, and what it must not complain of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ecom_platform_tests.trust.generations import PENDING, KnownStates, State
from ecom_platform_tests.trust.witness import Observer

if TYPE_CHECKING:
    from pathlib import Path

FIRST: State = {"fact": {"monday": "a1", "tuesday": "b1"}, "users": {"all": "u1"}}
SECOND: State = {"fact": {"monday": "a2", "tuesday": "b2"}, "users": {"all": "u2"}}


@pytest.fixture
def observer(tmp_path: Path) -> Observer:
    known = KnownStates(tmp_path / "known.json")
    known.add(FIRST)
    known.add(SECOND)
    return Observer(known)


def test_dates_may_be_of_different_states(observer: Observer) -> None:
    observer.look({"fact": {"monday": "a1"}})
    observer.look({"fact": {"monday": "a2", "tuesday": "b1"}, "users": {"all": "u1"}})
    observer.look({"fact": {"monday": "a2", "tuesday": PENDING}})
    assert observer.faults == []
    assert observer.generations_seen() == {
        "fact monday": [0, 1],
        "fact tuesday": [0],
        "users all": [0],
    }


@pytest.mark.parametrize(
    ("then", "fault"),
    [
        ({"fact": {"monday": "half"}}, "fact monday was in no known state"),
        ({"fact": {"tuesday": "b1"}}, "fact monday was in no known state"),
        ({"fact": {"monday": "b2"}}, "fact monday was in no known state"),
        ({"fact": {"monday": "a1"}}, "fact monday went back from 1 to 0"),
    ],
)
def test_half_a_date_a_lost_date_and_an_older_one_are_faults(
    observer: Observer, then: State, fault: str
) -> None:
    observer.look({"fact": {"monday": "a2"}})
    observer.look(then)
    assert [found.startswith(fault) for found in observer.faults] == [True]
