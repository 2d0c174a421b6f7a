"""The steps of the profile: when a date is stale, and what is refused."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING

import pytest
from pyspark.sql import functions as F

from ecom_platform.errors import InputsBehind
from ecom_platform.lake.audit import AuditFailed
from ecom_platform.lake.lake import Lake
from ecom_platform.pipeline.marts import PROFILE_LAKE_STEP, PROFILE_STEPS
from ecom_platform.pipeline.slice_build import Workplace
from ecom_platform.pipeline.staleness import stale_dates
from ecom_platform.transforms.marts.profile import build_eda_profile, build_eda_profile_lake
from ecom_platform_tests.platform_in_small import LONG_AFTER
from ecom_platform_tests.profiles_in_small import rebuild_lake_profile, rebuild_profiles
from ecom_platform_tests.samples import DAY, at, utc

if TYPE_CHECKING:
    from ecom_platform_tests.platform_in_small import SmallPlatform

NOTHING = {"value_days": [], "eda_profile": []}


def test_a_profiled_date_is_up_to_date_until_rows_arrive(platform: SmallPlatform) -> None:
    platform.drop("a.csv", at(1), at(2))
    platform.ingest()
    assert rebuild_profiles(platform) == {"value_days": [DAY], "eda_profile": [DAY]}
    assert rebuild_lake_profile(platform)
    assert rebuild_profiles(platform) == NOTHING
    assert rebuild_lake_profile(platform) is None
    platform.drop("b.csv", at(3))
    platform.ingest()
    assert rebuild_profiles(platform) == {"value_days": [DAY], "eda_profile": [DAY]}
    assert rebuild_lake_profile(platform)


def test_a_date_that_has_not_ended_is_not_profiled(platform: SmallPlatform) -> None:
    platform.drop("a.csv", at(1))
    platform.ingest()
    assert rebuild_profiles(platform, utc(f"{DAY} 23:59")) == NOTHING


def test_another_share_of_users_makes_every_date_stale(platform: SmallPlatform) -> None:
    platform.drop("a.csv", *({**at(1), "user_id": user} for user in range(1, 101)))
    platform.ingest()
    rebuild_profiles(platform)
    assert set(platform.values("eda_profile", "scope")) == {"all"}
    sampled = Lake(platform.lake.settings.model_copy(update={"profile_sample_percent": 20}))
    assert list(stale_dates(sampled, "value_days", None, LONG_AFTER)) == [DAY]
    platform.lake = sampled
    platform.work = Workplace(sampled, platform.work.open_spark, "run-2")
    assert rebuild_profiles(platform) == {"value_days": [DAY], "eda_profile": [DAY]}
    counts = {
        row["scope"]: row["counted"]
        for row in platform.rows("eda_profile")
        if row["statistic"] == "row_count"
    }
    assert counts["all"] == 100
    assert 5 < counts["sample"] < 40
    assert rebuild_profiles(platform) == NOTHING


def test_a_date_of_one_user_is_sampled_like_any_other(platform: SmallPlatform) -> None:
    sampled = Lake(platform.lake.settings.model_copy(update={"profile_sample_percent": 50}))
    platform.lake = sampled
    platform.work = Workplace(sampled, platform.work.open_spark, "run-2")
    platform.drop("a.csv", {**at(1), "user_id": 7}, {**at(2), "user_id": 7})
    platform.ingest()
    rebuild_profiles(platform)
    rows = [row for row in platform.rows("eda_profile") if row["statistic"] == "row_count"]
    assert {(row["scope"], row["counted"]) for row in rows} == {("all", 2), ("sample", 2)}


@pytest.mark.parametrize("lost", ["row_count", "hour_count", "histogram_count"])
def test_a_profile_that_lost_rows_is_refused(platform: SmallPlatform, lost: str) -> None:
    platform.drop("a.csv", at(1), at(2))
    platform.ingest()
    rebuild_profiles(platform)
    lossy = dataclasses.replace(
        PROFILE_STEPS["eda_profile"],
        build=lambda values: build_eda_profile(values).where(F.col("statistic") != lost),
    )
    before = platform.state("eda_profile")
    (slice_,) = stale_dates(platform.lake, "eda_profile", None, LONG_AFTER, rebuild=True).values()
    with pytest.raises(AuditFailed, match=r"row_count_reconciles: 6 value_days against [24]"):
        lossy.rebuild(platform.work, slice_)
    assert platform.state("eda_profile") == before


def test_counted_values_that_lost_rows_are_refused(platform: SmallPlatform) -> None:
    platform.drop("a.csv", at(1), at(2))
    platform.ingest()

    class Lossy(type(PROFILE_STEPS["value_days"])):
        def make(self, source, settings):
            return super().make(source, settings).where("column_name <> 'brand'")

    step = PROFILE_STEPS["value_days"]
    lossy = Lossy(step.contract, step.build, step.of_source, step.of_rows)
    (slice_,) = stale_dates(platform.lake, "value_days", None, LONG_AFTER).values()
    with pytest.raises(AuditFailed, match="20 raw_events against 18 value_days"):
        lossy.rebuild(platform.work, slice_)


def test_the_profile_of_the_lake_is_held_against_the_rows_that_arrived(
    platform: SmallPlatform,
) -> None:
    platform.drop("a.csv", at(1), at(2))
    platform.ingest()
    rebuild_profiles(platform)

    def with_one_more(values, as_of):
        rows = build_eda_profile_lake(values, as_of)
        more = F.when(F.col("statistic") == "row_count", 1).otherwise(0)
        return rows.withColumn("counted", F.col("counted") + more)

    wrong = dataclasses.replace(PROFILE_LAKE_STEP, build=with_one_more)
    stale = wrong.find_stale(platform.lake, LONG_AFTER)
    assert stale
    with pytest.raises(AuditFailed, match="6 three times raw_events against 7 eda_profile_lake"):
        wrong.rebuild(platform.work, stale)


def test_the_profile_of_the_lake_is_not_built_from_values_that_are_behind(
    platform: SmallPlatform,
) -> None:
    platform.drop(
        "a.csv", at(1), {**at(1), "event_time": f"{DAY + dt.timedelta(days=1)} 01:00:00 UTC"}
    )
    platform.ingest()
    rebuild_profiles(platform)
    platform.drop("b.csv", at(3))
    platform.ingest()
    with pytest.raises(InputsBehind, match="value_days does not match raw_events on 2020-04-01"):
        PROFILE_LAKE_STEP.find_stale(platform.lake, LONG_AFTER)
