"""Runs with checks: what stops a run, what only warns, and what is executed on its own."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import dagster as dg
import pytest

from ecom_platform.definitions import build_defs
from ecom_platform.pipeline import clean as clean_module
from ecom_platform_tests.checks.check_pages import CheckPages
from ecom_platform_tests.checks.conftest import DAYS, settings_of, visits
from ecom_platform_tests.checks.faults import first, lose_a_row
from ecom_platform_tests.checks.tampering import file_overwritten, published_instead
from ecom_platform_tests.platform_in_small import Drop
from ecom_platform_tests.samples import DAY

if TYPE_CHECKING:
    from pathlib import Path

    from ecom_platform.settings import Settings
    from ecom_platform_tests.checks.conftest import JudgedLake

RAW, CLEAN, FACT = "raw_events", "clean_events", "fact_user_events"
JOB = "events_hourly_job"
KEYS = [day.isoformat() for day in DAYS]
NEXT_DAY = DAY + dt.timedelta(days=1)


def steps(run: dg.ExecuteInProcessResult) -> dict[str, bool]:
    """The steps that ended, and whether each succeeded."""
    return {
        event.step_key: event.is_step_success
        for event in run.all_events
        if event.is_step_success or event.is_step_failure
    }


# --- What a failed check stops


@pytest.mark.parametrize("last", [None, DAYS[-1]], ids=["one date", "a range"])
def test_a_blocking_check_keeps_what_follows_from_running(
    judged: JudgedLake, last: dt.date | None
) -> None:
    with published_instead(judged.lake, RAW, lose_a_row, DAY):
        run = judged.pages.run(JOB, DAYS[-2] if last else DAY, last)
    assert not run.success
    assert steps(run) == {RAW: True, f"{RAW}_checks": False}
    shown = judged.pages.shown(RAW, "objects_reconcile", DAY)
    assert (shown.state, shown.is_current) == ("FAILED", True)
    if last:
        states = judged.pages.states(RAW)["objects_reconcile"]
        assert (states[KEYS[-2]], states[KEYS[-1]]) == ("SUCCEEDED", "FAILED")


def test_a_warning_stops_nothing(settings: Settings, drop: Drop) -> None:
    unbranded = [{**visit, "brand": ""} for visit in visits(DAY)]
    drop("a.csv", *unbranded, *visits(NEXT_DAY))
    with dg.DagsterInstance.ephemeral() as instance:
        pages = CheckPages(build_defs(settings), instance)
        for run in (pages.run(JOB, DAY, NEXT_DAY), pages.run(JOB, DAY)):
            assert run.success
            assert steps(run)[FACT]
            shown = pages.shown(CLEAN, "unknown_share_by_category", DAY)
            assert (shown.state, shown.severity, shown.is_current) == ("FAILED", "WARN", True)
            assert shown.numbers["unknown_brand_share"] == 1.0
            states = pages.states(CLEAN)["unknown_share_by_category"]
            assert states == {str(DAY): "FAILED", str(NEXT_DAY): "SUCCEEDED"}
            # Ninety rows are few for a date, and nothing of the fact was refused for it.
            assert pages.states(FACT)["minimum_rows"] == dict.fromkeys(states, "FAILED")
            assert pages.shown(FACT, "minimum_rows", DAY).severity == "WARN"
            assert pages.states(FACT)["required_columns_not_null"] == dict.fromkeys(
                states, "SUCCEEDED"
            )


# --- What is stored counts, not what was counted once


def test_rows_that_changed_since_the_audit_turn_a_check_red_whoever_executes_it(
    judged: JudgedLake,
) -> None:
    audited = judged.lake.publications.published(CLEAN, [DAY])[DAY].measures
    assert audited["brand_not_null"] == 0
    with published_instead(judged.lake, CLEAN, first(brand=None), DAY):
        alone = judged.pages.run_checks([CLEAN], DAY)
        by_itself = judged.pages.shown(CLEAN, "required_columns_not_null", DAY)
        # Nothing is stale: the run rebuilds nothing, reports the date, and looks at its rows.
        with_the_table = judged.pages.run(JOB, DAY, only=[CLEAN, "rejected_events", FACT])
        in_the_run = judged.pages.shown(CLEAN, "required_columns_not_null", DAY)
    assert not alone.success
    assert steps(with_the_table) == {CLEAN: True, f"{CLEAN}_checks": False}
    for shown in (by_itself, in_the_run):
        assert (shown.state, shown.is_current) == ("FAILED", True)
        assert shown.numbers["brand_not_null"] == 1
    assert judged.pages.run_checks([CLEAN], DAY).success
    assert judged.pages.shown(CLEAN, "required_columns_not_null", DAY).state == "SUCCEEDED"


def test_one_check_can_be_executed_without_the_others(judged: JudgedLake) -> None:
    before = judged.pages.of_date(FACT, DAY)
    with published_instead(judged.lake, FACT, lose_a_row, DAY):
        alone = judged.pages.run_checks([FACT], DAY, only=["minimum_rows"])
        assert alone.success
        assert judged.pages.shown(FACT, "minimum_rows", DAY).numbers["row_count"] == 89
        assert not judged.pages.run_checks(
            [FACT], DAYS[0], DAYS[-1], only=["row_count_reconciles"]
        ).success
    after = judged.pages.of_date(FACT, DAY)
    assert {name for name in after if after[name] != before[name]} == {
        "minimum_rows",
        "row_count_reconciles",
    }
    judged.pages.run_checks([FACT], DAY)


# --- Dates without a verdict


def test_a_date_that_cannot_be_judged_hides_no_other(judged: JudgedLake) -> None:
    # clean_events is counted against raw rows, of which one file is gone.
    with file_overwritten(judged.lake, RAW, lambda _: None, DAYS[1]):
        run = judged.pages.run_checks([CLEAN], DAYS[0], DAYS[-1])
        (failure,) = (event for event in run.all_events if event.is_step_failure)
    told = failure.step_failure_data.user_failure_data.description
    assert told.startswith(f"{CLEAN} could not be judged on {KEYS[1]}: ")
    expected = dict.fromkeys(KEYS, "SUCCEEDED") | {KEYS[1]: "EXECUTION_FAILED"}
    for check, states in judged.pages.states(CLEAN).items():
        assert states == expected, check
    assert judged.pages.run_checks([CLEAN], DAYS[1]).success


def test_dates_before_the_first_and_after_the_last_event_are_skipped_in_ranges(
    judged: JudgedLake,
) -> None:
    before, after = DAYS[0] - dt.timedelta(days=1), DAYS[-1] + dt.timedelta(days=1)
    assert judged.pages.run_checks([FACT], before, after).success
    for check, states in judged.pages.states(FACT).items():
        skipped = {str(date): "SKIPPED" for date in (before, after)}
        assert states == dict.fromkeys(KEYS, "SUCCEEDED") | skipped, check


def test_a_date_outside_that_someone_asks_for_is_judged(judged: JudgedLake) -> None:
    outside = DAYS[0] - dt.timedelta(days=2)
    assert judged.pages.run_checks([FACT], outside).success
    shown = judged.pages.shown(FACT, "minimum_rows", outside)
    assert (shown.state, shown.numbers["row_count"]) == ("FAILED", 0)


def test_a_range_without_any_event_has_no_verdict(judged: JudgedLake) -> None:
    first_date = DAYS[0] - dt.timedelta(days=20)
    run = judged.pages.run_checks([CLEAN], first_date, first_date + dt.timedelta(days=1))
    assert run.success
    assert judged.pages.shown(CLEAN, "schema_conforms", first_date).state == "SKIPPED"
    assert not [e for e in run.all_events if e.event_type_value == "ASSET_CHECK_EVALUATION"]


# --- Tables that a run did not get to


@pytest.mark.parametrize("last", [None, NEXT_DAY], ids=["one date", "a range"])
def test_the_fact_that_a_refusing_run_did_not_build_shows_how_it_is_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, last: dt.date | None
) -> None:
    settings = settings_of(tmp_path, minimum_rows=1)
    drop, good = Drop(settings.landing_path), clean_module.clean_events
    drop("a.csv", *visits(DAY), *visits(NEXT_DAY))
    with dg.DagsterInstance.ephemeral() as instance:
        pages = CheckPages(build_defs(settings), instance)
        assert pages.run(JOB, DAY, NEXT_DAY).success
        green = pages.states(FACT)
        drop(
            "b.csv", *({**visit, "user_id": 99} for day in (DAY, NEXT_DAY) for visit in visits(day))
        )
        lose = f"event_date <> DATE'{DAY}'"
        monkeypatch.setattr(clean_module, "clean_events", lambda rows: good(rows).where(lose))
        assert steps(pages.run(JOB, DAY, last)) == {RAW: True, f"{RAW}_checks": True, CLEAN: False}
        behind = pages.states(FACT)
        # The refused date's inputs are as they were. Those of the good date are ahead of it.
        if last:
            assert behind["row_count_reconciles"].pop(str(NEXT_DAY)) == "FAILED"
            green["row_count_reconciles"].pop(str(NEXT_DAY))
        assert behind == green
        assert all(shown.is_current for shown in pages.of_date(FACT, DAY).values())
        assert pages.run(JOB, NEXT_DAY, only=[FACT]).success
        assert set(pages.states(FACT)["row_count_reconciles"].values()) == {"SUCCEEDED"}
