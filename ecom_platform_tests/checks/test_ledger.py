"""The checks of the row ledger: red on bad rows of it, and of every table that it counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ecom_platform_tests.checks.bad_rows import LEDGER
from ecom_platform_tests.checks.conftest import DAYS
from ecom_platform_tests.checks.faults import Fault, first, lose_a_row
from ecom_platform_tests.checks.tampering import file_overwritten, published_instead, reshaped
from ecom_platform_tests.samples import DAY

if TYPE_CHECKING:
    from ecom_platform_tests.checks.conftest import JudgedLake

TABLE = "row_ledger"
KEYS = [day.isoformat() for day in DAYS]


@pytest.mark.parametrize("fault", LEDGER, ids=str)
def test_a_fault_is_found_by_its_check_and_by_no_other(judged: JudgedLake, fault: Fault) -> None:
    judged.assert_found(fault)


def test_a_difference_is_told_with_object_hour_and_numbers(judged: JudgedLake) -> None:
    with published_instead(judged.lake, TABLE, first(line_count=99, raw_count=99), DAY):
        found = judged.findings(TABLE)["ledger_agrees_with_tables"]
    key = f"events/{DAY}.csv"
    assert f"{key} hour 0: line_count 99, stored 3, raw_count 99, stored 3" in found.message


def test_the_run_that_published_good_dates_shows_all_of_them_green(judged: JudgedLake) -> None:
    expected = {check: dict.fromkeys(KEYS, "SUCCEEDED") for check in judged.pages.names(TABLE)}
    assert judged.as_built[TABLE] == expected
    found = judged.findings(TABLE)
    assert all(finding.blocking for finding in found.values())
    numbers = found["raw_rows_reconcile"].numbers
    assert (numbers["raw_count"], numbers["clean_count"]) == (90, 90)


def test_in_a_range_only_the_bad_date_is_red(judged: JudgedLake) -> None:
    pages = judged.pages
    with (
        published_instead(judged.lake, "clean_events", lose_a_row, DAY),
        file_overwritten(judged.lake, TABLE, reshaped, DAYS[1]),
    ):
        assert not pages.run_checks([TABLE], DAYS[0], DAYS[-1]).success
        states = pages.states(TABLE)
        red = pages.shown(TABLE, "raw_rows_reconcile", DAY)
        assert not pages.run_checks([TABLE], DAY).success
        assert pages.shown(TABLE, "raw_rows_reconcile", DAY) == red
    good = dict.fromkeys(KEYS, "SUCCEEDED")
    unread = {KEYS[1]: "EXECUTION_FAILED"}
    for check in ("raw_rows_reconcile", "clean_rows_reconcile", "ledger_agrees_with_tables"):
        assert states[check] == good | unread | {str(DAY): "FAILED"}, check
    assert states["lines_reconcile"] == good | unread
    assert states["schema_conforms"] == good | {KEYS[1]: "FAILED"}
    assert (red.state, red.is_current, red.severity) == ("FAILED", True, "ERROR")
    assert f"events/{DAY}.csv {DAY}: 90 raw rows against 89 clean" in red.message
    assert pages.run_checks([TABLE], DAYS[0], DAYS[-1]).success
