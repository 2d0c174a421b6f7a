"""Hourly runs count what is new: what they take over, and when they do not."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import dagster as dg
import pytest

from ecom_platform.checks import counted as counted_module
from ecom_platform.checks import stored as stored_module
from ecom_platform.checks.model.fact import RELATIONS
from ecom_platform.contracts.clean import CLEAN_EVENTS
from ecom_platform.definitions import build_defs
from ecom_platform.pipeline.slice_build import Workplace
from ecom_platform.pipeline.stored import StoredTables, Verdict
from ecom_platform_tests.checks import bad_rows
from ecom_platform_tests.checks.check_pages import CheckPages
from ecom_platform_tests.checks.conftest import EVALUATORS
from ecom_platform_tests.checks.faults import first
from ecom_platform_tests.checks.tampering import published_instead
from ecom_platform_tests.samples import DAY, at, utc

if TYPE_CHECKING:
    from ecom_platform.lake.audit import Finding
    from ecom_platform.settings import Settings
    from ecom_platform_tests.checks.faults import Fault
    from ecom_platform_tests.platform_in_small import Drop, SmallPlatform

RAW_FAULTS = [fault for fault in bad_rows.RAW if fault.check != "objects_reconcile"]
NOON = utc("2020-04-01 12:00")
RAW, CLEAN, FACT = "raw_events", "clean_events", "fact_user_events"
GREEN = Verdict(passed=True, judged_at=utc("2999-01-01 00:00"))
LONG_AGO = Verdict(passed=True, judged_at=utc("2020-01-01 00:00"))
RED = Verdict(passed=False, judged_at=GREEN.judged_at)


@pytest.fixture
def rows_counted(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """The tables whose rows the checks count from now on, and how many rows."""
    seen: list[tuple[str, int]] = []
    measure = stored_module.measure

    def listen(rows, contract):
        seen.append((contract.name, rows.count()))
        return measure(rows, contract)

    monkeypatch.setattr(stored_module, "measure", listen)
    monkeypatch.setattr(counted_module, "measure", listen)
    return seen


@pytest.fixture
def hourly(platform: SmallPlatform) -> SmallPlatform:
    """A date of two hours, published by one run each."""
    platform.drop("01.csv", at(1), at(1, 1))
    platform.run(now=NOON)
    platform.work = Workplace(platform.lake, platform.work.open_spark, "run-2")
    platform.drop("02.csv", at(2), at(2))
    platform.ingest("run-2")
    for table in (CLEAN, FACT):
        platform.rebuild(table, now=NOON)
    return platform


def findings(
    platform: SmallPlatform, table: str, run_id: str = "run-2", last: Verdict | None = None
) -> dict[str, Finding]:
    work = Workplace(platform.lake, platform.work.open_spark, run_id)
    found = EVALUATORS[table](StoredTables(work, [DAY], lambda _: last), DAY)
    return {finding.check: finding for finding in found}


@pytest.mark.parametrize("table", [CLEAN, FACT])
def test_an_hourly_run_takes_over_what_audits_counted_and_says_what_counting_says(
    hourly: SmallPlatform, rows_counted: list[tuple[str, int]], table: str
) -> None:
    taken_over = findings(hourly, table, last=GREEN)
    assert rows_counted == []
    assert taken_over == findings(hourly, table, "another run")
    assert rows_counted == [(table, 3)]
    assert taken_over["row_count_reconciles"].passed


def test_whoever_executes_checks_alone_finds_what_changed_in_any_hour(
    hourly: SmallPlatform,
) -> None:
    alike = published_instead(hourly.lake, CLEAN, lambda rows: [{**r, "event_id": 7} for r in rows])
    with alike:
        assert findings(hourly, CLEAN)["primary_key_is_unique"].passed  # the run that published
        assert not findings(hourly, CLEAN, "another run")["primary_key_is_unique"].passed


def test_a_date_that_was_red_is_counted_anew_by_hourly_runs_too(
    hourly: SmallPlatform, rows_counted: list[tuple[str, int]]
) -> None:
    with published_instead(hourly.lake, CLEAN, first(brand=None), DAY):
        assert not findings(hourly, CLEAN, last=RED)["required_columns_not_null"].passed
    assert rows_counted == [(CLEAN, 3)]


def test_hours_that_an_older_contract_counted_are_counted_anew(
    hourly: SmallPlatform, rows_counted: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = CLEAN_EVENTS.rules
    new = [*rules, type(rules[0])("row_rules", "a_new_rule", "price = 0")]
    monkeypatch.setitem(CLEAN_EVENTS.__dict__, "rules", tuple(new))
    assert findings(hourly, CLEAN)["row_rules"].numbers["a_new_rule"] == 0
    assert rows_counted == [(CLEAN, 3)]


@pytest.mark.parametrize(
    ("last", "rows"), [(GREEN, []), (LONG_AGO, []), (None, []), (RED, [(RAW, 4)])]
)
def test_of_raw_events_rows_are_counted_where_the_date_was_red(
    hourly: SmallPlatform,
    rows_counted: list[tuple[str, int]],
    last: Verdict | None,
    rows: list[tuple[str, int]],
) -> None:
    found = findings(hourly, RAW, last=last)
    assert rows_counted == rows
    assert found == findings(hourly, RAW, "another run")
    assert found["objects_reconcile"].numbers["row_count"] == 4


@pytest.mark.parametrize("fault", RAW_FAULTS, ids=str)
@pytest.mark.parametrize("last", [None, LONG_AGO])
def test_the_run_that_reads_a_date_finds_what_is_wrong_with_its_rows_and_with_no_other(
    platform: SmallPlatform,
    rows_counted: list[tuple[str, int]],
    fault: Fault,
    last: Verdict | None,
) -> None:
    days = [DAY, DAY + dt.timedelta(days=1)]
    for day in days:
        platform.drop(f"{day}.csv", *(at(hour, day=day) for hour in range(4)))
    platform.ingest()
    stored = StoredTables(platform.work, days, lambda _: last)
    with published_instead(platform.lake, RAW, fault.change, days[1]):
        found = {
            day: [f.check for f in EVALUATORS[RAW](stored, day) if not f.passed] for day in days
        }
    assert found == {days[0]: [], days[1]: [fault.check]}
    assert rows_counted == [(RAW, 4)]


def test_of_raw_events_only_rows_read_since_a_green_verdict_are_counted(
    hourly: SmallPlatform, rows_counted: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counted_module, "are_proven", lambda _, files: not files)
    assert findings(hourly, RAW, last=GREEN)["objects_reconcile"].numbers["row_count"] == 4
    assert rows_counted == []
    assert findings(hourly, RAW, last=LONG_AGO)["objects_reconcile"].numbers["row_count"] == 4
    assert rows_counted == [(RAW, 4)]


def test_equal_ids_are_of_one_hour(hourly: SmallPlatform) -> None:
    """Why it is enough to compare keys within an hour: the time is part of the id."""
    ids = {row["event_time"]: row["event_id"] for row in hourly.rows(CLEAN)}
    assert len(set(ids.values())) == len(ids) == 3


# --- Through Dagster, on a date that has not ended


def test_the_hourly_run_leaves_what_spans_hours_until_the_date_has_ended(
    settings: Settings, drop: Drop, rows_counted: list[tuple[str, int]]
) -> None:
    now = dt.datetime.now(tz=dt.UTC)
    today = now.date()
    with dg.DagsterInstance.ephemeral() as instance:
        pages = CheckPages(build_defs(settings), instance)
        drop("00.csv", at(0, day=today), at(0, 1, day=today), written_at=now)
        assert pages.run("events_hourly_job", today).success
        assert rows_counted == []
        drop("01.csv", at(1, day=today), written_at=now)
        assert pages.run("events_hourly_job", today).success
        # What is new in raw is proven, and what is clean was counted before it was published.
        assert rows_counted == []
        for table, checks in ((CLEAN, ["unknown_share_by_category"]), (FACT, RELATIONS)):
            for check in checks:
                shown = pages.shown(table, check, today)
                assert (shown.state, shown.numbers) == ("SUCCEEDED", {"judged": 0})
                assert f"{today} has not ended: not judged by hourly runs" in shown.message
        assert pages.shown(FACT, "row_count_reconciles", today).numbers["fact_user_events"] == 3
        assert pages.run_checks([CLEAN, FACT], today).success
        assert pages.shown(FACT, "one_user_per_session", today).numbers["of"] == 1
        assert pages.shown(CLEAN, "unknown_share_by_category", today).numbers["categories"] == 1
        assert rows_counted == [(CLEAN, 3), (FACT, 3)]
