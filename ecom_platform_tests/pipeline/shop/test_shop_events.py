"""Events of the shop's tables are events like those of files: once in the fact, with a fate."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from ecom_platform.contracts.raw import SHOP_OBJECTS
from ecom_platform.lake.audit import AuditFailed
from ecom_platform.pipeline.shop import events as step
from ecom_platform.pipeline.shop.events import waiting_events
from ecom_platform_tests.dimensions_in_small import rebuild_dimension, rebuild_partials
from ecom_platform_tests.ledger_in_small import accounts, rebuild_ledger
from ecom_platform_tests.samples import utc
from ecom_platform_tests.shop_in_small import LOAD, SmallShop

if TYPE_CHECKING:
    from ecom_platform_tests.platform_in_small import SmallPlatform

DAY, NEXT = dt.date(2020, 4, 15), dt.date(2020, 4, 16)
SESSION, OTHER = "db62839d-67f7-40c2-806a-41e3a858efa7", "1a4e04ba-612b-4d6f-bf85-7e7641e466b9"
CATEGORY = 2118786382981189011
CHANGES = tuple(f"20200416-1{number}0000000.csv" for number in range(9))
FIRST, SECOND = f"{SHOP_OBJECTS}{DAY}", f"{SHOP_OBJECTS}{NEXT}"


@pytest.fixture
def open_shop(shop: SmallShop) -> Iterator[SmallShop]:
    """A shop with two events of the 15th and one of the 16th."""
    at = "2020-04-15 09:00:00"
    shop.drop("brands", LOAD, "1,acme", "2,bolt")
    shop.drop("categories", LOAD, "5,electronics,NULL", f"{CATEGORY},audio,5", "6,NULL,NULL")
    shop.drop("products", LOAD, f"7,x,1,{CATEGORY},5.20,3", "8,y,NULL,6,1.00,3")
    shop.drop("users", LOAD, f"9,Ada,ada@example.com,{at}")
    shop.drop("sessions", LOAD, f"{SESSION},9,mobile,email,{at}", f"{OTHER},9,tablet,social,{at}")
    shop.drop(
        "events",
        LOAD,
        f"11,{SESSION},9,7,view,2020-04-15 09:00:00,5.20",
        f"12,{SESSION},9,8,purchase,2020-04-15 10:00:00,1.00",
        f"13,{OTHER},9,7,cart,2020-04-16 11:00:00,5.20",
    )
    shop.feed()
    return shop


def line(event_time: str, product: str, category: str, code: str, brand: str) -> str:
    """A line of a file, of an event of the shop."""
    return f"{event_time} UTC,view,{product},{category},{code},{brand},5.20,9,{SESSION}"


def count(shop: SmallShop) -> dict[Any, dict[str, int]]:
    """What the row ledger says of every object and date."""
    rebuild_ledger(shop.platform)
    return accounts(shop.platform, "source_object", "event_date")


def changed_dates(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> set[dt.date]:
    differing = [row for row in before if row not in after] + [r for r in after if r not in before]
    return {row["event_date"] for row in differing}


def test_the_fact_gets_ids_devices_channels_and_category_paths(open_shop: SmallShop) -> None:
    facts = {row["event_id"]: row for row in open_shop.facts()}
    assert facts.keys() == {11, 12, 13}
    told = ("device_type", "source_channel", "category_name", "brand", "session_id", "user_id")
    assert [facts[11][name] for name in told] == [
        "mobile", "email", "electronics.audio", "acme", SESSION, 9,
    ]  # fmt: skip
    assert [facts[12][name] for name in told[:4]] == ["mobile", "email", "unknown", "unknown"]
    assert facts[13]["device_type"] == "tablet"
    assert facts[13]["event_time"] == utc("2020-04-16 11:00")


def test_nothing_is_read_again_unless_the_tables_changed(open_shop: SmallShop) -> None:
    lake = open_shop.platform.lake
    assert waiting_events(lake) is None
    assert open_shop.feed().outcomes == []
    open_shop.drop("products", CHANGES[0], f"U,7,x,1,{CATEGORY},9.99,0")
    open_shop.run()
    assert waiting_events(lake) is not None, "the price of a product is no event's, yet who knows"
    assert open_shop.feed().outcomes == []
    assert waiting_events(lake) is None


def test_deletes_and_corrections_change_the_fact_of_their_dates_alone(
    open_shop: SmallShop,
) -> None:
    before = open_shop.facts()
    open_shop.drop("events", CHANGES[0], "D,12,NULL,NULL,NULL,NULL,NULL,NULL")
    assert [o.source_object for o in open_shop.feed().outcomes] == [FIRST]
    after = open_shop.facts()
    assert changed_dates(before, after) == {DAY}
    assert [row["event_id"] for row in after] == [11, 13]
    moved = f"U,13,{OTHER},9,7,cart,2020-04-17 11:00:00,5.20"
    open_shop.drop("events", CHANGES[1], moved)
    open_shop.feed()
    corrected = open_shop.facts()
    assert changed_dates(after, corrected) == {NEXT, dt.date(2020, 4, 17)}
    assert [str(row["event_date"]) for row in corrected] == ["2020-04-15", "2020-04-17"]


def test_what_a_session_or_a_product_is_now_is_told_of_all_its_events(
    open_shop: SmallShop,
) -> None:
    before = open_shop.facts()
    open_shop.drop("sessions", CHANGES[0], f"U,{OTHER},9,tablet,paid_search,2020-04-15 09:00:00")
    open_shop.feed()
    after = open_shop.facts()
    assert changed_dates(before, after) == {NEXT}
    assert after[-1]["source_channel"] == "paid_search"
    open_shop.drop("brands", CHANGES[0], "U,1,acme and sons")
    open_shop.feed()
    renamed = {row["event_id"]: row["brand"] for row in open_shop.facts()}
    assert renamed == {11: "acme and sons", 12: "unknown", 13: "acme and sons"}


def test_an_event_that_files_bring_too_is_the_shops_and_the_line_is_its_duplicate(
    open_shop: SmallShop, platform: SmallPlatform
) -> None:
    at = "2020-04-15 09:00:00"
    alike = line(at, "7", str(CATEGORY), "electronics.audio", "acme")
    moved_since = line(at, "7", "77", "electronics.clocks", "acme")
    other = line("2020-04-15 09:00:01", "7", str(CATEGORY), "electronics.audio", "acme")
    key = platform.drop("a.csv", alike, moved_since, other, alike)
    platform.ingest()
    facts = {row["event_id"]: row for row in open_shop.facts()}
    assert len(facts) == 4
    assert facts[11]["device_type"] == "mobile"
    (of_file,) = (row for event, row in facts.items() if event not in {11, 12, 13})
    assert (of_file["device_type"], of_file["source_channel"]) == ("unknown", "unknown")
    ledger = count(open_shop)
    told = {"line": 4, "raw": 4, "clean": 1, "duplicate": 3}
    assert ledger[key, DAY] == {**told, "fact": 1}
    told = {"line": 2, "raw": 2, "clean": 2, "fact": 2}
    assert ledger[FIRST, DAY] == told


def test_whoever_comes_first_an_event_of_both_is_the_shops(
    shop: SmallShop, platform: SmallPlatform
) -> None:
    platform.drop("a.csv", line("2020-04-15 09:00:00", "7", "5", "electronics", "acme"))
    platform.ingest()
    (alone,) = shop.facts()
    shop.drop("brands", LOAD, "1,acme")
    shop.drop("categories", LOAD, "5,electronics,NULL")
    shop.drop("products", LOAD, "7,x,1,5,5.20,3")
    shop.drop("sessions", LOAD, f"{SESSION},9,mobile,email,2020-04-15 09:00:00")
    shop.drop("events", LOAD, f"1,{SESSION},9,7,view,2020-04-15 09:00:00,5.20")
    shop.feed()
    (both,) = shop.facts()
    assert both == {**alone, "event_id": 1, "device_type": "mobile", "source_channel": "email"}
    shop.drop("events", CHANGES[0], "D,1,NULL,NULL,NULL,NULL,NULL,NULL")
    shop.feed()
    assert shop.facts() == [alone], "deleted in the shop, it is what the file says again"


def test_events_that_are_none_are_rejected_with_the_reason_and_come_back(
    open_shop: SmallShop,
) -> None:
    open_shop.drop(
        "events",
        CHANGES[0],
        f"I,21,{SESSION},9,70,view,2020-04-15 12:00:00,5.20",
        f"I,22,{SESSION},9,7,view,2019-01-01 12:00:00,5.20",
        f"I,23,{SESSION},9,7,view,2999-01-01 12:00:00,5.20",
        "I,24,NULL,9,7,view,2020-04-15 13:00:00,5.20",
    )
    open_shop.feed()
    assert [row["event_id"] for row in open_shop.facts()] == [11, 12, 13]
    rejected = {row["detail"]: row for row in open_shop.rows("rejected_events")}
    assert rejected["product 70 is not among the shop's products"]["reason"] == "bad_category_id"
    assert (
        "2019-01-01 12:00:00 UTC,view,7,"
        in rejected["event_date is before the start date 2019-10-01"]["line"]
    )
    ledger = count(open_shop)
    of_date = ledger[FIRST, DAY]
    assert (of_date["malformed_bad_category_id"], of_date["clean"]) == (1, 2)
    assert of_date["rejected_null_user_session"] == 1
    for date in ("2019-01-01", "2999-01-01"):
        undated = {"line": 1, "malformed": 1, "malformed_date_out_of_range": 1}
        assert ledger[f"{SHOP_OBJECTS}{date}", None] == undated
    open_shop.drop("products", CHANGES[1], f"I,70,z,2,{CATEGORY},5.20,1")
    open_shop.feed()
    assert {row["event_id"] for row in open_shop.facts()} == {11, 12, 13, 21}


def test_rows_that_get_lost_are_refused_and_nothing_of_the_shop_is_published(
    open_shop: SmallShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = open_shop.rows("raw_events")
    open_shop.drop("events", CHANGES[0], "D,12,NULL,NULL,NULL,NULL,NULL,NULL")
    good = step.raw_events
    with monkeypatch.context() as defect:
        defect.setattr(step, "raw_events", lambda placed: good(placed).where("1 = 0"))
        with pytest.raises(AuditFailed, match="events of 2020-04-15 against 0 raw_events"):
            open_shop.feed()
    assert open_shop.rows("raw_events") == before
    open_shop.feed()
    assert len(open_shop.rows("raw_events")) == 2


def test_dates_are_written_anew_when_asked_for(open_shop: SmallShop) -> None:
    assert [o.source_object for o in open_shop.feed(NEXT).outcomes] == [SECOND]
    assert len(open_shop.rows("raw_events")) == 3


def test_dimensions_have_profile_and_catalogue_and_take_changes_in_once_a_day(
    open_shop: SmallShop, platform: SmallPlatform
) -> None:
    open_shop.facts()
    rebuild_partials(platform)
    today = dt.datetime.now(tz=dt.UTC)
    for name in ("dim_users", "dim_products"):
        assert rebuild_dimension(platform, name, today)
    (user,) = open_shop.rows("dim_users")
    assert len(user["name"]) == len(user["email"]) == 64, "a hash, not Ada"
    assert user["created_at"] == utc("2020-04-15 09:00")
    told = ("name", "stock", "category_code", "category_level_2")
    assert [open_shop.rows("dim_products")[0][name] for name in told] == [
        "x", 3, "electronics.audio", "audio",
    ]  # fmt: skip
    open_shop.drop("products", CHANGES[0], f"U,7,x,1,{CATEGORY},5.20,2")
    open_shop.run()
    assert rebuild_dimension(platform, "dim_products", today) is None
    assert rebuild_dimension(platform, "dim_products", today + dt.timedelta(days=1))
    assert open_shop.rows("dim_products")[0]["stock"] == 2
    assert rebuild_dimension(platform, "dim_products", today + dt.timedelta(days=1)) is None
