"""Automation: dates that late objects have touched are rebuilt, and no date twice."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import dagster as dg

from ecom_platform_tests.samples import DAY, at, utc

if TYPE_CHECKING:
    from ecom_platform_tests.assets.conftest import Orchestrated
    from ecom_platform_tests.platform_in_small import SmallPlatform

TODAY = DAY + dt.timedelta(days=20)
DERIVED = ("clean_events", "rejected_events", "fact_user_events")


class Daemon:
    """The automation sensor's evaluations, one after the other."""

    def __init__(self, dagster: Orchestrated) -> None:
        self._dagster = dagster
        self._cursor: dg.AssetDaemonCursor | None = None  # type: ignore[name-defined]
        self._now = utc(f"{TODAY} 12:00")

    def requested(self) -> dict[str, set[str]]:
        """What the next evaluation asks for: partitions by asset."""
        self._now += dt.timedelta(minutes=1)
        result = dg.evaluate_automation_conditions(
            defs=self._dagster.defs,
            instance=self._dagster.instance,
            cursor=self._cursor,
            evaluation_time=self._now,
        )
        self._cursor = result.cursor
        asked = {
            name: set(result.get_requested_partitions(dg.AssetKey(name)))
            for name in ("raw_events", *DERIVED)
        }
        return {name: keys for name, keys in asked.items() if keys}


def test_a_late_object_rebuilds_its_old_date_and_todays_run_asks_for_nothing_more(
    dagster: Orchestrated, platform: SmallPlatform
) -> None:
    daemon = Daemon(dagster)
    platform.drop("a.csv", at(1), at(1, day=TODAY))
    dagster.run(DAY)
    dagster.run(TODAY)
    assert daemon.requested() == {}

    platform.drop("late.csv", at(2), at(2, day=TODAY))
    run = dagster.run(TODAY)  # the hourly run: it reads the object, and rebuilds today alone
    assert ("raw_events", str(DAY)) in run.materialized
    assert len(platform.rows("fact_user_events")) == 3
    assert daemon.requested() == {name: {str(DAY)} for name in DERIVED}

    dagster.run(DAY, only=list(DERIVED))
    assert len(platform.rows("fact_user_events")) == 4
    assert daemon.requested() == {}
    assert daemon.requested() == {}


def test_an_hourly_run_without_news_asks_for_nothing(
    dagster: Orchestrated, platform: SmallPlatform
) -> None:
    daemon = Daemon(dagster)
    platform.drop("a.csv", at(1, day=TODAY))
    dagster.run(TODAY)
    assert daemon.requested() == {}
    dagster.run(TODAY)
    assert daemon.requested() == {}


def test_a_date_seen_for_the_first_time_in_another_dates_run_is_built(
    dagster: Orchestrated, platform: SmallPlatform
) -> None:
    daemon = Daemon(dagster)
    assert daemon.requested() == {}
    platform.drop("a.csv", at(1), at(1, day=TODAY))
    dagster.run(TODAY)
    assert daemon.requested() == {name: {str(DAY)} for name in DERIVED}


def test_the_good_dates_of_a_run_that_refused_one_get_their_fact(
    dagster: Orchestrated, platform: SmallPlatform, monkeypatch
) -> None:
    from ecom_platform.pipeline import clean as module

    daemon = Daemon(dagster)
    assert daemon.requested() == {}
    next_day = DAY + dt.timedelta(days=1)
    platform.drop("a.csv", at(1), at(1, day=next_day))
    good = module.clean_events
    monkeypatch.setattr(
        module, "clean_events", lambda raw: good(raw).where(f"event_date <> DATE'{DAY}'")
    )
    assert not dagster.run(DAY, next_day).success
    requested = daemon.requested()
    assert requested["fact_user_events"] >= {str(next_day)}


def test_so_do_those_that_had_a_fact_before_when_the_run_was_of_chosen_tables(
    dagster: Orchestrated, platform: SmallPlatform, monkeypatch
) -> None:
    from ecom_platform.pipeline import clean as module

    next_day = DAY + dt.timedelta(days=1)
    platform.drop("a.csv", at(1), at(1, day=next_day))
    assert dagster.run(DAY, next_day).success
    daemon = Daemon(dagster)
    assert daemon.requested() == {}
    platform.drop("b.csv", at(2), at(2, day=next_day))
    platform.ingest()
    good = module.clean_events
    with monkeypatch.context() as fault:
        fault.setattr(
            module, "clean_events", lambda raw: good(raw).where(f"event_date <> DATE'{DAY}'")
        )
        # As a person chooses tables and dates in the UI: the run names what it was to build.
        assert not dagster.run(DAY, next_day, only=list(DERIVED)).success
    assert daemon.requested() == {"fact_user_events": {str(next_day)}}
    assert dagster.run(next_day, only=["fact_user_events"]).success
    assert daemon.requested() == {}
    assert dagster.run(DAY, next_day, only=list(DERIVED)).success
    assert daemon.requested() == {}


def test_marts_of_users_wait_for_what_they_look_up(dagster: Orchestrated) -> None:
    def evaluate(cursor: dg.AssetDaemonCursor | None) -> dg.EvaluateAutomationConditionsResult:  # type: ignore[name-defined]
        return dg.evaluate_automation_conditions(
            defs=dagster.defs, instance=dagster.instance, cursor=cursor
        )

    def asked(result: dg.EvaluateAutomationConditionsResult) -> set[str]:  # type: ignore[name-defined]
        wanted = ("dim_users", "mart_users", "mart_daily_users", "mart_cohorts")
        return {name for name in wanted if result.get_num_requested(dg.AssetKey(name))}

    def update(table: str) -> None:
        event = dg.AssetMaterialization(table, partition=str(DAY))
        dagster.instance.report_runless_asset_event(event)

    first = evaluate(None)
    update("session_days")
    second = evaluate(first.cursor)
    assert asked(second) == {"dim_users"}
    update("multiday_session_events")
    third = evaluate(second.cursor)
    assert asked(third) >= {"mart_users", "mart_daily_users", "mart_cohorts"}
