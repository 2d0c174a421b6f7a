"""Partitions: keys, dates and runs of consecutive days."""

from __future__ import annotations

import datetime as dt
import itertools

import dagster as dg
from hypothesis import given
from hypothesis import strategies as st

from ecom_platform.partitions import contiguous_ranges, event_dates, to_date, to_key
from ecom_platform_tests.samples import utc

DAYS = st.dates(dt.date(2019, 10, 1), dt.date(2020, 3, 1))


@given(date=DAYS)
def test_a_key_names_its_date_and_no_other(date: dt.date) -> None:
    assert to_key(date) == date.isoformat()
    assert to_date(to_key(date)) == date


def test_partitions_reach_from_the_start_to_today_by_utc() -> None:
    partitions = event_dates(dt.date(2020, 2, 27))
    with dg.partition_loading_context(effective_dt=utc("2020-03-01 23:59")):
        assert partitions.get_partition_keys() == [
            "2020-02-27",
            "2020-02-28",
            "2020-02-29",
            "2020-03-01",
        ]
    with dg.partition_loading_context(effective_dt=utc("2020-03-02 00:00")):
        assert partitions.get_last_partition_key() == "2020-03-02"


def test_consecutive_days_are_one_range_also_over_the_end_of_a_month() -> None:
    dates = [dt.date(2020, 3, 1), dt.date(2020, 2, 28), dt.date(2020, 2, 29), dt.date(2020, 3, 5)]
    assert contiguous_ranges(dates) == [
        (dt.date(2020, 2, 28), dt.date(2020, 3, 1)),
        (dt.date(2020, 3, 5), dt.date(2020, 3, 5)),
    ]
    assert contiguous_ranges([]) == []


@given(dates=st.lists(DAYS, max_size=30))
def test_ranges_cover_the_dates_and_nothing_else_and_do_not_touch(dates: list[dt.date]) -> None:
    ranges = contiguous_ranges(dates)
    covered = [
        first + dt.timedelta(days=n)
        for first, last in ranges
        for n in range((last - first).days + 1)
    ]
    assert covered == sorted(set(dates))
    gaps = [later[0] - earlier[1] for earlier, later in itertools.pairwise(ranges)]
    assert all(gap > dt.timedelta(days=1) for gap in gaps)
