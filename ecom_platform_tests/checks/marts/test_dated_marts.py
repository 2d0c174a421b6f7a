"""The checks of marts by date fail on bad rows, and where sessions are not counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ecom_platform_tests.checks.bad_dated_mart_rows import MARTS
from ecom_platform_tests.checks.check_pages import MART_NAMES

if TYPE_CHECKING:
    from ecom_platform_tests.checks.conftest import JudgedLake
    from ecom_platform_tests.checks.faults import Fault


@pytest.mark.parametrize("fault", MARTS, ids=str)
def test_a_fault_is_found_by_its_check_and_by_no_other(judged: JudgedLake, fault: Fault) -> None:
    judged.assert_found(fault)


@pytest.mark.parametrize("table", MART_NAMES)
def test_every_check_of_a_mart_protects_its_readers(judged: JudgedLake, table: str) -> None:
    assert all(finding.blocking for finding in judged.findings(table).values())
