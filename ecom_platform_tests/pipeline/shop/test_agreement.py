"""The database and the lake as they are: every difference is found, and named by its key."""

from __future__ import annotations

import pytest

from ecom_platform.pipeline.shop.agreement import Comparison, compare
from ecom_platform.pipeline.shop.checksums import sums_by_date
from ecom_platform_tests.pipeline.shop.databases import SameDatabase
from ecom_platform_tests.shop_in_small import LOAD, SmallShop


@pytest.fixture
def database(shop: SmallShop) -> SameDatabase:
    shop.drop("brands", LOAD, "1,a", "2,b", "3,c")
    shop.run()
    return SameDatabase(shop)


def brands(database: SameDatabase) -> Comparison:
    return compare(database.shop.platform.lake, database, "brands")


def test_what_is_alike_agrees(database: SameDatabase) -> None:
    assert database.sums_by_date("brands") == sums_by_date(database.shop.platform.lake, "brands")
    found = brands(database)
    assert (found.in_shop, found.in_lake, found.dates, found.differing) == (3, 3, 1, {})


def test_every_kind_of_difference_is_named_by_its_key(database: SameDatabase) -> None:
    database.instead = {"1": 17, "2": None, "4": 18}
    assert brands(database).faults("all") == [
        "1: other values",
        "2: only in the lake",
        "4: only in the shop",
    ]
