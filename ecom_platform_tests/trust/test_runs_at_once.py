"""Runs at the same time: on the same dates one gives way, on different dates none is disturbed."""

from __future__ import annotations

import random
import signal
from typing import TYPE_CHECKING

import pytest

from ecom_platform_tests.s3_in_small import everywhere
from ecom_platform_tests.trust.crossings import Kill
from ecom_platform_tests.trust.generations import DAY, NEXT_DAY
from ecom_platform_tests.trust.processes import ended
from ecom_platform_tests.trust.victims import COMPLETE, REFUSED

if TYPE_CHECKING:
    from ecom_platform_tests.trust.campaign import Campaign

ROUNDS = 6


@everywhere
@pytest.mark.slow
def test_of_runs_on_the_same_dates_each_ends_well_or_gives_way(campaign: Campaign) -> None:
    with campaign.watched():
        for _ in range(ROUNDS):
            campaign.next_generation()
            campaign.complete_by_two()


@everywhere
@pytest.mark.slow
def test_runs_on_different_dates_do_not_disturb_each_other(campaign: Campaign) -> None:
    with campaign.watched():
        for _ in range(ROUNDS):
            campaign.next_generation()
            campaign.platform.ingest()
            runs = [campaign.start(Kill(0), dates=(date,)) for date in (DAY, NEXT_DAY)]
            for child, told in runs:
                assert ended(child) == COMPLETE, told.read_text(encoding="utf-8")
            campaign.complete()


@everywhere
@pytest.mark.slow
def test_a_run_that_is_killed_beside_another_disturbs_nobody(campaign: Campaign) -> None:
    chance = random.Random(5)
    with campaign.watched():
        for _ in range(ROUNDS):
            campaign.next_generation()
            victim, _ = campaign.start(Kill(chance.randint(1, 200)))
            other, told = campaign.start(Kill(0))
            assert ended(victim) in (COMPLETE, REFUSED, -signal.SIGKILL)
            assert ended(other) in (COMPLETE, REFUSED), told.read_text(encoding="utf-8")
            campaign.complete()
