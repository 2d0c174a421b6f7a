"""Killed anywhere, a run leaves nothing half done, and the next one makes it good."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from ecom_platform_tests.s3_in_small import everywhere, everywhere_at_length
from ecom_platform_tests.trust.campaign import Campaign
from ecom_platform_tests.trust.crossings import NAMED, Kill
from ecom_platform_tests.trust.leftovers import assert_maintenance_leaves_nothing
from ecom_platform_tests.trust.victims import (
    OWN_ENGINE,
    commit_in_two_halves,
    record_before_the_commit,
)

# From landing to the last table: each victim begins where the one before it died.
ON_THE_WAY = (
    ("before staging", 1),
    ("inside the commit", 2),
    ("between the commit and publications", 1),
    ("mid-write", 4),
    ("between staging and commit", 3),
    ("between two tables", 9),
)


@everywhere_at_length
def test_killed_at_every_named_place_a_run_is_made_good_by_two_at_once(campaign: Campaign) -> None:
    with campaign.watched():
        campaign.next_generation()
        for place, crossing in ON_THE_WAY:
            assert campaign.kill(Kill(crossing, NAMED[place]))
        assert campaign.killed.keys() <= {name for names in NAMED.values() for name in names}
        campaign.complete_by_two()
    assert_maintenance_leaves_nothing(campaign.platform)


@pytest.mark.slow
@pytest.mark.parametrize("from_outside", [False, True])
@pytest.mark.parametrize(
    ("place", "seed"),
    [*(("folder", seed) for seed in range(3)), pytest.param("s3", 3, marks=pytest.mark.s3)],
    indirect=["place"],
)
def test_hundreds_of_kills_leave_nothing_half_done(
    campaign: Campaign, seed: int, from_outside: bool, record_property: Callable[..., None]
) -> None:
    chance = random.Random(seed)
    # The marts take several times as long as all before them.
    campaign.task = replace(campaign.task, marts=seed == 0)
    with campaign.watched():
        campaign.kill_often(30, chance, from_outside=from_outside)
        campaign.close_all_dates()
        campaign.kill_often(20, chance, from_outside=from_outside)
    assert_maintenance_leaves_nothing(campaign.platform)
    record_property("kills", dict(campaign.killed))


@everywhere
@pytest.mark.slow
def test_an_engine_that_is_killed_with_its_run_leaves_nothing_half_done(campaign: Campaign) -> None:
    chance = random.Random(11)
    campaign.victims_engine = OWN_ENGINE
    with campaign.watched():
        campaign.next_generation()
        while campaign.kills < 20:
            if not campaign.kill(Kill(chance.randint(1, 4), NAMED["mid-write"])):
                campaign.next_generation()
        campaign.complete()
    assert_maintenance_leaves_nothing(campaign.platform)


@everywhere
@pytest.mark.slow
@pytest.mark.parametrize("named", NAMED)
def test_a_kill_at_each_named_place_of_each_table_is_made_good(
    campaign: Campaign, named: str
) -> None:
    crossing = 1
    with campaign.watched():
        campaign.next_generation()
        while campaign.kill(Kill(crossing, NAMED[named])):
            campaign.complete()
            campaign.next_generation()
            crossing += 5
    assert crossing > 1
    assert_maintenance_leaves_nothing(campaign.platform)


@everywhere
@pytest.mark.slow
def test_the_witness_sees_a_commit_in_two_halves(campaign: Campaign) -> None:
    def attack() -> None:
        with campaign.watched():
            campaign.next_generation()
            campaign.complete()
            campaign.next_generation()
            # Of rejected lines both halves, of raw events the first: it takes their rows away.
            assert campaign.kill(Kill(3, ("after a commit",)), mutant=commit_in_two_halves)

    with pytest.raises(AssertionError, match="was in no known state"):
        attack()


@everywhere
@pytest.mark.slow
def test_the_comparison_sees_rows_that_were_recorded_and_never_published(
    campaign: Campaign,
) -> None:
    campaign.next_generation()
    assert campaign.kill(Kill(1, ("before a commit",)), mutant=record_before_the_commit)
    with pytest.raises(AssertionError):
        campaign.complete()
