"""Every check of the shop's tables fails on rows that break it, and passes on good ones."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import dagster as dg
import pytest

from ecom_platform.checks.shop import SHOP_CONTRACTS, judge_shop_table
from ecom_platform.contracts import TABLES
from ecom_platform.contracts.oltp import CURRENT_OLTP, RAW_OLTP, SHOP_TABLES
from ecom_platform.definitions import build_defs
from ecom_platform.lake.lake import Lake
from ecom_platform.lake.sql import connect
from ecom_platform.landing.folder_store import FolderStore
from ecom_platform.pipeline.shop.points import AGREES
from ecom_platform.pipeline.slice_build import Workplace
from ecom_platform_tests.checks.check_pages import CheckPages
from ecom_platform_tests.checks.conftest import settings_of
from ecom_platform_tests.checks.faults import first, lose_a_row
from ecom_platform_tests.checks.tampering import file_overwritten, published_instead, reshaped
from ecom_platform_tests.platform_in_small import Drop, SmallPlatform
from ecom_platform_tests.shop_in_small import SmallShop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pyspark.sql import SparkSession

    from ecom_platform_tests.checks.tampering import Change
    from ecom_platform_tests.samples import Row

_NAMES = re.compile(r"\bAda\b|Stranger|(ada|eve)@example")
RAW_NAMES = [contract.name for contract in RAW_OLTP.values()]
CURRENT_NAMES = [contract.name for contract in CURRENT_OLTP.values()]
NAMES = [contract.name for contract in SHOP_CONTRACTS]


def twice(rows: list[Row]) -> list[Row]:
    """Every row once more."""
    return [*rows, *rows]


def change_for(table: str, check: str) -> Change:
    """What makes a check fail."""
    contract = TABLES[table]
    required = next(column.name for column in contract if not column.nullable)
    bad: dict[str, Callable[[list[Row]], list[Row]]] = {
        "required_columns_not_null": first(**{required: None}),
        "accepted_values": first(op="X"),
        "values_in_range": first(**{"row_count" if "ledger" in table else "source_row": -1}),
        "row_rules": first(superseded_count=7),
        "primary_key_is_unique": twice,
        "row_count_reconciles": lambda rows: lose_a_row([*rows, *rows[:1]])[1:],
    }
    return bad[check]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, spark: SparkSession) -> SmallShop:
    """A lake with all tables of the shop, and nothing else."""
    settings = settings_of(tmp_path_factory.mktemp("shop"))
    lake, store = Lake(settings), FolderStore(settings.landing_path)
    work = Workplace(lake, lambda: spark, "run-1")
    shop = SmallShop(SmallPlatform(lake, store, work, Drop(settings.landing_path)))
    shop.drop_all()
    shop.drop("events", "20200415-110000000.csv", "I,2,NULL,9,7,view,2020-04-15 10:30:00,5.20")
    return shop


@pytest.fixture(scope="module")
def pages(shop: SmallShop) -> Iterator[CheckPages]:
    """The same lake as Dagster shows it, after its job has run."""
    with dg.DagsterInstance.ephemeral() as instance:
        pages = CheckPages(build_defs(shop.platform.lake.settings), instance)
        assert pages.run("shop_changes_job").success
        yield pages


def verdicts(shop: SmallShop, table: str) -> dict[str, bool]:
    found = judge_shop_table(shop.platform.work, TABLES[table])
    return {finding.check: finding.passed for finding in found}


def test_the_job_builds_every_table_and_shows_all_checks_green(
    shop: SmallShop, pages: CheckPages
) -> None:
    assert {table: len(shop.current(table)) for table in SHOP_TABLES}["events"] == 1
    for table in NAMES:
        shown = {name: one for name, one in pages.of_date(table).items() if name != AGREES}
        assert {one.state for one in shown.values()} == {"SUCCEEDED"}, table
        assert set(shown) == set(verdicts(shop, table))


@pytest.mark.parametrize("table", NAMES)
def test_every_check_fails_on_rows_that_break_it(
    shop: SmallShop, pages: CheckPages, table: str
) -> None:
    checks = set(pages.names(table)) - {AGREES}
    assert checks >= {"schema_conforms", "primary_key_is_unique", "row_count_reconciles"}
    for check in checks - {"schema_conforms"}:
        with published_instead(shop.platform.lake, table, change_for(table, check)):
            assert verdicts(shop, table)[check] is False, check
    with file_overwritten(shop.platform.lake, table, reshaped):
        assert verdicts(shop, table) == {"schema_conforms": False}
    assert all(verdicts(shop, table).values())


def test_a_failed_check_is_shown_red_and_blocks(shop: SmallShop, pages: CheckPages) -> None:
    with published_instead(shop.platform.lake, "oltp_brands", twice):
        pages.run_checks(["oltp_brands"])
        shown = pages.shown("oltp_brands", "primary_key_is_unique")
    assert (shown.state, shown.blocking) == ("FAILED", True)


def test_before_anything_has_arrived_there_is_nothing_to_judge(
    tmp_path_factory: pytest.TempPathFactory, spark: SparkSession
) -> None:
    lake = Lake(settings_of(tmp_path_factory.mktemp("empty")))
    work = Workplace(lake, lambda: spark, "run-1")
    assert [judge_shop_table(work, contract) for contract in SHOP_CONTRACTS] == [[]] * len(NAMES)


def test_nothing_that_names_a_person_is_in_a_table_a_log_or_the_user_interface(
    shop: SmallShop, pages: CheckPages, capfd: pytest.CaptureFixture[str]
) -> None:
    lake = shop.platform.lake
    row = "I,8,Eve Stranger,eve@example.com,2020-04-15 09:00:00"
    shop.drop("users", "20200415-120000000.csv", row, "I,7,Eve Stranger")
    shop.drop("users", "20200415-130000000.csv", f"{row},Strangers Lane")
    header = "Op,user_id,name,email,created_at,street"
    shop.drop("users", "20200415-140000000.csv", header, f"{row},Strangers Lane")
    assert pages.run("shop_changes_job").success
    refused = {o.reason for o in lake.dms_objects.history() if o.status == "refused"}
    assert refused == {"bad_csv", "unknown_layout"}
    assert len(shop.current("users")) == 2
    shown = capfd.readouterr()
    told = [shown.out, shown.err]
    for run in pages.instance.get_runs():
        told += [entry.to_json() for entry in pages.instance.all_logs(run.run_id)]
    with connect(lake) as connection:
        for name in lake.existing_tables():
            told.append(repr(connection.table(name).fetchall()))
    assert "bad_csv" in repr(told), "the refusals are told"
    assert [text for text in told if _NAMES.search(text)] == []
