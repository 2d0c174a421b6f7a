"""The lake is judged at a fixed point in the shop's log, though the shop goes on all the time."""

from __future__ import annotations

import datetime as dt

import pytest

from ecom_platform.contracts.oltp import AWAITED_ROWS
from ecom_platform.lake.audit import AuditFailed, Finding
from ecom_platform.pipeline.shop import increment, points
from ecom_platform.pipeline.shop.checksums import checksums_by_key
from ecom_platform.pipeline.shop.points import ARRIVED_AFTER, LONGEST_WAIT, look
from ecom_platform_tests.checks.faults import first
from ecom_platform_tests.checks.tampering import published_instead
from ecom_platform_tests.pipeline.shop.databases import NOON, SameDatabase
from ecom_platform_tests.samples import utc
from ecom_platform_tests.shop_in_small import LOAD, SmallShop

DAY = "2020-04-15"
LATER = NOON + ARRIVED_AFTER


@pytest.fixture
def database(shop: SmallShop) -> SameDatabase:
    """Three brands, in the shop and in the lake; it is noon."""
    shop.drop("brands", LOAD, "1,a", "2,b", "3,c")
    shop.run()
    return SameDatabase(shop)


def arrive(database: SameDatabase, moment: dt.datetime, *changes: str) -> None:
    """Changes `U,1,x` come with the time of their commit, and are folded."""
    name = f"{moment:%Y%m%d-%H%M%S}000.csv"
    lines = [f"{op},{moment:%Y-%m-%d %H:%M:%S.%f},{rest}" for op, rest in map(split, changes)]
    database.shop.drop("brands", name, *lines)
    database.shop.run()


def split(change: str) -> tuple[str, str]:
    op, _, rest = change.partition(",")
    return op, rest


def look_at(database: SameDatabase, moment: dt.datetime | None = None) -> Finding:
    """Look at the brands, at a later point if a moment is given."""
    if moment:
        database.point, database.point_at = f"0/{moment:%H%M%S}", moment
    return look(database.shop.platform.lake, database, "brands")


def awaited(database: SameDatabase) -> int:
    return len(database.shop.rows(AWAITED_ROWS.name))


def test_what_agrees_is_judged_at_once_and_nothing_is_kept(database: SameDatabase) -> None:
    finding = look_at(database)
    assert (finding.passed, finding.numbers["judged"]) == (True, 1)
    assert finding.message == "agrees at 0/1 in the log (2020-04-15 12:00:00 UTC)"
    assert awaited(database) == 0


def test_what_the_shop_changed_after_the_point_is_left_out(database: SameDatabase) -> None:
    """The lake is folded between the view of the shop and the look at the lake."""
    before = checksums_by_key(database.shop.platform.lake, "brands", "all")
    arrive(database, NOON + dt.timedelta(minutes=5), "U,1,x", "D,2,NULL", "I,4,new")
    database.instead = {"1": before["1"], "2": before["2"], "4": None}
    finding = look_at(database)
    assert (finding.passed, finding.numbers["judged"]) == (True, 1)
    assert finding.numbers["rows_differing"] == 3
    database.instead = {"1": 17, "2": before["2"], "4": None}
    assert look_at(database).numbers["judged"] == 0, "none of the states that it had"


def test_what_is_on_its_way_is_judged_at_the_point_though_both_have_gone_on(
    database: SameDatabase,
) -> None:
    arrive(database, NOON - dt.timedelta(minutes=9), "U,1,x")
    in_shop = checksums_by_key(database.shop.platform.lake, "brands", "all")["1"]
    arrive(database, NOON - dt.timedelta(minutes=4), "U,1,y")
    database.instead = {"1": in_shop}
    finding = look_at(database)
    assert (finding.passed, finding.numbers["judged"]) == (True, 0)
    assert finding.message == (
        "not judged yet: the lake has the log up to 2020-04-15 11:56:00 UTC; the point is "
        "0/1 in the log (2020-04-15 12:00:00 UTC); 1 rows differ there"
    )
    assert awaited(database) == 1
    arrive(database, NOON - dt.timedelta(minutes=2), "U,1,x")
    arrive(database, LATER, "U,1,later still")
    database.instead = {"1": 99}
    finding = look_at(database, LATER + dt.timedelta(hours=1))
    assert (finding.passed, finding.numbers["judged"]) == (True, 1)
    assert finding.message.startswith("agrees at 0/1 in the log (2020-04-15 12:00:00 UTC); rows of")
    assert awaited(database) == 1, "the next look judges what differs now"


def test_what_has_not_come_when_the_lake_is_past_the_point_fails_by_its_keys(
    database: SameDatabase,
) -> None:
    database.instead = {"1": 17, "2": None, "4": 18}
    assert look_at(database).passed
    arrive(database, LATER - dt.timedelta(seconds=1), "U,3,x")
    assert look_at(database, NOON + dt.timedelta(hours=1)).numbers["judged"] == 0, "may come still"
    arrive(database, LATER, "U,3,y")
    finding = look_at(database, NOON + dt.timedelta(hours=2))
    assert not finding.passed
    told = "differs at 0/1 in the log (2020-04-15 12:00:00 UTC): all 1; all 2; all 4"
    assert finding.message == told
    assert finding.numbers["rows_missed"] == 3
    database.instead = {}
    assert look_at(database, NOON + dt.timedelta(hours=3)).passed, "mended"
    assert awaited(database) == 0


def test_a_key_that_neither_holds_any_more_is_told_without_its_name(database: SameDatabase) -> None:
    database.instead = {"4": 18}
    look_at(database)
    arrive(database, LATER, "U,3,y")
    database.instead = {"3": 5}
    finding = look_at(database, NOON + dt.timedelta(hours=2))
    assert finding.message.endswith("all of a key that neither holds any more")


def test_a_row_that_was_changed_in_the_lake_alone_is_found(database: SameDatabase) -> None:
    truth = checksums_by_key(database.shop.platform.lake, "brands", "all")
    with published_instead(database.shop.platform.lake, "oltp_brands", first(brand_name="x")):
        database.instead = dict(truth)
        assert look_at(database).numbers["judged"] == 0
        database.shop.drop("categories", "20200415-130000000.csv", "I,5,electronics,NULL")
        database.shop.run()
        finding = look_at(database, NOON + dt.timedelta(hours=2))
    assert finding.message == "differs at 0/1 in the log (2020-04-15 12:00:00 UTC): all 1"
    assert not finding.passed


def test_what_nobody_delivers_is_not_left_unjudged_for_ever(database: SameDatabase) -> None:
    database.instead = {"1": 17}
    look_at(database)
    assert look_at(database, NOON + LONGEST_WAIT).passed
    finding = look_at(database, NOON + LONGEST_WAIT + dt.timedelta(seconds=1))
    assert not finding.passed
    assert finding.message.startswith("not judged since 2020-04-15 12:00:00 UTC: the lake has the")
    assert ": all 1. See whether the replication task runs" in finding.message


def test_a_lake_that_does_not_fold_what_it_read_is_told_so(
    database: SameDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    database.instead = {"1": 17}
    look_at(database)
    original = increment.fold_changes
    with monkeypatch.context() as defect:
        defect.setattr(increment, "fold_changes", lambda *args: original(*args).where("1 = 0"))
        with pytest.raises(AuditFailed):
            arrive(database, LATER, "U,3,y")
    finding = look_at(database, NOON + dt.timedelta(hours=2))
    assert finding.numbers["judged"] == 0
    assert "and oltp_brands is not folded from all of it" in finding.message


def test_after_a_new_full_load_the_next_point_is_judged_and_the_wait_goes_on(
    database: SameDatabase,
) -> None:
    database.instead = {"1": 17}
    look_at(database)
    database.shop.drop("brands", LOAD, "1,a", "2,b", written_at=utc(f"{DAY} 13:00"))
    arrive(database, LATER, "U,2,y")
    finding = look_at(database, utc(f"{DAY} 14:00"))
    assert (finding.passed, finding.numbers["judged"]) == (True, 0)
    assert "the point is 0/140000 in the log" in finding.message
    (kept,) = database.shop.rows(AWAITED_ROWS.name)
    assert kept["awaited_from"] == NOON
    arrive(database, utc(f"{DAY} 15:00"), "U,2,z")
    assert not look_at(database, utc(f"{DAY} 16:00")).passed


def test_no_key_and_no_value_is_kept_and_not_more_rows_than_a_few(
    database: SameDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(points, "MOST_AWAITED", 2)
    database.instead = {"777001": 17, "777002": 18, "777003": 19}
    assert look_at(database).numbers["rows_differing"] == 3
    kept = database.shop.rows(AWAITED_ROWS.name)
    assert len(kept) == 2
    assert "777" not in repr([row["key_digest"] for row in kept])
    assert all(len(row["key_digest"]) == 16 for row in kept)
