"""Sessions of several dates: however long they last, and whatever is behind or held."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from ecom_platform.errors import InputsBehind
from ecom_platform.lake.holds import Hold
from ecom_platform.pipeline.inputs import MULTIDAY
from ecom_platform.pipeline.marts import MART_STEPS
from ecom_platform.pipeline.outcomes import Refused
from ecom_platform.pipeline.staleness import stale_dates
from ecom_platform_tests.dimensions_in_small import rebuild_partials
from ecom_platform_tests.marts_in_small import rebuild_multiday
from ecom_platform_tests.platform_in_small import LONG_AFTER
from ecom_platform_tests.samples import DAY, at, utc

if TYPE_CHECKING:
    from ecom_platform_tests.platform_in_small import SmallPlatform

WEEKS_LATER = DAY + dt.timedelta(days=20)


def look(platform: SmallPlatform) -> list[dt.date]:
    """From landing to the sessions of several dates; the dates that were rebuilt."""
    platform.run()
    rebuild_partials(platform, only=["session_days"])
    return rebuild_multiday(platform)


def starts(platform: SmallPlatform) -> list[tuple[dt.date, dt.date]]:
    rows = platform.rows(MULTIDAY)
    return sorted((row["event_date"], row["session_start_date"]) for row in rows)


def hold_of(date: dt.date) -> Hold:
    return Hold(MULTIDAY, date, 1, 1, "a test", "tester", utc("2020-05-01 00:00"))


def test_a_session_that_goes_on_weeks_later_is_found_and_both_its_dates_change(
    platform: SmallPlatform,
) -> None:
    platform.drop("a.csv", at(23, 59), {**at(1), "user_session": "another"})
    assert look(platform) == [DAY]
    assert starts(platform) == []
    platform.drop("b.csv", at(0, day=WEEKS_LATER))
    assert look(platform) == [DAY, WEEKS_LATER]
    assert starts(platform) == [(DAY, DAY), (WEEKS_LATER, DAY)]
    assert look(platform) == []


def test_a_date_that_is_held_is_left_alone_until_it_is_released(platform: SmallPlatform) -> None:
    platform.drop("a.csv", at(23, 59))
    look(platform)
    platform.lake.holds.record([hold_of(DAY)])
    platform.drop("b.csv", at(0, day=WEEKS_LATER))
    assert look(platform) == [WEEKS_LATER]
    assert starts(platform) == [(WEEKS_LATER, DAY)]
    assert look(platform) == []
    platform.lake.holds.release([hold_of(DAY)])
    assert DAY in look(platform)
    assert starts(platform) == [(DAY, DAY), (WEEKS_LATER, DAY)]


def test_a_mart_is_not_built_from_sessions_that_are_behind(platform: SmallPlatform) -> None:
    platform.drop("a.csv", at(1))
    look(platform)
    mart = MART_STEPS["mart_carts"]
    platform.drop("b.csv", at(2))
    platform.run()
    stale = stale_dates(platform.lake, "mart_carts", None, LONG_AFTER)
    (refused,) = mart.rebuild_dates(platform.work, list(stale.values()))
    assert isinstance(refused, Refused)
    assert isinstance(refused.reason, InputsBehind)
    assert f"session_days does not match what it is built from on {DAY}" in str(refused.reason)
    assert platform.rows("mart_carts") == []
