"""Links of sessions: what later dates add to them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from ecom_platform.transforms.marts.multiday import (
    find_added_links,
    find_multiday_sessions,
    find_related_sessions,
)
from ecom_platform_tests.samples import DAY, collect

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

DATES = [DAY + dt.timedelta(days=number) for number in range(4)]


def session_days(spark: SparkSession) -> DataFrame:
    """Sessions of every set of dates; two users have the same ids."""
    rows = [
        (user, f"s{dates}", date, number % 2 == 0, user * 100 + dates * 10 + number)
        for user in (1, 2)
        for dates in range(1, 1 << len(DATES))
        for number, date in enumerate(DATES)
        if dates >> number & 1
    ]
    columns = "user_id long, session_id string, event_date date, is_crawler_like boolean"
    return spark.createDataFrame(rows, f"{columns}, content_digest long")


def links(frame: DataFrame) -> list[dict[str, Any]]:
    return sorted(collect(frame), key=lambda row: (*row.values(),))


@pytest.mark.parametrize("later", [1, 2, 3])
def test_later_dates_add_what_was_not_found_without_them(spark: SparkSession, later: int) -> None:
    days, bound = session_days(spark), f"DATE '{DATES[-later]}'"
    new, old = days.where(f"event_date >= {bound}"), days.where(f"event_date < {bound}")
    before = find_multiday_sessions(old)
    added = find_added_links(find_related_sessions(old, new), new)
    assert links(before.unionByName(added)) == links(find_multiday_sessions(days))
    assert added.where(f"event_date < {bound}").count() > 0


def test_only_sessions_that_were_seen_later_are_related(spark: SparkSession) -> None:
    days, last = session_days(spark), f"DATE '{DATES[-1]}'"
    found = find_related_sessions(
        days.where(f"event_date < {last}"), days.where(f"event_date = {last}")
    )
    # Of each user half of the sets have the last date, and of these all but one an earlier one.
    assert found.select("user_id", "session_id").distinct().count() == 2 * 7
