"""Several dates of a partial at a time: in one snapshot, and still each for itself."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
from typing import TYPE_CHECKING, Any

import pytest

from ecom_platform.errors import PublishConflict
from ecom_platform.pipeline import dated_tables as module
from ecom_platform.pipeline.model import PARTIAL_STEPS
from ecom_platform.pipeline.outcomes import Refused
from ecom_platform.pipeline.staleness import stale_dates
from ecom_platform_tests.platform_in_small import LONG_AFTER
from ecom_platform_tests.samples import DAY, at

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from ecom_platform.lake.slices import StaleDate
    from ecom_platform_tests.platform_in_small import SmallPlatform

VERSIONS = "product_version_days"
WEEK = [DAY + dt.timedelta(days=n) for n in range(4)]


def stale(platform: SmallPlatform) -> list[dt.date]:
    return list(stale_dates(platform.lake, VERSIONS, None, LONG_AFTER))


@pytest.fixture
def four_dates(platform: SmallPlatform, monkeypatch: pytest.MonkeyPatch) -> list[StaleDate]:
    """Four stale dates of product_version_days, of which three go into a snapshot."""
    monkeypatch.setattr(module, "DATES_OF_A_SNAPSHOT", 3)
    platform.drop("a.csv", *(at(1, day=day) for day in WEEK))
    platform.ingest()
    platform.rebuild("clean_events")
    return list(stale_dates(platform.lake, VERSIONS, None, LONG_AFTER).values())


def test_several_dates_are_published_in_one_snapshot_each_with_its_own_record(
    platform: SmallPlatform, four_dates: list[StaleDate]
) -> None:
    outcomes = list(PARTIAL_STEPS[VERSIONS].rebuild_dates(platform.work, four_dates))
    assert [outcome.slice_.event_date for outcome in outcomes] == WEEK
    assert platform.snapshots(VERSIONS) == 2
    published = platform.lake.publications.published(VERSIONS)
    assert {date: state.row_count for date, state in published.items()} == dict.fromkeys(WEEK, 1)
    assert stale(platform) == []


def test_a_refused_date_does_not_stop_those_that_share_its_snapshot(
    platform: SmallPlatform, four_dates: list[StaleDate]
) -> None:
    good = PARTIAL_STEPS[VERSIONS]
    bad = dataclasses.replace(
        good, build=lambda *inputs: good.build(*inputs).where(f"event_date <> '{WEEK[1]}'")
    )
    outcomes = {o.slice_.event_date: o for o in bad.rebuild_dates(platform.work, four_dates)}
    assert set(outcomes) == set(WEEK)
    assert [date for date, o in outcomes.items() if isinstance(o, Refused)] == [WEEK[1]]
    assert stale(platform) == [WEEK[1]]
    assert platform.values(VERSIONS, "event_date") == [WEEK[0], *WEEK[2:]]


def test_a_conflict_refuses_the_dates_of_its_snapshot_and_no_others(
    platform: SmallPlatform, four_dates: list[StaleDate]
) -> None:
    good = PARTIAL_STEPS[VERSIONS]
    others = iter([lambda: good.rebuild(platform.work, four_dates[0])])

    def build_while_another_run_publishes(*inputs: Any) -> DataFrame:
        next(others, lambda: None)()
        return good.build(*inputs)

    slow = dataclasses.replace(good, build=build_while_another_run_publishes)
    outcomes = list(slow.rebuild_dates(platform.work, four_dates))
    reasons = [o.reason for o in outcomes if isinstance(o, Refused)]
    assert len(reasons) == 3
    assert all(isinstance(reason, PublishConflict) for reason in reasons)
    assert "2020-04-01..2020-04-03" in str(reasons[0])
    assert platform.values(VERSIONS, "event_date") == [WEEK[0], WEEK[3]]
    assert stale(platform) == WEEK[1:3]


def test_a_run_that_is_killed_has_published_whole_snapshots_only(
    platform: SmallPlatform, four_dates: list[StaleDate]
) -> None:
    good = PARTIAL_STEPS[VERSIONS]
    counted = itertools.count(1)

    def build_until_killed(*inputs: Any) -> DataFrame:
        if next(counted) == 4:
            raise KeyboardInterrupt
        return good.build(*inputs)

    killed = dataclasses.replace(good, build=build_until_killed)
    with pytest.raises(KeyboardInterrupt):
        list(killed.rebuild_dates(platform.work, four_dates))
    assert platform.values(VERSIONS, "event_date") == WEEK[:3]
    assert stale(platform) == [WEEK[3]]
