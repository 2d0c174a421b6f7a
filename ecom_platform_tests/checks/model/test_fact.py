"""The checks of the fact: what it promises, and what of it a person should look at."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING

import pytest

from ecom_platform.checks.model import fact
from ecom_platform.checks.model.fact import (
    judge_event_types,
    judge_minimum_rows,
    judge_newest_hour,
)
from ecom_platform.contracts.clean import EVENT_TYPES
from ecom_platform.lake.publications import PublishedDate
from ecom_platform_tests.checks.bad_rows import FACT, WARNINGS
from ecom_platform_tests.checks.conftest import WARNING_CHECKS
from ecom_platform_tests.checks.faults import Fault
from ecom_platform_tests.samples import DAY, utc

if TYPE_CHECKING:
    from ecom_platform_tests.checks.conftest import JudgedLake

FAULTS = [fault for fault in (*FACT, *WARNINGS) if fault.table == "fact_user_events"]


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_fault_is_found_by_its_check_and_by_no_other(judged: JudgedLake, fault: Fault) -> None:
    judged.assert_found(fault)


def test_the_warnings_are_those_that_were_agreed_on() -> None:
    assert set(fact.WARNINGS) == WARNING_CHECKS - {"unknown_share_by_category", "duplicates_agree"}


# --- The least number of rows


@pytest.mark.parametrize(("rows", "passed"), [(10_000, True), (9_999, False), (0, False)])
def test_a_closed_date_has_the_least_number_of_rows(rows: int, passed: bool) -> None:
    finding = judge_minimum_rows(rows, 10_000, date_is_open=False)
    assert (finding.passed, finding.blocking) == (passed, False)
    assert finding.numbers == {"row_count": rows, "minimum": 10_000, "judged": 1}
    assert bool(finding.message) != passed


def test_an_open_date_may_have_any_number_of_rows_and_says_so() -> None:
    finding = judge_minimum_rows(1, 10_000, date_is_open=True)
    assert finding.passed
    assert finding.numbers["judged"] == 0
    assert "not judged" in finding.message


# --- The newest closed hour


@pytest.mark.parametrize(
    ("newest", "now", "passed"),
    [
        ("2020-04-01 10:59", "2020-04-01 11:00", True),
        ("2020-04-01 11:00", "2020-04-01 11:05", True),
        ("2020-04-01 09:59", "2020-04-01 11:00", False),
        ("2020-04-01 09:59", "2020-04-01 10:59", True),
        ("2020-04-01 23:00", "2020-04-02 00:00", True),
        ("2020-04-01 22:59", "2020-04-02 00:00", False),
        ("2020-04-01 22:59", "2020-06-01 12:00", False),
        (None, "2020-04-01 01:00", False),
        (None, "2020-06-01 12:00", False),
    ],
)
def test_the_newest_hour_that_has_ended_has_events(
    newest: str | None, now: str, passed: bool
) -> None:
    finding = judge_newest_hour(DAY, newest and utc(newest), utc(now))
    assert (finding.passed, finding.blocking) == (passed, False)
    assert finding.numbers["judged"] == 1
    assert bool(finding.message) != passed


@pytest.mark.parametrize("now", ["2020-04-01 00:59", "2020-03-31 23:00"])
def test_before_an_hour_has_ended_none_is_missed(now: str) -> None:
    finding = judge_newest_hour(DAY, None, utc(now))
    assert finding.passed
    assert finding.numbers == {"judged": 0}
    assert "not judged" in finding.message


# --- Event types that are lost


def published(day: dt.date, **counts: int) -> PublishedDate:
    measures = {f"event_type_{name}": counts.get(name, 0) for name in EVENT_TYPES}
    return PublishedDate(day, row_count=sum(counts.values()), measures=measures)


def week(**counts: int) -> dict[dt.date, PublishedDate]:
    """The same counts on each of the seven dates before."""
    days = [DAY - dt.timedelta(days=n) for n in range(1, 8)]
    return {day: published(day, **counts) for day in days}


def counted(**counts: int) -> Mapping[str, int]:
    state = published(DAY, **counts)
    return {**state.measures, "row_count": state.row_count}


USUAL = {"view": 9_400, "cart": 440, "purchase": 160}


@pytest.mark.parametrize(
    ("purchases", "passed"), [(160, True), (40, True), (39, False), (0, False)]
)
def test_a_type_is_lost_below_a_quarter_of_its_usual_share(purchases: int, passed: bool) -> None:
    counts = counted(view=9_560 - purchases, cart=440, purchase=purchases)
    finding = judge_event_types(DAY, counts, week(**USUAL))
    assert (finding.passed, finding.blocking) == (passed, False)
    assert finding.numbers["event_type_purchase"] == purchases
    assert finding.numbers["judged"] == 1
    words = "" if passed else f"{purchases} purchase events where about 160 are usual"
    assert finding.message == words


def test_a_quiet_date_is_not_one_that_lost_something() -> None:
    counts = counted(view=940, cart=44, purchase=16)
    assert judge_event_types(DAY, counts, week(**USUAL)).passed


def test_several_types_that_are_lost_are_all_named() -> None:
    finding = judge_event_types(DAY, counted(view=10_000), week(**USUAL))
    assert "0 cart events where about 440 are usual" in finding.message
    assert "0 purchase events where about 160 are usual" in finding.message
    assert "remove_from_cart" not in finding.message  # it never occurs


def test_a_type_of_which_few_are_usual_may_be_missing() -> None:
    rare = {"view": 980, "remove_from_cart": 19}
    assert judge_event_types(DAY, counted(view=999), week(**rare)).passed
    rare["remove_from_cart"] = 21
    assert not judge_event_types(DAY, counted(view=1_001), week(**rare)).passed


def test_a_date_that_lost_a_type_is_not_what_is_usual() -> None:
    history = week(**USUAL)
    for day in list(history)[:3]:
        history[day] = published(day, view=9_560, cart=440)
    finding = judge_event_types(DAY, counted(view=9_560, cart=440), history)
    assert not finding.passed


@pytest.mark.parametrize(("dates", "judged"), [(2, 0), (3, 1)])
def test_it_takes_three_dates_to_know_what_is_usual(dates: int, judged: int) -> None:
    history = dict(list(week(**USUAL).items())[:dates])
    finding = judge_event_types(DAY, counted(view=10_000), history)
    assert finding.numbers["judged"] == judged
    assert finding.numbers["days_of_history"] == dates
    assert finding.passed == (not judged)


def test_only_dates_of_the_week_before_that_have_rows_count() -> None:
    history = week(**USUAL)
    days = [DAY - dt.timedelta(days=n) for n in range(8, 20)]
    history |= {day: published(day, view=10_000) for day in days}
    history |= {DAY + dt.timedelta(days=n): published(DAY, view=10_000) for n in range(12)}
    history[DAY - dt.timedelta(days=1)] = published(DAY)
    finding = judge_event_types(DAY, counted(view=9_560, cart=440), history)
    assert finding.numbers["days_of_history"] == 6
    assert "0 purchase events where about 160 are usual" in finding.message


def test_a_date_without_rows_has_lost_more_than_a_type() -> None:
    finding = judge_event_types(DAY, counted(), week(**USUAL))
    assert finding.passed
    assert finding.message == "no rows: not judged"
