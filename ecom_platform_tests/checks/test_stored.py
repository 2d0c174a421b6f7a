"""Judging stored dates: what is counted anew, what cannot be read, and which date is which."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from ecom_platform.checks import stored as module
from ecom_platform.contracts.clean import CLEAN_EVENTS
from ecom_platform.contracts.table import Rule
from ecom_platform_tests.checks.check_pages import EVENT_TABLES, WHOLE_NAMES
from ecom_platform_tests.checks.conftest import DAYS, EVALUATORS
from ecom_platform_tests.checks.faults import first
from ecom_platform_tests.checks.tampering import file_overwritten, published_instead, reshaped
from ecom_platform_tests.samples import DAY, utc

if TYPE_CHECKING:
    import pyarrow as pa

    from ecom_platform_tests.checks.conftest import JudgedLake

NOON = utc("2020-04-01 12:00")
ALL_TABLES = (*EVALUATORS, *WHOLE_NAMES)


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tables whose rows are counted from now on."""
    counted: list[str] = []
    measure = module.measure

    def listen(rows, contract):
        counted.append(contract.name)
        return measure(rows, contract)

    monkeypatch.setattr(module, "measure", listen)
    return counted


def date_of(table: str) -> dt.date | None:
    return None if table in WHOLE_NAMES else DAY


def half(rows: pa.Table) -> pa.Table:
    return rows.slice(0, rows.num_rows // 2)


@pytest.mark.parametrize("table", ALL_TABLES)
def test_good_rows_pass_every_check(judged: JudgedLake, table: str) -> None:
    found = judged.findings(table)
    assert sorted(found) == judged.pages.names(table)
    assert all(finding.passed for finding in found.values()), found


# --- What was counted before, and by whom


def test_rows_that_this_very_run_published_are_not_counted_twice(
    judged: JudgedLake, measured: list[str]
) -> None:
    state = judged.lake.publications.published("clean_events", [DAY])[DAY]
    found = judged.findings("clean_events", run_id=state.run_id)
    assert measured == []
    assert found == judged.findings("clean_events")
    assert measured == ["clean_events"]


def test_what_another_run_counted_is_not_believed(
    judged: JudgedLake, measured: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # The rule was laxer when the date was published: the name of its count is the same.
    stricter = Rule("values_in_range", "price_minimum", "price <= 1000")
    rules = [stricter if rule.name == "price_minimum" else rule for rule in CLEAN_EVENTS.rules]
    monkeypatch.setitem(CLEAN_EVENTS.__dict__, "rules", tuple(rules))
    found = judged.findings("clean_events")
    assert found["values_in_range"].numbers["price_minimum"] == 90
    assert not found["values_in_range"].passed


def test_files_that_are_not_those_of_the_audit_are_counted(
    judged: JudgedLake, measured: list[str]
) -> None:
    run_id = judged.lake.publications.published("clean_events", [DAY])[DAY].run_id
    with published_instead(judged.lake, "clean_events", lambda rows: rows[1:], DAY):
        found = judged.findings("clean_events", run_id=run_id)
    assert measured == ["clean_events"]
    assert found["row_count_reconciles"].numbers["clean_events"] == 89


# --- Files that changed on the disk


@pytest.mark.parametrize("table", ALL_TABLES)
def test_of_files_in_another_shape_nothing_else_is_said(judged: JudgedLake, table: str) -> None:
    with file_overwritten(judged.lake, table, reshaped, date_of(table)):
        (finding,) = judged.findings(table).values()
    assert (finding.check, finding.passed, finding.blocking) == ("schema_conforms", False, True)
    assert finding.numbers["faults"] == 2
    assert "surprise is not in the contract" in finding.message


@pytest.mark.parametrize("table", ["clean_events", "dim_users"])
def test_a_file_that_cannot_be_read_is_named(judged: JudgedLake, table: str) -> None:
    with file_overwritten(judged.lake, table, lambda _: None, date_of(table)) as path:
        (missing,) = judged.findings(table).values()
        path.write_bytes(b"no Parquet at all")
        (broken,) = judged.findings(table).values()
    for finding in (missing, broken):
        assert (finding.check, finding.passed) == ("schema_conforms", False)
        assert finding.numbers["unreadable"] == 1
        assert str(path) in finding.message


@pytest.mark.parametrize("table", ALL_TABLES)
def test_rows_that_a_file_lost_are_missed(judged: JudgedLake, table: str) -> None:
    with file_overwritten(judged.lake, table, half, date_of(table)):
        found = judged.findings(table)
    check = {
        "raw_events": "objects_reconcile",
        "row_ledger": "ledger_agrees_with_tables",
    }.get(table, "row_count_reconciles")
    assert not found[check].passed
    warnings = {"minimum_rows", "view_before_cart", "cart_before_purchase"}
    assert {name for name, f in found.items() if not f.passed} - warnings == {check}


# --- Dates without rows


@pytest.mark.parametrize("table", EVENT_TABLES)
def test_a_date_whose_rows_are_all_gone_does_not_reconcile(judged: JudgedLake, table: str) -> None:
    with published_instead(judged.lake, table, lambda _: [], DAY):
        found = judged.findings(table)
    check = "objects_reconcile" if table == "raw_events" else "row_count_reconciles"
    assert not found[check].passed
    assert found["schema_conforms"].numbers == {"files": 0, "faults": 0}


def test_a_date_on_which_nothing_happened_agrees_with_itself(judged: JudgedLake) -> None:
    for table in EVENT_TABLES:
        found = judged.findings(table, DAYS[0] - dt.timedelta(days=1))
        failing = {name for name, finding in found.items() if not finding.passed}
        assert failing == (
            {"minimum_rows", "newest_closed_hour_is_present"} if "fact" in table else set()
        )


def test_a_bad_date_says_nothing_of_its_neighbours(judged: JudgedLake) -> None:
    with published_instead(judged.lake, "clean_events", first(brand=None), DAY):
        before = judged.findings("clean_events", DAYS[-2])
    assert all(finding.passed for finding in before.values())
