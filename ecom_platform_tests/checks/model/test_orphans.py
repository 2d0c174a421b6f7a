"""Orphans are found up to the dimension's as-of date, and not looked for after it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from ecom_platform.checks.model.orphans import ORPHAN_CHECKS, judge_orphans
from ecom_platform.pipeline.stored import StoredTables
from ecom_platform_tests.checks.bad_rows import WARNINGS
from ecom_platform_tests.checks.tampering import published_instead
from ecom_platform_tests.dimensions_in_small import run_all
from ecom_platform_tests.samples import DAY, at

if TYPE_CHECKING:
    from ecom_platform.lake.audit import Finding
    from ecom_platform_tests.checks.conftest import JudgedLake
    from ecom_platform_tests.checks.faults import Fault
    from ecom_platform_tests.platform_in_small import SmallPlatform

NEXT_DAY = DAY + dt.timedelta(days=1)
FAULTS = [fault for fault in WARNINGS if fault.check in ORPHAN_CHECKS]


def orphans(platform: SmallPlatform, date: dt.date = DAY) -> dict[str, Finding]:
    found = judge_orphans(StoredTables(platform.work, [DAY, NEXT_DAY]), date)
    return {finding.check: finding for finding in found}


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_key_that_a_dimension_lacks_is_found(judged: JudgedLake, fault: Fault) -> None:
    judged.assert_found(fault)


@pytest.mark.parametrize(
    ("dimension", "check"),
    [("dim_users", "no_orphan_users"), ("dim_products", "no_orphan_products")],
)
def test_a_row_that_a_dimension_lost_leaves_orphans_on_all_its_dates(
    judged: JudgedLake, dimension: str, check: str
) -> None:
    with published_instead(judged.lake, dimension, lambda rows: rows[1:]):
        found = judged.findings("fact_user_events")
    assert {name for name, finding in found.items() if not finding.passed} == {check}
    assert found[check].numbers["orphans"] == 1


def test_without_a_dimension_nothing_is_judged(platform: SmallPlatform) -> None:
    platform.drop("a.csv", at(1))
    platform.run()
    for finding in orphans(platform).values():
        assert (finding.passed, finding.numbers) == (True, {"judged": 0})
        assert finding.message == "no dimension yet: not judged"


def test_only_dates_up_to_the_as_of_date_are_judged(platform: SmallPlatform) -> None:
    platform.drop("a.csv", at(1))
    run_all(platform)
    platform.drop("b.csv", {**at(1, day=NEXT_DAY), "user_id": 7})
    platform.drop("c.csv", {**at(2), "user_id": 8}, {**at(3), "user_id": 8})
    platform.run()
    newer = orphans(platform, NEXT_DAY)["no_orphan_users"]
    assert (newer.passed, newer.numbers) == (True, {"judged": 0})
    assert newer.message == f"the dimension is as of {DAY}: not judged"
    # A late event of a new user: an orphan until the dimension is rebuilt.
    late = orphans(platform)["no_orphan_users"]
    assert not late.passed
    assert late.numbers == {"keys": 2, "orphans": 1, "judged": 1}
    assert late.message == "1 of 2 user_ids are not in dim_users"
    run_all(platform)
    for date in (DAY, NEXT_DAY):
        assert all(f.passed and f.numbers["judged"] for f in orphans(platform, date).values())
