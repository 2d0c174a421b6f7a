"""Event seconds: places in the order of time, against a sorted list."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecom_platform.landing import event_seconds as module
from ecom_platform.landing.columns import UTC_TIME
from ecom_platform.landing.event_seconds import EventSeconds
from ecom_platform_tests.samples import DAY, utc

MIDNIGHT = utc(f"{DAY} 00:00")


def counted(*blocks: list[dt.datetime]) -> EventSeconds:
    found = EventSeconds()
    for block in blocks:
        found.add(pa.chunked_array([pa.array(block, UTC_TIME)]))
    return found


@given(
    st.lists(
        st.lists(st.integers(-100_000, 200_000).map(lambda tenths: tenths / 10), max_size=6),
        max_size=5,
    ),
    st.integers(1, 20),
)
def test_ranks_are_places_in_the_order_of_time(blocks: list[list[float]], dense: int) -> None:
    times = [[MIDNIGHT + dt.timedelta(minutes=minute) for minute in block] for block in blocks]
    by_date = defaultdict(list)
    for time in (time for block in times for time in block):
        by_date[time.date()].append(time.replace(microsecond=0))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "FEW_EVENTS", dense)
        found = counted(*times)
    assert found.dates() == sorted(by_date)
    for date, expected in by_date.items():
        assert found.count(date) == len(expected)
        assert found.at_ranks(date, range(len(expected))) == sorted(expected)
        assert found.at_ranks(date, [-1]) == [max(expected)]


def test_a_date_of_many_events_takes_one_counter_a_second() -> None:
    second = np.arange(200_000) % module.SECONDS_OF_A_DAY
    times = pa.array((int(MIDNIGHT.timestamp()) + second) * 1_000_000, pa.timestamp("us", "UTC"))
    found = EventSeconds()
    for start in range(0, 200_000, 50_000):
        found.add(pa.chunked_array([times[start : start + 50_000]]))
    assert not found._few
    assert [len(counts) for counts in found._many.values()] == [module.SECONDS_OF_A_DAY]
    assert found.count(DAY) == 200_000
    expected = [MIDNIGHT + dt.timedelta(seconds=int(s)) for s in np.sort(second)[[0, 100_000, -1]]]
    assert found.at_ranks(DAY, [0, 100_000, -1]) == expected


def test_an_object_without_events_has_no_dates() -> None:
    assert counted([]).dates() == []
    assert EventSeconds().dates() == []
