"""The checks of clean_events fail on bad rows, and where raw rows have no fate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ecom_platform.checks.clean import UNKNOWN_SHARE, evaluate_clean_events
from ecom_platform.pipeline.slice_build import Workplace
from ecom_platform.pipeline.stored import StoredTables
from ecom_platform_tests.checks.bad_rows import CLEAN, WARNINGS
from ecom_platform_tests.checks.faults import Fault, first
from ecom_platform_tests.checks.tampering import published_instead
from ecom_platform_tests.samples import DAY, at, utc

if TYPE_CHECKING:
    from ecom_platform.lake.audit import Finding
    from ecom_platform_tests.checks.conftest import JudgedLake
    from ecom_platform_tests.platform_in_small import SmallPlatform

FAULTS = [fault for fault in (*CLEAN, *WARNINGS) if fault.table == "clean_events"]
RECONCILES = "row_count_reconciles"


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_fault_is_found_by_its_check_and_by_no_other(judged: JudgedLake, fault: Fault) -> None:
    judged.assert_found(fault)


def verdicts(platform: SmallPlatform, run_id: str = "another run") -> dict[str, Finding]:
    work = Workplace(platform.lake, platform.work.open_spark, run_id)
    found = evaluate_clean_events(StoredTables(work, [DAY]), DAY)
    return {finding.check: finding for finding in found}


# --- Where every raw row went


def test_every_raw_row_has_a_fate(platform: SmallPlatform) -> None:
    free, strange = {"price": "0.00"}, {"event_type": "wish"}
    platform.drop("a.csv", at(1), at(1), at(1), at(2), {**at(3), **free}, {**at(3), **free})
    platform.drop("b.csv", at(1), {**at(4), **strange}, {**at(5), "price": "dear"})
    platform.run()
    expected = {
        "raw_events": 8,
        "clean_events": 2,
        "duplicates": 4,
        "rejected_events": 2,
        "difference": 0,
    }
    # As the audit counted them for its own run, and as they are counted for any other.
    for run_id in (platform.work.run_id, "another run"):
        assert verdicts(platform, run_id)[RECONCILES].numbers == expected


def test_duplicates_are_counted_and_not_looked_up(platform: SmallPlatform) -> None:
    platform.drop("a.csv", at(1), at(2))
    platform.run()
    same = first(event_time=utc(f"{DAY} 02:00"))
    with published_instead(platform.lake, "raw_events", same, DAY):
        recorded = verdicts(platform, platform.work.run_id)[RECONCILES]
        counted = verdicts(platform)[RECONCILES]
    assert recorded.passed  # the run that has just published it knows
    assert not counted.passed
    assert (counted.numbers["duplicates"], counted.numbers["difference"]) == (1, -1)


def test_rejected_rows_that_are_gone_are_missed(platform: SmallPlatform) -> None:
    platform.drop("a.csv", at(1), {**at(2), "price": "0.00"})
    platform.run()
    with published_instead(platform.lake, "rejected_events", lambda _: [], DAY):
        finding = verdicts(platform)[RECONCILES]
    assert not finding.passed
    assert (finding.numbers["rejected_events"], finding.numbers["difference"]) == (0, 1)


def test_an_event_that_took_the_place_of_a_duplicate_is_one_too_many(
    platform: SmallPlatform,
) -> None:
    platform.drop("a.csv", at(1), at(1))
    platform.run()

    def twice(rows):
        return [*rows, {**rows[0], "event_id": 7}]

    with published_instead(platform.lake, "clean_events", twice, DAY):
        finding = verdicts(platform)[RECONCILES]
    assert not finding.passed
    assert finding.numbers["difference"] == -1


def test_raw_rows_that_came_since_have_no_fate_yet(platform: SmallPlatform) -> None:
    platform.drop("a.csv", at(1))
    platform.run()
    platform.drop("b.csv", at(2), at(2))
    platform.ingest()
    finding = verdicts(platform, platform.work.run_id)[RECONCILES]
    assert not finding.passed
    assert finding.numbers["difference"] == 2
    platform.rebuild("clean_events")
    assert verdicts(platform)[RECONCILES].passed


def test_a_date_that_lost_all_its_rows_agrees_with_itself(platform: SmallPlatform) -> None:
    platform.drop("a.csv", at(1), at(1))
    platform.run()
    platform.drop("a.csv", at(1, day=DAY.replace(day=2)))
    platform.run()
    for run_id in (platform.work.run_id, "another run"):
        assert all(finding.passed for finding in verdicts(platform, run_id).values())


# --- The share of unknown values


def events(category: int, count: int, unbranded: int, uncoded: int = 0) -> list[dict[str, object]]:
    return [
        {
            **at(1, number),
            "category_id": category,
            "brand": "" if number < unbranded else "acme",
            "category_code": "" if number < uncoded else "a.b",
        }
        for number in range(count)
    ]


def test_five_per_cent_of_a_category_may_be_unknown_and_not_one_more(
    platform: SmallPlatform,
) -> None:
    platform.drop("a.csv", *events(1, 40, 2), *events(2, 20, 1), *events(3, 39, 0))
    platform.run()
    finding = verdicts(platform)[UNKNOWN_SHARE]
    assert finding.passed
    assert finding.numbers["categories"] == 3
    assert finding.numbers["unknown_brand_share"] == round(3 / 99, 6)

    platform.drop("b.csv", *events(3, 40, 3)[:3])  # seen a second time, now without a brand
    platform.run()
    finding = verdicts(platform)[UNKNOWN_SHARE]
    assert not finding.passed
    assert finding.numbers["unknown_brand_categories_over"] == 1
    assert finding.numbers["unknown_brand_worst_category"] == "3"
    assert "1 of 3 categories have more than 5 % events without brand" in finding.message
    assert "the most 3: 3 of 42" in finding.message
    assert finding.numbers["unknown_category_code_categories_over"] == 0


def test_a_category_whose_code_is_unknown_is_found_beside_good_ones(
    platform: SmallPlatform,
) -> None:
    platform.drop("a.csv", *events(1, 50, 0), *events(2, 2, 0, uncoded=2))
    platform.run()
    finding = verdicts(platform)[UNKNOWN_SHARE]
    assert not finding.passed
    assert finding.numbers["unknown_category_code_share"] < 0.05  # taken together they pass
    assert finding.numbers["unknown_category_code_worst_category"] == "2"
    assert "without category_code, the most 2: 2 of 2" in finding.message
