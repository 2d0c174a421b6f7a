"""What Dagster shows of checks: date by date, in single runs and ranges, good dates and bad ones.

Every check of every table is seen red in a single run and in a range of which one date is bad.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import dagster as dg
import pytest

from ecom_platform_tests.checks.bad_rows import ALL, everything_of
from ecom_platform_tests.checks.check_pages import (
    EVENT_TABLES,
    PARTIAL_NAMES,
    PROFILE_NAMES,
    WHOLE_NAMES,
    Shown,
)
from ecom_platform_tests.checks.conftest import DAYS, WARNING_CHECKS
from ecom_platform_tests.checks.tampering import file_overwritten, published_instead, reshaped
from ecom_platform_tests.samples import DAY

if TYPE_CHECKING:
    from ecom_platform_tests.checks.conftest import JudgedLake

DATED = (*EVENT_TABLES, *PARTIAL_NAMES, *PROFILE_NAMES)
EVERY_CHECK = sorted({(fault.table, fault.check) for fault in ALL})
# The date on which files of a table have another shape. It differs from table to table, so that
# no table is counted against rows that cannot be read.
RESHAPED = {
    **dict(zip(EVENT_TABLES, DAYS, strict=False)),
    **dict.fromkeys(PARTIAL_NAMES, DAYS[1]),
    **dict.fromkeys(PROFILE_NAMES, DAYS[0]),
}
GOOD_DATE = DAYS[3]
KEYS = [day.isoformat() for day in DAYS]


@dataclass
class Seen:
    """What the check pages showed after each of some runs, by table and check."""

    success: dict[str, set[bool]] = field(default_factory=dict)
    states: dict[str, dict[tuple[str, str], dict[str, str]]] = field(default_factory=dict)
    shown: dict[str, dict[tuple[str, str], Shown]] = field(default_factory=dict)

    def look(
        self,
        name: str,
        judged: JudgedLake,
        tables: tuple[str, ...],
        date: dt.date | None,
        runs: list[dg.ExecuteInProcessResult],
    ) -> None:
        """Take down what the pages show after some runs."""
        self.success[name] = {run.success for run in runs}
        self.shown[name] = {
            (table, check): one
            for table in tables
            for check, one in judged.pages.of_date(table, date).items()
        }
        if date:
            self.states[name] = {
                (table, check): {day: state for day, state in dates.items() if day in KEYS}
                for table in tables
                for check, dates in judged.pages.states(table).items()
            }


@pytest.fixture(scope="module")
def seen(judged: JudgedLake) -> Seen:
    """Runs of checks alone: over good rows, and over rows that were spoiled behind their back."""
    seen, pages = Seen(), judged.pages
    with spoiled(judged, DATED, RESHAPED):
        over_all = [pages.run_checks([table], DAYS[0], DAYS[-1]) for table in DATED]
        seen.look("range", judged, DATED, DAY, over_all)
        of_bad = [pages.run_checks([table], DAY) for table in DATED]
        seen.look("bad date", judged, DATED, DAY, of_bad)
        of_good = [pages.run_checks([table], GOOD_DATE) for table in DATED]
        seen.look("good date", judged, DATED, GOOD_DATE, of_good)
    with spoiled(judged, WHOLE_NAMES, {}):
        of_bad = [pages.run_checks([table]) for table in WHOLE_NAMES]
        seen.look("bad dimension", judged, WHOLE_NAMES, None, of_bad)
    of_good = [pages.run_checks([table]) for table in WHOLE_NAMES]
    seen.look("good dimension", judged, WHOLE_NAMES, None, of_good)
    return seen


@contextlib.contextmanager
def spoiled(
    judged: JudgedLake, tables: tuple[str, ...], other_shape: dict[str, dt.date]
) -> Iterator[None]:
    """Behind the platform's back, rows break all rules of their tables, of one date at once.

    Args:
        judged: the lake.
        tables: the tables.
        other_shape: for some tables another date, whose file gets another shape.
    """
    with contextlib.ExitStack() as changes:
        for table in tables:
            date = None if table in WHOLE_NAMES else DAY
            change = published_instead(judged.lake, table, everything_of(table), date)
            changes.enter_context(change)
        for table, date in other_shape.items():
            changes.enter_context(file_overwritten(judged.lake, table, reshaped, date))
        yield


def test_no_check_is_without_bad_rows_that_make_it_fail(judged: JudgedLake) -> None:
    spoiled = {*EVERY_CHECK, *((table, "schema_conforms") for table in judged.pages.tables)}
    assert spoiled == {
        (table, check) for table in judged.pages.tables for check in judged.pages.names(table)
    }


@pytest.mark.parametrize("table", DATED)
def test_the_run_that_published_good_dates_shows_all_of_them_green(
    judged: JudgedLake, table: str
) -> None:
    assert judged.as_built[table] == {
        check: dict.fromkeys(KEYS, "SUCCEEDED") for check in judged.pages.names(table)
    }


# --- A range of dates of which one is bad


@pytest.mark.parametrize(("table", "check"), [one for one in EVERY_CHECK if one[0] in DATED])
def test_in_a_range_only_the_bad_date_is_red(seen: Seen, table: str, check: str) -> None:
    expected = dict.fromkeys(KEYS, "SUCCEEDED")
    expected[DAY.isoformat()] = "FAILED"
    # Of rows that cannot be read nothing is said; the run failed, and so it shows.
    expected[RESHAPED[table].isoformat()] = "EXECUTION_FAILED"
    assert seen.states["range"][table, check] == expected


@pytest.mark.parametrize("table", DATED)
def test_in_a_range_only_the_date_of_another_shape_has_a_red_schema(seen: Seen, table: str) -> None:
    expected = dict.fromkeys(KEYS, "SUCCEEDED")
    expected[RESHAPED[table].isoformat()] = "FAILED"
    assert seen.states["range"][table, "schema_conforms"] == expected


def test_a_range_with_a_bad_date_fails(seen: Seen) -> None:
    assert seen.success["range"] == {False}


# --- The numbers, alike in a range and alone


@pytest.mark.parametrize("run", ["range", "bad date"])
@pytest.mark.parametrize(("table", "check"), [one for one in EVERY_CHECK if one[0] in DATED])
def test_a_bad_date_is_red_with_numbers(seen: Seen, table: str, check: str, run: str) -> None:
    assert_red(seen.shown[run][table, check], check)
    assert seen.shown["range"][table, check] == seen.shown["bad date"][table, check]


@pytest.mark.parametrize(("table", "check"), [o for o in EVERY_CHECK if o[0] in WHOLE_NAMES])
def test_a_bad_dimension_is_red_with_numbers(seen: Seen, table: str, check: str) -> None:
    assert_red(seen.shown["bad dimension"][table, check], check)


def test_runs_over_bad_rows_fail(seen: Seen) -> None:
    assert seen.success["bad date"] == seen.success["bad dimension"] == {False}


@pytest.mark.parametrize("run", ["good date", "good dimension"])
def test_good_rows_beside_the_bad_ones_are_green_with_numbers(seen: Seen, run: str) -> None:
    assert seen.success[run] == {True}
    for (table, check), shown in seen.shown[run].items():
        assert shown.state == "SUCCEEDED", (table, check, shown)
        assert shown.is_current
        assert shown.numbers
        assert shown.blocking == (check not in WARNING_CHECKS)


def assert_red(shown: Shown, check: str) -> None:
    assert shown.state == "FAILED"
    assert shown.is_current
    assert shown.message
    numbers = {value for value in shown.numbers.values() if not isinstance(value, str)}
    assert any(numbers)
    assert shown.blocking == (check not in WARNING_CHECKS)
    assert shown.severity == ("WARN" if check in WARNING_CHECKS else "ERROR")
