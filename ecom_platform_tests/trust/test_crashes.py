"""Killed anywhere, a run leaves nothing half done, and the next one makes it good."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from ecom_platform_tests.trust.campaign import Campaign
from ecom_platform_tests.trust.victims import POINTS, Kill


@pytest.mark.parametrize("from_outside", [False, True])
def test_a_run_that_is_killed_is_made_good_by_the_next(
    campaign: Campaign, from_outside: bool
) -> None:
    with campaign.watched():
        campaign.kill_often(4, random.Random(7), from_outside=from_outside)


@pytest.mark.slow
@pytest.mark.parametrize("from_outside", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_hundreds_of_kills_leave_nothing_half_done(
    campaign: Campaign, seed: int, from_outside: bool, record_property: Callable[..., None]
) -> None:
    with campaign.watched():
        campaign.kill_often(50, random.Random(seed), from_outside=from_outside)
    record_property("kills", dict(campaign.killed))


@pytest.mark.slow
@pytest.mark.parametrize("point", POINTS)
def test_a_kill_at_each_named_place_is_made_good(campaign: Campaign, point: str) -> None:
    chance = random.Random(point)
    campaign.next_generation()
    with campaign.watched():
        campaign.complete()
        for _ in range(4):
            campaign.next_generation()
            campaign.kill(Kill(chance.randint(1, 8), (point,)))
            campaign.complete()
    assert campaign.kills
