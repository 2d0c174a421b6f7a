"""Marts of users to which dates are added hold what counting all dates gives."""

from __future__ import annotations

import dataclasses
import datetime as dt
import random
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from pyspark.sql import functions as F

from ecom_platform.lake.audit import AuditFailed
from ecom_platform.pipeline.inputs import MULTIDAY
from ecom_platform.pipeline.marts import MART_WHOLE_STEPS
from ecom_platform_tests.dimensions_in_small import rows_of
from ecom_platform_tests.pipeline.marts.growing import (
    DATES,
    assert_agrees,
    assert_as_counted_whole,
    assert_extended,
    assert_whole,
    bring_inputs_up_to_date,
    contents,
    crawl,
    drop_date,
    lines_by_date,
    run,
)
from ecom_platform_tests.platform_in_small import LONG_AFTER
from ecom_platform_tests.samples import DAY, at

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from ecom_platform.lake.slices import StaleDate
    from ecom_platform.pipeline.model.dimensions import Dimension
    from ecom_platform.pipeline.model.extension import Extension
    from ecom_platform_tests.platform_in_small import SmallPlatform


@pytest.mark.parametrize(
    "seed", [7, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(8, 14))]
)
def test_a_lake_that_grows_by_dates_holds_what_counting_it_whole_gives(
    platform: SmallPlatform, seed: int
) -> None:
    lines, chance = lines_by_date(seed), random.Random(seed)
    days = [DAY + dt.timedelta(days=number) for number in range(6)]
    days = sorted(chance.sample(days, k=4))
    drop_date(platform, lines, days[0])
    platform.drop("crawl.csv", *crawl(days[0]))
    assert_whole(run(platform), "nothing was published before")
    drop_date(platform, lines, days[1])
    assert_extended(run(platform))
    assert any(row["first_human_date"] is None for row in contents(platform)["mart_users"])
    platform.drop("crawler-is-back.csv", *crawl(days[3]), {**at(3, day=days[3]), "user_id": 99})
    for date in days[2:]:  # two at once
        drop_date(platform, lines, date)
    assert_extended(run(platform))
    # The sample holds what it is for: sessions that go on, of which the old part is not counted.
    multiday = platform.rows(MULTIDAY)
    assert any(row["session_start_date"] < days[2] <= row["event_date"] for row in multiday)
    assert_agrees(platform)
    assert_as_counted_whole(platform)


def test_a_session_that_goes_on_is_counted_once_and_lasts_longer(grown: SmallPlatform) -> None:
    made = run(grown)
    assert_extended(made)
    assert made["mart_users"] == f"{DATES[1]} added to what was published as of {DATES[0]}"
    (user,) = [row for row in rows_of(grown, "mart_users") if row["user_id"] not in (21, 30, 31)]
    assert (user["session_count"], user["session_seconds"]) == (1, 25 * 3600)
    assert (user["active_days"], user["event_count"]) == (2, 2)


Change = Callable[["DataFrame"], "DataFrame"]

# By table: what an extension could get wrong, and what the refusal says.
FAULTS: list[tuple[str, Change, str]] = [
    ("mart_users", lambda rows: rows.where("user_id <> 30"), "6 fact_user_events against 5"),
    ("mart_users", lambda rows: rows.unionAll(rows), "primary_key_is_unique"),
    (
        "mart_users",
        lambda rows: rows.withColumn("event_count", F.col("event_count") + 1),
        "row_count_reconciles: 6 fact_user_events against",
    ),
    (
        "mart_daily_users",
        lambda rows: rows.where(f"event_date <> DATE '{DATES[0]}'"),
        "row_count_reconciles: 4 users against",
    ),
    ("mart_daily_users", lambda rows: rows.unionAll(rows), "primary_key_is_unique"),
    (
        "mart_cohorts",
        lambda rows: rows.withColumn("active_user_count", F.col("active_user_count") - 1),
        "row_count_reconciles: 4 users against",
    ),
    ("mart_cohorts", lambda rows: rows.unionAll(rows), "primary_key_is_unique"),
]


def test_wrong_counts_are_refused_and_what_was_published_stays(grown: SmallPlatform) -> None:
    bring_inputs_up_to_date(grown)
    for name, good in MART_WHOLE_STEPS.items():
        before, extend = grown.state(name), good.extend
        assert extend
        for _, spoil, message in (fault for fault in FAULTS if fault[0] == name):
            bad = dataclasses.replace(good, extend=_spoilt(extend, spoil))
            with pytest.raises(AuditFailed, match=message):
                bad.rebuild(grown.work, _stale(grown, good))
            assert grown.state(name) == before
        assert "added" in good.rebuild(grown.work, _stale(grown, good)).how


def _spoilt(extend: Callable[[Extension], DataFrame], spoil: Change) -> Callable[..., DataFrame]:
    return lambda given: spoil(extend(given))


def _stale(platform: SmallPlatform, step: Dimension) -> StaleDate:
    stale = step.find_stale(platform.lake, LONG_AFTER)
    assert stale
    return stale
