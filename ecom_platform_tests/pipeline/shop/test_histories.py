"""Rows of the shop as of a moment: later changes are left out, whatever order they came in."""

from __future__ import annotations

import datetime as dt

import pytest

from ecom_platform.contracts.oltp import RAW_OLTP
from ecom_platform.pipeline.shop.checksums import ask_rows
from ecom_platform.pipeline.shop.histories import UNSURE, histories, key_digest, newest_commit
from ecom_platform_tests.samples import utc
from ecom_platform_tests.shop_in_small import LOAD, SmallShop

EARLY, LATE = "20200415-100000000.csv", "20200415-110000000.csv"
FIRST, SECOND = "0" * 34 + "1", "0" * 34 + "2"
AT_TEN, AT_ELEVEN = "2020-04-15 10:00:00.000000", "2020-04-15 11:00:00.000000"


def states(shop: SmallShop, number: int, moment: dt.datetime) -> set[str | None]:
    """The names that a brand may have had; None if there may have been no such brand."""
    lake, digest = shop.platform.lake, key_digest("salt", str(number))
    query = "SELECT brand_name, {checksum} FROM {table} WHERE brand_id = ? AND op <> 'D'"
    sums = dict(ask_rows(lake, "brands", RAW_OLTP, query, [number]))
    found = histories(lake, "brands", "salt", [digest], moment)
    if digest not in found:
        return {None}
    assert found[digest].key == str(number)
    named = {None: None, **sums}.items()
    return {name for name, checksum in named if found[digest].may_have_been("all", checksum)}


@pytest.fixture
def changed(shop: SmallShop) -> SmallShop:
    """Brands with changes at ten and at eleven; the later file came first."""
    shop.drop(
        "brands", LOAD, "I,2020-04-15 09:00:00.000000,1,a", "I,2020-04-15 09:00:00.000000,2,b"
    )
    shop.drop("brands", LATE, f"U,{AT_ELEVEN},1,late", f"I,{AT_ELEVEN},3,new")
    shop.run()
    shop.drop("brands", EARLY, f"U,{AT_TEN},1,early", f"D,{AT_TEN},2,NULL")
    shop.run()
    return shop


def test_changes_after_the_moment_are_left_out(changed: SmallShop) -> None:
    moments = [utc(f"2020-04-15 {time}") for time in ("09:30", "10:30", "11:30")]
    assert [states(changed, 1, moment) for moment in moments] == [{"a"}, {"early"}, {"late"}]
    assert [states(changed, 2, moment) for moment in moments] == [{"b"}, {None}, {None}]
    assert [states(changed, 3, moment) for moment in moments] == [{None}, {None}, {"new"}]
    assert states(changed, 9, moments[0]) == {None}, "the lake has never seen it"


def test_a_change_at_about_the_moment_may_lie_on_either_side(changed: SmallShop) -> None:
    for seconds in (-59, 0, 59):
        moment = utc(AT_TEN) + dt.timedelta(seconds=seconds)
        assert states(changed, 1, moment) == {"a", "early"}
        assert states(changed, 2, moment) == {"b", None}
    assert states(changed, 1, utc(AT_TEN) + UNSURE) == {"early"}


def test_files_that_do_not_tell_when_were_written_within_an_hour(shop: SmallShop) -> None:
    shop.drop("brands", LOAD, "1,a")
    shop.drop("brands", LATE, "U,1,late")
    shop.run()
    assert states(shop, 1, utc("2020-04-15 09:59")) == {"a"}
    assert states(shop, 1, utc("2020-04-15 10:30")) == {"a", "late"}
    assert states(shop, 1, utc("2020-04-15 11:02")) == {"late"}


def test_what_was_not_changed_since_is_what_the_folded_table_holds(changed: SmallShop) -> None:
    changed.drop("brands", "20200415-120000000.csv", "U,2020-04-15 12:00:00.000000,3,newer")
    changed.ingest()
    after = utc("2020-04-15 12:30")
    assert states(changed, 3, after) == {"new"}, "read, but not folded"
    assert states(changed, 3, utc("2020-04-15 11:30")) == {"new"}
    changed.fold()
    assert states(changed, 3, after) == {"newer"}


def test_changes_are_followed_in_the_order_in_which_they_are_folded(shop: SmallShop) -> None:
    """Sequences where all changes of a row have one, else commits, files, and places in them."""
    shop.drop("brands", LOAD, f"I,{AT_ELEVEN},5,of an older load")
    shop.drop("brands", "20200415-091000000.csv", f"U,{AT_ELEVEN},4,of an older load,{SECOND}")
    shop.run()
    loaded = [f"I,2020-04-15 09:30:00.000000,{number},loaded" for number in (1, 2, 3, 4)]
    shop.drop("brands", LOAD, *loaded, written_at=utc("2020-04-15 09:30"))
    shop.drop("brands", LATE, f"U,{AT_TEN},1,by sequence,{SECOND}", f"U,{AT_TEN},2,b,{SECOND}")
    shop.drop(
        "brands",
        EARLY,
        f"U,{AT_ELEVEN},1,a,{FIRST}",
        f"U,{AT_ELEVEN},4,a,{FIRST}",
        f"U,{AT_ELEVEN},4,by its place,{FIRST}",
    )
    shop.drop(
        "brands", "20200415-103000000.csv", f"U,{AT_ELEVEN},2,by commit", f"D,{AT_TEN},3,NULL"
    )
    shop.run()
    now = {row["brand_id"]: row["brand_name"] for row in shop.current("brands")}
    assert now == {1: "by sequence", 2: "by commit", 4: "by its place"}
    next_day = "2020-04-16 12:00:00.000000"
    changes = [f"U,{next_day},{number},later,{'9' * 35}" for number in range(1, 6)]
    shop.drop("brands", "20200416-120000000.csv", *changes)
    shop.run()
    midnight = utc("2020-04-16 00:00")
    assert {n: states(shop, n, midnight) for n in range(1, 6)} == {
        n: {now.get(n)} for n in range(1, 6)
    }


def test_the_newest_commit_is_that_of_any_table(changed: SmallShop) -> None:
    assert newest_commit(changed.platform.lake) == utc(AT_ELEVEN)
    changed.drop("categories", "20200415-123000000.csv", "I,5,electronics,NULL")
    changed.run()
    assert newest_commit(changed.platform.lake) == utc("2020-04-15 12:30")


def test_an_empty_lake_has_no_log(shop: SmallShop) -> None:
    assert newest_commit(shop.platform.lake).year == 1970
