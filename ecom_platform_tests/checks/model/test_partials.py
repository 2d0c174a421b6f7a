"""The checks of the partials fail on bad rows, and where rows of their source are not counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ecom_platform_tests.checks.bad_rows import PARTIALS
from ecom_platform_tests.checks.check_pages import PARTIAL_NAMES
from ecom_platform_tests.checks.faults import Fault, first, lose_a_row
from ecom_platform_tests.checks.tampering import published_instead
from ecom_platform_tests.samples import DAY

if TYPE_CHECKING:
    from ecom_platform_tests.checks.conftest import JudgedLake


@pytest.mark.parametrize("fault", PARTIALS, ids=str)
def test_a_fault_is_found_by_its_check_and_by_no_other(judged: JudgedLake, fault: Fault) -> None:
    judged.assert_found(fault)


@pytest.mark.parametrize("table", PARTIAL_NAMES)
def test_every_check_of_a_partial_protects_its_readers(judged: JudgedLake, table: str) -> None:
    assert all(finding.blocking for finding in judged.findings(table).values())


def failing(judged: JudgedLake) -> set[str]:
    """The partials that do not reconcile."""
    found = {table: judged.findings(table)["row_count_reconciles"] for table in PARTIAL_NAMES}
    return {table for table, finding in found.items() if not finding.passed}


def test_a_partial_is_held_against_the_rows_that_its_source_has_now(judged: JudgedLake) -> None:
    assert failing(judged) == set()
    with published_instead(judged.lake, "fact_user_events", lose_a_row, DAY):
        by_events = {"session_days", "user_taste_days", "product_days"}
        assert failing(judged) - {"product_buyer_days"} == by_events

    def without_purchases(rows):
        return [{**row, "event_type": "view"} for row in rows]

    with published_instead(judged.lake, "fact_user_events", without_purchases, DAY):
        assert failing(judged) == {"product_buyer_days"}
    with published_instead(judged.lake, "clean_events", first(product_id=999_999), DAY):
        assert failing(judged) == {"product_version_days"}
