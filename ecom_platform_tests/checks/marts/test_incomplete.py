"""Incomplete dates: open, too small, or without a type of events; by the fact's own checks."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from ecom_platform.checks.marts import incomplete_dates
from ecom_platform_tests.dashboard_in_small import FACT, NOW, day, publish_facts, record

if TYPE_CHECKING:
    from ecom_platform.lake.lake import Lake


def judged(lake: Lake, now: dt.datetime = NOW) -> dict[dt.date, str]:
    return incomplete_dates(lake, lake.publications.published(FACT), now)


def test_days_as_usual_are_complete(lake: Lake) -> None:
    publish_facts(lake, 8)
    assert judged(lake) == {}


def test_a_day_that_lost_a_type_is_named_with_the_numbers(lake: Lake) -> None:
    publish_facts(lake, 8, lost_on=6)
    assert judged(lake) == {day(6): "2 purchase events where about 400 are usual"}


def test_a_day_with_too_few_rows_is_named(lake: Lake) -> None:
    publish_facts(lake, 3)
    record(lake, FACT, day(3), 9_999, {})
    (why,) = judged(lake).values()
    assert why == "9,999 rows, fewer than 10,000 (ECOM_MINIMUM_ROWS)"


def test_an_open_day_is_not_over_until_its_last_rows_have_arrived(lake: Lake) -> None:
    publish_facts(lake, 2)
    midnight = dt.datetime.combine(day(2), dt.time(), tzinfo=dt.UTC)
    assert judged(lake, midnight + dt.timedelta(hours=2)) == {day(1): "the day is not over"}
    assert judged(lake, midnight + dt.timedelta(hours=3)) == {}
