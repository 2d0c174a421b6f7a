"""The checks of raw_events fail on bad rows, and on rows that no object brought."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from ecom_platform.checks.raw import evaluate_raw_events
from ecom_platform.pipeline.stored import StoredTables
from ecom_platform_tests.checks.bad_rows import RAW
from ecom_platform_tests.checks.faults import Fault, first
from ecom_platform_tests.checks.tampering import published_instead
from ecom_platform_tests.samples import DAY, at

if TYPE_CHECKING:
    from ecom_platform.lake.audit import Finding
    from ecom_platform.lake.objects import ObjectOutcome
    from ecom_platform_tests.checks.conftest import JudgedLake
    from ecom_platform_tests.platform_in_small import SmallPlatform

RAW_EVENTS, CHECK = "raw_events", "objects_reconcile"
KEY = f"events/{DAY}.csv"


@pytest.mark.parametrize("fault", RAW, ids=str)
def test_a_fault_is_found_by_its_check_and_by_no_other(judged: JudgedLake, fault: Fault) -> None:
    judged.assert_found(fault)


def objects(judged: JudgedLake) -> Finding:
    return judged.findings(RAW_EVENTS)[CHECK]


@contextlib.contextmanager
def recorded(judged: JudgedLake, **difference: object) -> Iterator[ObjectOutcome]:
    """Another record of the date's object; the true one is written again after."""
    true = judged.lake.objects.ingested()[KEY]
    judged.lake.objects.record([dataclasses.replace(true, **difference)], "tampering")
    try:
        yield true
    finally:
        judged.lake.objects.record([true], "tampering")


def test_every_row_of_an_object_is_there(judged: JudgedLake) -> None:
    finding = objects(judged)
    assert finding.passed
    assert finding.numbers == {
        "objects": 1,
        "objects_at_fault": 0,
        "row_count": 90,
        "rows_published": 90,
    }


def test_an_object_brought_as_many_rows_as_its_record_says(judged: JudgedLake) -> None:
    with recorded(judged, raw_count=91):
        finding = objects(judged)
    assert not finding.passed
    assert finding.numbers["objects_at_fault"] == 1
    assert f"{KEY}: 90 rows of version" in finding.message
    assert "recorded are 91 of" in finding.message


def test_rows_are_of_the_version_that_is_recorded(judged: JudgedLake) -> None:
    with recorded(judged, object_version="a newer one") as true:
        finding = objects(judged)
        # Versions of an object are recorded side by side: the newest entry counts.
        assert judged.lake.objects.ingested()[KEY].object_version == "a newer one"
    assert not finding.passed
    assert f"90 rows of version {true.object_version}" in finding.message
    assert objects(judged).passed


def test_rows_of_an_object_that_was_never_ingested_are_a_fault(judged: JudgedLake) -> None:
    with published_instead(judged.lake, RAW_EVENTS, stranger, DAY):
        finding = objects(judged)
    assert not finding.passed
    assert "events/stranger.csv: 90 rows of version" in finding.message
    assert "recorded are none" in finding.message


def test_rows_of_two_versions_are_a_fault(judged: JudgedLake) -> None:
    with published_instead(judged.lake, RAW_EVENTS, first(object_version="older"), DAY):
        assert not objects(judged).passed


def test_an_object_of_several_dates_is_counted_as_a_whole(platform: SmallPlatform) -> None:
    days = [DAY, DAY.replace(day=2)]
    platform.drop("a.csv", at(1), at(2), at(3, day=days[1]))
    platform.drop("b.csv", at(4, day=days[1]))
    platform.ingest()

    def verdicts() -> list[bool]:
        stored = StoredTables(platform.work, days)
        found = [{f.check: f for f in evaluate_raw_events(stored, day)} for day in days]
        return [one[CHECK].passed for one in found]

    assert verdicts() == [True, True]
    # What the first date lost is missing in the object, and so on its other date too.
    with published_instead(platform.lake, RAW_EVENTS, lambda rows: rows[1:], DAY):
        assert verdicts() == [False, False]
    with published_instead(platform.lake, RAW_EVENTS, lambda _: [], DAY):
        assert verdicts() == [False, False]


def stranger(rows):
    return [{**row, "source_object": "events/stranger.csv"} for row in rows]
