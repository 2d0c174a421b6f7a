"""The checks of the profile fail on bad rows, and where rows that arrived are not counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ecom_platform_tests.checks.bad_rows import PROFILES
from ecom_platform_tests.checks.conftest import WARNING_CHECKS
from ecom_platform_tests.checks.faults import Fault, lose_a_row
from ecom_platform_tests.checks.tampering import published_instead
from ecom_platform_tests.samples import DAY

if TYPE_CHECKING:
    from ecom_platform_tests.checks.conftest import JudgedLake


@pytest.mark.parametrize("fault", PROFILES, ids=str)
def test_a_fault_is_found_by_its_check_and_by_no_other(judged: JudgedLake, fault: Fault) -> None:
    judged.assert_found(fault)


def test_every_check_but_the_comparison_of_duplicates_protects_readers(
    judged: JudgedLake,
) -> None:
    for table in ("value_days", "eda_profile", "eda_profile_lake"):
        for check, finding in judged.findings(table).items():
            assert finding.blocking == (check not in WARNING_CHECKS), (table, check)


def test_counted_values_are_held_against_the_rows_that_arrived(judged: JudgedLake) -> None:
    with published_instead(judged.lake, "raw_events", lose_a_row, DAY):
        dated = judged.findings("value_days")["row_count_reconciles"]
        whole = judged.findings("eda_profile_lake")["row_count_reconciles"]
    assert (dated.passed, dated.numbers["difference"]) == (False, -10)
    assert (whole.passed, whole.numbers["difference"]) == (False, -3)


def test_duplicates_of_other_rows_are_not_compared(judged: JudgedLake) -> None:
    def of_more_rows(rows):
        return [{**row, "counted": 91} if row["statistic"] == "row_count" else row for row in rows]

    with published_instead(judged.lake, "eda_profile", of_more_rows, DAY):
        finding = judged.findings("eda_profile")["duplicates_agree"]
    assert finding.passed
    assert finding.numbers["judged"] == 0
    assert "not judged" in finding.message
