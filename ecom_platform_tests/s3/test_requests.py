"""Requests: what a run asks of the bucket does not grow with what lies there already."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from ecom_platform.lake.lake import Lake
from ecom_platform.landing.stores import open_landing
from ecom_platform.pipeline.slice_build import Workplace
from ecom_platform_tests.platform_in_small import SmallPlatform
from ecom_platform_tests.samples import DAY, at
from ecom_platform_tests.upkeep_in_small import LATER, upkeep

if TYPE_CHECKING:
    from collections import Counter

    from pyspark.sql import SparkSession

    from ecom_platform_tests.s3_in_small import Bucket
    from ecom_platform_tests.s3_proxy import Call, Proxy

pytestmark = [pytest.mark.s3, pytest.mark.parametrize("place", ["s3"], indirect=True)]

DATES = [DAY + dt.timedelta(days=number) for number in range(1, 20)]
# Manifests and records that chance puts into one file more or less.
A_FEW = 10


@pytest.fixture(autouse=True)
def through_the_proxy(proxy: Proxy) -> None:
    """The proxy comes before everything that asks where the store is."""


def anew(platform: SmallPlatform, spark: SparkSession) -> SmallPlatform:
    """The same as the next process finds it: nothing is remembered."""
    settings = platform.lake.settings
    lake = Lake(settings)
    work = Workplace(lake, lambda: spark, "run-1")
    return SmallPlatform(lake, open_landing(settings), work, platform.drop)


def requests_of_a_new_object(platform: SmallPlatform, proxy: Proxy, key: str) -> Counter[str]:
    """What it takes to ingest an object of one date, and to rebuild that date."""
    platform.drop(key, at(5))
    before = proxy.counted.copy()
    platform.ingest()
    for table in ("clean_events", "fact_user_events"):
        platform.rebuild(table, [DAY])
    return proxy.counted - before


@pytest.mark.slow
def test_requests_do_not_grow_with_the_dates_of_a_lake(
    platform: SmallPlatform, proxy: Proxy, spark: SparkSession, bucket: Bucket
) -> None:
    platform.drop("first.csv", at(1))
    platform.run()
    small = requests_of_a_new_object(anew(platform, spark), proxy, "new.csv")
    # Back to one object of that date, and nineteen dates beside it.
    platform.drop("new.csv", *(at(1, day=date) for date in DATES))
    platform.run()
    upkeep(platform, LATER)
    large = requests_of_a_new_object(anew(platform, spark), proxy, "newer.csv")
    assert small["LIST"] == large["LIST"] > 0
    for kind in ("GET", "HEAD", "PUT", "POST"):
        assert large[kind] <= small[kind] + A_FEW, (small, large)


def test_a_file_of_metadata_is_written_in_one_request_and_read_once(
    platform: SmallPlatform, proxy: Proxy, spark: SparkSession
) -> None:
    asked: list[Call] = []
    platform.drop("a.csv", at(1))
    platform.run()
    platform.drop("b.csv", at(2))
    with proxy.harming(asked.append):
        anew(platform, spark).run()
    metadata = [call for call in asked if "/metadata/" in call.key]
    assert {call.kind for call in metadata} == {"GET", "PUT"}
    assert len({(call.kind, call.key) for call in metadata}) == len(metadata)
