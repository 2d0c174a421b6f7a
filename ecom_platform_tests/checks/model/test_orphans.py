"""Orphans are found up to the dimension's as-of date, and not looked for after it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import dagster as dg
import pytest

from ecom_platform.checks.model import orphans as orphans_module
from ecom_platform.checks.model.orphans import (
    ORPHAN_CHECKS,
    JudgedUntil,
    dates_to_judge,
    judge_orphans,
)
from ecom_platform.definitions import build_defs
from ecom_platform.lake.publications import PublishedDate
from ecom_platform.pipeline.staleness import LOGIC_VERSIONS
from ecom_platform.pipeline.stored import StoredTables
from ecom_platform_tests.checks.bad_rows import WARNINGS
from ecom_platform_tests.checks.check_pages import CheckPages
from ecom_platform_tests.checks.conftest import DAYS
from ecom_platform_tests.checks.tampering import file_overwritten, published_instead
from ecom_platform_tests.dimensions_in_small import run_all
from ecom_platform_tests.samples import DAY, at, utc

if TYPE_CHECKING:
    from ecom_platform.lake.audit import Finding
    from ecom_platform.settings import Settings
    from ecom_platform_tests.checks.conftest import JudgedLake
    from ecom_platform_tests.checks.faults import Fault
    from ecom_platform_tests.platform_in_small import Drop, SmallPlatform

FACT = "fact_user_events"
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


# --- Judged by the run that rebuilds the dimension


@pytest.mark.parametrize("check", ORPHAN_CHECKS)
def test_after_the_daily_run_every_closed_date_is_judged_with_numbers(
    judged: JudgedLake, check: str
) -> None:
    for day in DAYS:
        shown = judged.fact_as_built[day][check]
        assert (shown.state, shown.is_current, shown.severity) == ("SUCCEEDED", True, "WARN")
        keys = 30 if check == "no_orphan_users" else 15
        assert shown.numbers == {"keys": keys, "orphans": 0, "judged": 1}


def test_only_dates_that_changed_are_judged_again(
    settings: Settings, drop: Drop, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop("a.csv", at(1), {**at(1, day=NEXT_DAY), "user_id": 7})
    with dg.DagsterInstance.ephemeral() as instance:
        pages = CheckPages(build_defs(settings), instance)
        assert pages.run("events_hourly_job", DAY, NEXT_DAY).success
        assert pages.run("dimensions_daily_job", DAY, NEXT_DAY).success
        assert judged_dates(pages) == [2]
        drop("late.csv", {**at(2), "user_id": 8})
        assert pages.run("events_hourly_job", DAY).success
        behind = pages.shown(FACT, "no_orphan_users", DAY)
        assert (behind.state, behind.numbers["orphans"]) == ("FAILED", 1)
        assert pages.run("dimensions_daily_job", DAY).success
        assert judged_dates(pages) == [1, 2]
        healed = pages.shown(FACT, "no_orphan_users", DAY)
        assert (healed.state, healed.is_current) == ("SUCCEEDED", True)
        assert healed.numbers == {"keys": 2, "orphans": 0, "judged": 1}
        # Nothing changed, nothing is looked up.
        assert pages.run("dimensions_daily_job", DAY).success
        assert judged_dates(pages) == [1, 2]
        # Other logic makes other rows of the same partials.
        monkeypatch.setitem(LOGIC_VERSIONS, "dim_users", "changed")
        assert pages.run("dimensions_daily_job", only=["dim_users"]).success
        assert judged_dates(pages) == [2, 1, 2]


def judged_dates(pages: CheckPages) -> list[int]:
    """How many dates were held against dim_users, newest run first."""
    records = pages.instance.fetch_observations(dg.AssetKey("dim_users"), limit=10).records
    told = [record.asset_observation.metadata for record in records]
    return [int(metadata["dates_judged"].value) for metadata in told]


def test_a_date_that_cannot_be_read_hides_no_other(
    judged: JudgedLake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orphans_module, "_last", lambda *_: None)
    with file_overwritten(judged.lake, FACT, lambda _: None, DAYS[1]) as path:
        run = judged.pages.run_checks(["dim_products"])
    (failure,) = (event for event in run.all_events if event.is_step_failure)
    told = failure.step_failure_data.user_failure_data.description
    assert told.startswith(f"no_orphan_products could not be judged on {DAYS[1]}: {FACT} of")
    assert str(path) in told
    logged = [
        event.asset_check_evaluation_data.partition
        for entry in judged.pages.instance.all_logs(run.run_id)
        if (event := entry.dagster_event)
        and event.event_type_value == "ASSET_CHECK_EVALUATION"
        and event.asset_check_evaluation_data.check_name == "no_orphan_products"
    ]
    assert logged == [str(day) for day in DAYS if day != DAYS[1]]
    assert judged.pages.run_checks(["dim_products"]).success


# --- Which dates may have another verdict than last time


def state(day: dt.date, hour: int) -> PublishedDate:
    return PublishedDate(day, published_at=utc(f"2020-05-01 {hour:02d}:00"))


def test_which_dates_are_judged() -> None:
    days = [DAY + dt.timedelta(days=n) for n in range(5)]
    published = {day: state(day, hour) for day, hour in zip(days, (1, 9, 2, 3, 4), strict=True)}
    as_of = days[3]
    assert dates_to_judge(published, as_of, None) == set(days[:4])
    last = JudgedUntil(utc("2020-05-01 04:00"), days[2])
    # Published since then, or reached by the as-of date since then, and not beyond it.
    assert dates_to_judge(published, as_of, last) == {days[1], days[3]}


@pytest.mark.parametrize(("most", "batches"), [(90, [1, 1, 1]), (200, [2, 1]), (270, [3])])
def test_dates_of_a_month_are_looked_up_at_once(
    monkeypatch: pytest.MonkeyPatch, most: int, batches: list[int]
) -> None:
    monkeypatch.setattr(orphans_module, "_EVENTS_OF_A_QUERY", most)
    published = {day: PublishedDate(day, row_count=90) for day in DAYS[:3]}
    found = list(orphans_module._batches(published, published))
    assert [len(dates) for dates in found] == batches
    assert [date for dates in found for date in dates] == DAYS[:3]
