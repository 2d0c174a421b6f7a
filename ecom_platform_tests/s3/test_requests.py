"""Requests: what a run asks of the bucket does not grow with what lies there already."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from ecom_platform_tests.samples import DAY, at

if TYPE_CHECKING:
    from collections import Counter

    from ecom_platform_tests.platform_in_small import SmallPlatform
    from ecom_platform_tests.s3_proxy import Proxy

pytestmark = [pytest.mark.s3, pytest.mark.parametrize("place", ["s3"], indirect=True)]

DATES = [DAY + dt.timedelta(days=number) for number in range(1, 30)]


@pytest.fixture(autouse=True)
def through_the_proxy(proxy: Proxy) -> None:
    """The proxy comes before everything that asks where the store is."""


def requests_of_a_new_object(platform: SmallPlatform, proxy: Proxy, key: str) -> Counter[str]:
    """What it takes to ingest an object of one date, and to rebuild that date."""
    platform.drop(key, at(5))
    before = proxy.counted.copy()
    platform.ingest()
    for table in ("clean_events", "fact_user_events"):
        platform.rebuild(table, [DAY])
    return proxy.counted - before


@pytest.mark.slow
def test_listings_do_not_grow_with_the_dates_of_a_lake(
    platform: SmallPlatform, proxy: Proxy
) -> None:
    platform.drop("first.csv", at(1))
    platform.run()
    small = requests_of_a_new_object(platform, proxy, "a.csv")
    platform.drop("month.csv", *(at(1, day=date) for date in DATES))
    platform.ingest()
    large = requests_of_a_new_object(platform, proxy, "b.csv")
    assert small["LIST"] == large["LIST"] > 0
    # One file of thirty is written; nor are those of the other dates looked at.
    assert large["PUT"] <= small["PUT"] + 5
