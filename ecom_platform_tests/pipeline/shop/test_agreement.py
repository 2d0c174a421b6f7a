"""The database and the lake: differences are found, and those on their way are left alone."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from ecom_platform.pipeline.shop.agreement import (
    MOST_ON_THEIR_WAY,
    Comparison,
    compare,
    judge_agreement,
)
from ecom_platform.pipeline.shop.checksums import checksums_by_key, sums_by_date
from ecom_platform_tests.shop_in_small import LOAD, SmallShop


@dataclass
class Database:
    """A database that holds what the lake does, but for some rows."""

    shop: SmallShop
    instead: dict[str, int | None] = field(default_factory=dict)

    def sums_by_date(self, table: str) -> dict[str, tuple[int, int]]:
        rows = self.checksums_by_key(table, "all")
        return {"all": (len(rows), sum(rows.values()))} if rows else {}

    def checksums_by_key(self, table: str, date: str) -> dict[str, int]:
        rows = checksums_by_key(self.shop.platform.lake, table, date)
        changed = {**rows, **self.instead}
        return {key: value for key, value in changed.items() if value is not None}


@pytest.fixture
def database(shop: SmallShop) -> Database:
    shop.drop("brands", LOAD, "1,a", "2,b", "3,c")
    shop.run()
    return Database(shop)


def brands(database: Database) -> Comparison:
    return compare(database.shop.platform.lake, database, "brands")


def test_what_is_alike_agrees(database: Database) -> None:
    assert database.sums_by_date("brands") == sums_by_date(database.shop.platform.lake, "brands")
    found = brands(database)
    assert (found.in_shop, found.in_lake, found.dates, found.differing) == (3, 3, 1, {})
    finding = judge_agreement(found, None)
    assert (finding.passed, finding.message) == (True, "")
    assert finding.numbers["rows_in_lake"] == 3


def test_every_kind_of_difference_is_named_by_its_key(database: Database) -> None:
    database.instead = {"1": 17, "2": None, "4": 18}
    assert brands(database).faults("all") == [
        "1: other values",
        "2: only in the lake",
        "4: only in the shop",
    ]


def test_a_difference_fails_only_if_the_next_look_finds_it_unchanged(database: Database) -> None:
    database.instead = {"1": 17, "2": 18}
    first = brands(database)
    assert judge_agreement(first, None).passed, "they may be on their way"
    assert judge_agreement(first, []).passed
    assert "2 rows differ; on their way" in judge_agreement(first, None).message
    database.instead = {"1": 17, "2": 19}
    second = judge_agreement(brands(database), list(first.tokens))
    assert not second.passed
    assert second.message == "differ since the last look: all 1"
    assert second.numbers["rows_differing_still"] == 1
    database.instead = {}
    assert judge_agreement(brands(database), list(first.tokens)).passed


def test_more_rows_than_can_be_on_their_way_fail_at_once(database: Database) -> None:
    database.instead = {str(number): number for number in range(9, MOST_ON_THEIR_WAY + 10)}
    finding = judge_agreement(brands(database), None)
    assert not finding.passed
    assert finding.message == "1,001 rows differ, too many to be on their way"
