"""What DMS delivers becomes the shop's tables: once, in any order, every row with a fate."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from ecom_platform.contracts.oltp import SHOP_TABLES, raw_name
from ecom_platform.lake.audit import AuditFailed
from ecom_platform.lake.lake import Lake
from ecom_platform.pipeline.shop import fold
from ecom_platform.pipeline.shop.ingest import find_changes
from ecom_platform_tests.samples import utc
from ecom_platform_tests.shop_in_small import LOAD, SmallShop

if TYPE_CHECKING:
    from ecom_platform.lake.dms_objects import DmsRecords

DAY = "2020-04-15 09:00:00"
FIRST, SECOND, THIRD = (f"20200415-1{hour}0000000.csv" for hour in (0, 1, 2))


def names(shop: SmallShop) -> dict[int, str]:
    return {row["brand_id"]: row["brand_name"] for row in shop.current("brands")}


def test_a_load_and_its_changes_become_every_table_and_every_row_has_a_fate(
    shop: SmallShop,
) -> None:
    shop.drop_all()
    report = shop.run()
    assert len(report.outcomes) == 8
    assert {table: len(shop.current(table)) for table in SHOP_TABLES} == {
        "brands": 1,
        "categories": 2,
        "products": 1,
        "users": 1,
        "sessions": 1,
        "events": 0,
    }
    assert shop.current("products")[0]["price"] == Decimal("4.00")
    assert shop.fates() == {
        "brands/LOAD00000001.csv": (1, 0, 0),
        "categories/LOAD00000001.csv": (2, 0, 0),
        "products/LOAD00000001.csv": (0, 1, 0),
        f"products/{FIRST}": (1, 0, 0),
        "users/LOAD00000001.csv": (1, 0, 0),
        "sessions/LOAD00000001.csv": (1, 0, 0),
        "events/LOAD00000001.csv": (0, 1, 0),
        f"events/{FIRST}": (0, 0, 1),
    }
    assert find_changes(shop.platform.lake, shop.platform.store) == []
    assert shop.run().outcomes == []
    assert shop.fold() == [], "nothing changed, nothing is folded"


def test_files_that_come_late_or_twice_change_nothing_of_the_end(shop: SmallShop) -> None:
    shop.drop("brands", SECOND, "U,1,third", "D,2,NULL", "I,3,new")
    shop.run()
    assert names(shop) == {1: "third", 3: "new"}
    shop.drop("brands", LOAD, "1,first", "2,gone", "4,stays")
    shop.run()
    assert names(shop) == {1: "third", 3: "new", 4: "stays"}
    shop.drop("brands", FIRST, "U,1,second", "U,3,never")
    shop.drop("brands", THIRD, "U,1,third", "D,2,NULL", "I,3,new")
    shop.run()
    assert names(shop) == {1: "third", 3: "new", 4: "stays"}
    assert shop.fates()[f"brands/{SECOND}"] == (0, 3, 0)
    assert shop.fates()[f"brands/{THIRD}"] == (2, 0, 1)


def test_a_file_that_is_written_again_alike_is_only_recorded_again(shop: SmallShop) -> None:
    key = shop.drop("brands", LOAD, "1,a")
    shop.run()
    later = utc("2020-04-15 12:00")
    shop.drop("brands", LOAD, "1,a", written_at=later)
    assert shop.run().outcomes == []
    assert shop.platform.lake.dms_objects.current()[key].modified_at == later
    assert find_changes(shop.platform.lake, shop.platform.store) == []


def test_a_new_version_of_a_file_replaces_its_rows(shop: SmallShop) -> None:
    shop.drop("brands", FIRST, "I,1,a", "I,2,b")
    shop.run()
    shop.drop("brands", FIRST, "I,1,c", written_at=utc("2020-04-15 11:00"))
    shop.run()
    assert names(shop) == {1: "c"}
    assert len(shop.rows(raw_name("brands"))) == 1


def test_a_new_full_load_replaces_all_that_was_before(shop: SmallShop) -> None:
    shop.drop("brands", LOAD, "1,a", "2,b")
    shop.drop("brands", FIRST, "U,1,c", "I,3,d")
    shop.run()
    assert names(shop) == {1: "c", 2: "b", 3: "d"}
    # What happened between the two is in no file: 3 was deleted, 2 renamed.
    shop.drop("brands", LOAD, "1,c", "2,e", written_at=utc("2020-04-15 10:30"))
    shop.drop("brands", SECOND, "U,1,f")
    shop.run()
    assert names(shop) == {1: "f", 2: "e"}
    assert shop.fates()[f"brands/{FIRST}"] == (0, 2, 0)


def test_a_load_that_tells_its_time_needs_no_memory_of_older_ones(shop: SmallShop) -> None:
    """The platform never saw the first load, only a file of changes that followed it."""
    shop.drop("brands", FIRST, "U,2020-04-15 09:59:59.000000,1,old")
    shop.drop("brands", LOAD, "2020-04-15 10:30:00.000000,1,new")
    shop.drop("brands", SECOND, "I,2020-04-15 10:59:59.000000,2,b")
    shop.run()
    assert names(shop) == {1: "new", 2: "b"}


def test_an_object_that_is_refused_is_named_once_and_holds_up_no_other(shop: SmallShop) -> None:
    shop.drop("brands", LOAD, "1,a")
    shop.drop("brands", FIRST, "U,1")
    shop.drop("orders", LOAD, "1,a")
    report = shop.run()
    assert {o.source_object: o.reason for o in report.refused} == {
        f"dms/shop/brands/{FIRST}": "unknown_layout",
        f"dms/shop/orders/{LOAD}": "unknown_table",
    }
    assert names(shop) == {1: "a"}
    assert shop.run().outcomes == []
    shop.drop("brands", FIRST, "U,1,b", written_at=utc("2020-04-15 11:00"))
    assert [outcome.status for outcome in shop.run().outcomes] == ["ingested"]
    assert names(shop) == {1: "b"}


def test_a_column_that_is_added_between_files_passes_and_is_kept(shop: SmallShop) -> None:
    shop.drop("brands", LOAD, "brand_id,brand_name", "1,a", "2,b")
    changes = "Op,brand_id,brand_name,country", "U,1,c,de", "U,2,d,NULL"
    key = shop.drop("brands", FIRST, *changes)
    shop.run()
    assert names(shop) == {1: "c", 2: "d"}
    assert shop.platform.lake.dms_objects.current()[key].additional_columns == "country"
    kept = {row["brand_name"]: row["additional"] for row in shop.rows("raw_oltp_brands")}
    assert kept == {"a": None, "b": None, "c": '{"country": "de"}', "d": None}
    shop.drop("users", LOAD, "user_id,name,email,created_at,phone", f"9,A,a@b,{DAY},0170 1")
    shop.run()
    assert "0170" not in repr(shop.rows("raw_oltp_users")), "nobody knows yet whom it names"


def test_names_and_addresses_are_stored_as_hashes_unless_asked_for(shop: SmallShop) -> None:
    shop.drop("users", LOAD, "9,Ada,ada@example.com,2020-04-15 09:00:00")
    shop.run()
    (row,) = shop.current("users")
    assert len(row["name"]) == len(row["email"]) == 64
    assert "Ada" not in repr(shop.rows("raw_oltp_users"))
    unkeyed = hashlib.sha256(b"Ada").hexdigest()
    assert row["name"] != unkeyed, "not even without a key a plain hash, of which tables exist"
    plain = shop.platform.lake.settings.model_copy(update={"plain_profiles": True})
    shop.platform.lake = Lake(plain)
    shop.drop("users", FIRST, "I,8,Ben,ben@example.com,2020-04-15 09:00:00")
    shop.ingest()
    assert "Ben" in {row["name"] for row in shop.rows("raw_oltp_users")}


def test_killed_before_it_is_on_record_an_object_is_read_again_and_is_there_once(
    shop: SmallShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(*_: object) -> None:
        raise Killed

    shop.drop("brands", LOAD, "1,a")
    with monkeypatch.context() as life:
        life.setattr("ecom_platform.lake.dms_objects.DmsRecords.record", die)
        with pytest.raises(Killed):
            shop.ingest()
    assert len(shop.rows(raw_name("brands"))) == 1
    records: DmsRecords = shop.platform.lake.dms_objects
    assert records.current() == {}
    shop.run()
    assert len(shop.rows(raw_name("brands"))) == 1
    assert names(shop) == {1: "a"}


def test_rows_that_are_lost_in_folding_are_refused_and_the_last_version_stays(
    shop: SmallShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.drop("brands", LOAD, "1,a", "2,b")
    shop.run()
    shop.drop("brands", FIRST, "U,1,c")
    shop.ingest()
    original = fold.fold_changes
    with monkeypatch.context() as defect:
        defect.setattr(fold, "fold_changes", lambda *args: original(*args).where("brand_id > 1"))
        with pytest.raises(AuditFailed, match="row_count_reconciles"):
            shop.fold("brands")
    assert names(shop) == {1: "a", 2: "b"}
    assert shop.fold("brands") == ["brands"]
    assert names(shop) == {1: "c", 2: "b"}
