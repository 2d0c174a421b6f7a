"""The result of a check in a whole run: it decides whether what follows in the run is blocked."""

from __future__ import annotations

import datetime as dt

import dagster as dg
import pytest

from ecom_platform.assets.check_reports import overall_results, severity
from ecom_platform.lake.audit import Finding
from ecom_platform_tests.samples import DAY

TABLE, CHECK = "table", "no_zeros"
KEYS = [(DAY + dt.timedelta(days=n)).isoformat() for n in range(3)]


def finding(key: str, bad: set[str], check: str = CHECK) -> Finding:
    failed = key in bad
    return Finding(check, not failed, {"zeros": int(failed)}, "1 zero" * failed)


def test_of_one_date_the_run_tells_its_numbers() -> None:
    (result,) = overall_results(TABLE, [CHECK], {KEYS[0]: [finding(KEYS[0], {KEYS[0]})]})
    assert (result.passed, result.description) == (False, "1 zero")
    assert result.metadata["zeros"].value == 1
    assert result.check_name == CHECK


def test_of_several_dates_the_run_names_those_that_failed() -> None:
    found = {key: [finding(key, {KEYS[1], KEYS[2]})] for key in KEYS}
    (result,) = overall_results(TABLE, [CHECK], found)
    assert not result.passed
    assert result.description == f"{KEYS[1]}: 1 zero; {KEYS[2]}: 1 zero"
    assert {name: value.value for name, value in result.metadata.items()} == {
        "partitions": 3,
        "partitions_failed": 2,
    }


def test_of_many_failed_dates_ten_are_named_and_all_are_counted() -> None:
    days = [(DAY + dt.timedelta(days=n)).isoformat() for n in range(12)]
    (result,) = overall_results(TABLE, [CHECK], {day: [finding(day, set(days))] for day in days})
    assert result.description.count("1 zero") == 10
    assert result.metadata["partitions_failed"].value == 12


def test_a_check_that_was_judged_nowhere_has_no_result() -> None:
    found = {key: [finding(key, set(), "another")] for key in KEYS}
    results = overall_results(TABLE, [CHECK, "another"], found)
    assert [result.check_name for result in results] == ["another"]
    assert results[0].passed
    assert overall_results(TABLE, [CHECK], {}) == []


def test_one_failed_date_fails_the_run_with_its_severity() -> None:
    warning = Finding(CHECK, False, {}, "look", blocking=False)
    found = {KEYS[0]: [Finding(CHECK, True, {}, blocking=False)], KEYS[1]: [warning]}
    (result,) = overall_results(TABLE, [CHECK], found)
    assert (result.passed, result.severity) == (False, dg.AssetCheckSeverity.WARN)


@pytest.mark.parametrize(
    ("blocking", "shown"),
    [(True, dg.AssetCheckSeverity.ERROR), (False, dg.AssetCheckSeverity.WARN)],
)
def test_what_blocks_is_an_error_and_the_rest_a_warning(
    blocking: bool, shown: dg.AssetCheckSeverity
) -> None:
    assert severity(Finding(CHECK, False, {}, blocking=blocking)) == shown
