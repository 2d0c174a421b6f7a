"""Folding only the keys that have new changes gives what folding everything gives."""

from __future__ import annotations

import random
import shutil
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecom_platform.contracts.oltp import CHANGE_LEDGER
from ecom_platform.lake.audit import AuditFailed
from ecom_platform.lake.lake import Lake
from ecom_platform.landing.folder_store import FolderStore
from ecom_platform.pipeline.shop import fold, increment
from ecom_platform.pipeline.shop.fold import changes_of, find_stale_table, rebuild_table
from ecom_platform.pipeline.slice_build import Workplace
from ecom_platform.transforms.oltp.fold import count_fates, fold_changes
from ecom_platform_tests.checks.conftest import settings_of
from ecom_platform_tests.checks.faults import first
from ecom_platform_tests.checks.tampering import published_instead
from ecom_platform_tests.platform_in_small import Drop, SmallPlatform
from ecom_platform_tests.samples import collect, utc
from ecom_platform_tests.shop_in_small import LOAD, SmallShop

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

EARLY, LATE, LATER = (f"20200415-1{hour}0000000.csv" for hour in range(3))


@pytest.fixture
def brands(shop: SmallShop, monkeypatch: pytest.MonkeyPatch) -> SmallShop:
    """Twenty brands, folded; any share of new rows is few."""
    monkeypatch.setattr(increment, "SMALLEST_SHARE", 1)
    shop.drop("brands", LOAD, *(f"{number},a" for number in range(20)))
    shop.drop("brands", LATE, "U,1,late", "D,2,NULL")
    shop.run()
    return shop


def state(shop: SmallShop) -> tuple[object, object]:
    return shop.current("brands"), shop.rows("change_ledger")


def folded_anew(shop: SmallShop) -> tuple[object, object]:
    """The table and its ledger after everything was folded."""
    stale = find_stale_table(shop.platform.lake, "brands", rebuild=True)
    assert stale
    rebuild_table(shop.platform.work, "brands", stale, rebuild=True)
    return state(shop)


@pytest.fixture
def whole_folds(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tables that were folded from everything."""
    found: list[str] = []
    original = fold._fold_all

    def noted(work: object, changes: fold.ChangesOf) -> object:
        found.append(changes.table)
        return original(work, changes)  # type: ignore[arg-type]  # as it came

    monkeypatch.setattr(fold, "_fold_all", noted)
    return found


def test_early_late_and_repeated_changes_are_folded_as_with_all_others(
    brands: SmallShop, whole_folds: list[str]
) -> None:
    brands.drop("brands", EARLY, "U,1,early", "I,2,early", "U,3,early")
    brands.run()
    names = {row["brand_id"]: row["brand_name"] for row in brands.current("brands")}
    assert (names[1], names.get(2), names[3], names[4]) == ("late", None, "early", "a")
    brands.drop("brands", LATER, "D,3,NULL", "I,30,new", "U,1,late")
    brands.run()
    assert whole_folds == []
    found = state(brands)
    assert folded_anew(brands) == found
    assert whole_folds == ["brands"]


def test_what_is_not_only_new_is_folded_whole(brands: SmallShop, whole_folds: list[str]) -> None:
    brands.drop("brands", LATE, "U,1,other", written_at=utc("2020-04-15 11:30"))
    brands.run()
    assert whole_folds == ["brands"], "an object came in another version"
    brands.drop("brands", LOAD, "1,a", "7,b", written_at=utc("2020-04-15 11:45"))
    brands.run()
    assert whole_folds == ["brands"] * 2, "a new full load"
    assert [row["brand_id"] for row in brands.current("brands")] == [1, 7]


def test_many_new_changes_are_folded_whole(
    brands: SmallShop, whole_folds: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(increment, "SMALLEST_SHARE", 4)
    brands.drop("brands", LATER, *(f"U,{number},b" for number in range(10)))
    brands.run()
    assert whole_folds == ["brands"]


def test_a_table_that_somebody_wrote_or_lost_since_is_folded_whole(
    brands: SmallShop, whole_folds: list[str]
) -> None:
    with published_instead(brands.platform.lake, "oltp_brands", first(brand_name="x")):
        brands.drop("brands", EARLY, "U,5,early")
        brands.run()
        assert whole_folds == ["brands"]
        assert brands.current("brands")[0]["brand_name"] == "a"


def test_a_table_whose_files_are_lost_is_folded_whole(
    brands: SmallShop, whole_folds: list[str]
) -> None:
    for file in brands.platform.lake.table("oltp_brands").files():
        shutil.move(file.path, f"{file.path}.gone")
    brands.drop("brands", EARLY, "U,5,early")
    brands.run()
    assert whole_folds == ["brands"]
    assert len(brands.current("brands")) == 19


def test_rows_that_are_lost_in_an_increment_are_refused_and_the_last_version_stays(
    brands: SmallShop, whole_folds: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = brands.current("brands")
    brands.drop("brands", EARLY, "U,5,early")
    original = increment.keep_others
    with monkeypatch.context() as defect:
        defect.setattr(
            increment, "keep_others", lambda *args: original(*args).where("brand_id <> 7")
        )
        with pytest.raises(AuditFailed, match="row_count_reconciles"):
            brands.run()
    assert brands.current("brands") == before
    brands.run()
    assert len(brands.current("brands")) == len(before)
    assert whole_folds == []


def test_killed_before_the_publication_is_on_record_everything_is_folded(
    brands: SmallShop, whole_folds: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(*_: object) -> None:
        raise Killed

    brands.drop("brands", EARLY, "U,5,early", "I,50,gone")
    with monkeypatch.context() as life:
        life.setattr("ecom_platform.pipeline.shop.fold._write_ledger", die)
        with pytest.raises(Killed):
            brands.run()
    assert whole_folds == []
    # The object that brought 50 comes in another version, which does not know it.
    brands.drop("brands", EARLY, "U,5,other", written_at=utc("2020-04-15 12:00"))
    brands.run()
    assert whole_folds == ["brands"]
    names = {row["brand_id"]: row["brand_name"] for row in brands.current("brands")}
    assert 50 not in names
    assert names[5] == "other"


changes = st.lists(st.tuples(st.sampled_from("IUD"), st.integers(0, 9)), min_size=1, max_size=4)


@settings(
    max_examples=5,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(files=st.lists(changes, min_size=1, max_size=3), chance=st.randoms())
def test_in_whatever_order_files_come_every_run_leaves_what_folding_all_gives(
    tmp_path_factory: pytest.TempPathFactory,
    spark: SparkSession,
    monkeypatch: pytest.MonkeyPatch,
    whole_folds: list[str],
    files: list[list[tuple[str, int]]],
    chance: random.Random,
) -> None:
    monkeypatch.setattr(increment, "SMALLEST_SHARE", 1)
    configured = settings_of(tmp_path_factory.mktemp("shop"))
    lake, drop = Lake(configured), Drop(configured.landing_path)
    work = Workplace(lake, lambda: spark, "run-1")
    shop = SmallShop(SmallPlatform(lake, FolderStore(configured.landing_path), work, drop))
    shop.drop("brands", LOAD, *(f"{number},a" for number in range(12)))
    shop.run()
    del whole_folds[:]
    names = [EARLY, LATE, LATER][: len(files)]
    for name, lines in chance.sample(list(zip(names, files, strict=True)), len(files)):
        texts = [f"{op},{n},{'NULL' if op == 'D' else name[:11] + op}" for op, n in lines]
        shop.drop("brands", name, *texts)
        shop.run()
        judged = changes_of(lake, "brands").judged(work)
        expected = fold_changes(judged, ("brand_id", "brand_name"))
        assert shop.current("brands") == sorted(collect(expected), key=lambda r: str(r["brand_id"]))
        fates = [{**row, "shop_table": "brands"} for row in collect(count_fates(judged))]
        assert sorted(shop.rows("change_ledger"), key=repr) == sorted(
            [{name: row[name] for name in CHANGE_LEDGER.column_names} for row in fates], key=repr
        )
    assert whole_folds == []
