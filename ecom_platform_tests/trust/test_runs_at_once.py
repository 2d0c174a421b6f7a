"""Runs at the same time: on the same dates one gives way, on different dates none is disturbed."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from ecom_platform_tests.trust.generations import DAY, NEXT_DAY
from ecom_platform_tests.trust.processes import ended
from ecom_platform_tests.trust.victims import COMPLETE, REFUSED, Kill

if TYPE_CHECKING:
    from ecom_platform_tests.trust.campaign import Campaign


@pytest.mark.parametrize("rounds", [1, pytest.param(12, marks=pytest.mark.slow)])
def test_of_runs_on_the_same_dates_each_ends_well_or_gives_way(
    campaign: Campaign, rounds: int
) -> None:
    with campaign.watched():
        for _ in range(rounds):
            campaign.next_generation()
            runs = [campaign.start(Kill(0)) for _ in range(2)]
            for child, told in runs:
                code, text = ended(child), told.read_text(encoding="utf-8")
                assert code in (COMPLETE, REFUSED), text
                assert code == COMPLETE or "nothing is lost" in text
            campaign.complete()


@pytest.mark.parametrize("rounds", [1, pytest.param(12, marks=pytest.mark.slow)])
def test_runs_on_different_dates_do_not_disturb_each_other(campaign: Campaign, rounds: int) -> None:
    with campaign.watched():
        for _ in range(rounds):
            campaign.next_generation()
            campaign.platform.ingest()
            runs = [campaign.start(Kill(0), (date,)) for date in (DAY, NEXT_DAY)]
            for child, told in runs:
                assert ended(child) == COMPLETE, told.read_text(encoding="utf-8")
            campaign.complete()


@pytest.mark.slow
def test_a_run_that_is_killed_beside_another_disturbs_nobody(campaign: Campaign) -> None:
    with campaign.watched():
        for crossing in range(1, 100, 9):
            campaign.next_generation()
            victim, _ = campaign.start(Kill(crossing))
            other, told = campaign.start(Kill(0))
            assert ended(victim) in (COMPLETE, REFUSED, -signal.SIGKILL)
            assert ended(other) in (COMPLETE, REFUSED), told.read_text(encoding="utf-8")
            campaign.complete()
