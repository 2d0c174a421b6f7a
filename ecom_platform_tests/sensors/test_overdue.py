"""The backstop: with automation off, stale dates are found, and rebuilt level by level."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import dagster as dg
import pytest

from ecom_platform.definitions import build_defs
from ecom_platform.pipeline import staleness
from ecom_platform.pipeline.backlog import (
    StaleSlice,
)
from ecom_platform.pipeline.inputs import DATED_TABLES
from ecom_platform.pipeline.whole_tables import WHOLE_STEPS
from ecom_platform.schedules import RANGE_END_TAG, RANGE_START_TAG
from ecom_platform.sensors.overdue import (
    MOST_RUNS_OF_A_TICK,
    REBUILDS,
    covered_by_runs,
    look_for_overdue,
    overdue_dates_sensor,
)
from ecom_platform_tests.dimensions_in_small import run_all
from ecom_platform_tests.ledger_in_small import rebuild_ledger
from ecom_platform_tests.marts_in_small import run_marts
from ecom_platform_tests.platform_in_small import LONG_AFTER
from ecom_platform_tests.profiles_in_small import rebuild_lake_profile, rebuild_profiles
from ecom_platform_tests.samples import DAY, at

if TYPE_CHECKING:
    from ecom_platform.lake.lake import Lake
    from ecom_platform.settings import Settings
    from ecom_platform_tests.platform_in_small import SmallPlatform

NEXT_DAY = DAY + dt.timedelta(days=1)
SHOP, EVENTS, PARTIALS, DIMENSIONS, PROFILES, PROFILE_OF_LAKE, MARTS, WHOLE_MARTS = (
    rebuild.tables for rebuild in REBUILDS
)


# --- Runs that cover


def run_of(tags: dict[str, str], job: str = "events_hourly_job", **values: object) -> set[str]:
    """The dates of clean_events that a run in progress covers, of two."""
    backlog = [StaleSlice("clean_events", date, "f") for date in (DAY, NEXT_DAY)]
    status = {"status": dg.DagsterRunStatus.STARTED}
    run = dg.DagsterRun(job_name=job, tags=tags, **(status | values))
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_run(run)
        return {str(one.event_date) for one in covered_by_runs(instance, backlog)}


@pytest.mark.parametrize(
    ("tags", "dates"),
    [
        ({"dagster/partition": f"{DAY}"}, {f"{DAY}"}),
        ({RANGE_START_TAG: f"{DAY}", RANGE_END_TAG: f"{NEXT_DAY}"}, {f"{DAY}", f"{NEXT_DAY}"}),
        ({RANGE_START_TAG: "2020-03-01", RANGE_END_TAG: "2020-03-31"}, set()),
        ({}, set()),
    ],
)
def test_a_run_covers_the_dates_of_its_partitions(tags: dict[str, str], dates: set[str]) -> None:
    assert run_of(tags) == dates


def test_a_run_covers_its_own_tables_only() -> None:
    tags = {"dagster/partition": f"{DAY}"}
    assert run_of(tags, job="dimensions_daily_job") == set()
    selection = frozenset({dg.AssetKey("fact_user_events")})
    assert run_of(tags, job="__ASSET_JOB", asset_selection=selection) == set()
    selection = frozenset({dg.AssetKey("clean_events")})
    assert run_of(tags, job="__ASSET_JOB", asset_selection=selection) == {f"{DAY}"}


def test_a_run_that_has_ended_covers_nothing() -> None:
    tags = {"dagster/partition": f"{DAY}"}
    assert run_of(tags, status=dg.DagsterRunStatus.FAILURE) == set()


# --- The backlog


def test_every_table_that_can_be_stale_is_rebuilt_by_the_backstop() -> None:
    tables = [table for rebuild in REBUILDS for table in rebuild.tables]
    assert len(tables) == len(set(tables))
    assert {*DATED_TABLES, *WHOLE_STEPS} <= set(tables)


# --- All together


@dataclass
class Clockwork:
    """Dagster with nothing switched on but the backstop, which runs what it asks for."""

    defs: dg.Definitions
    instance: dg.DagsterInstance
    lake: Lake
    cursor: str | None = None
    now: dt.datetime = LONG_AFTER

    def tick(self, after: float = 15) -> list[dg.RunRequest]:
        """What is asked for some minutes after the last tick."""
        self.now += dt.timedelta(minutes=after)
        result = look_for_overdue(self.instance, self.lake, self.cursor, self.now)
        self.cursor = result.cursor
        return list(result.run_requests or [])

    def run(self, request: dg.RunRequest) -> bool:
        job = self.defs.resolve_job_def(request.job_name)
        return job.execute_in_process(
            instance=self.instance,
            tags=request.tags,
            asset_selection=request.asset_selection,
            raise_on_error=False,
        ).success


@pytest.fixture
def clockwork(settings: Settings, lake: Lake) -> Iterator[Clockwork]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield Clockwork(build_defs(settings), instance, lake)


def asked(requests: list[dg.RunRequest]) -> list[tuple[str, str | None, str | None]]:
    """First table, first and last date of every request."""
    return [
        (
            request.asset_selection[0].to_user_string(),
            request.tags.get(RANGE_START_TAG),
            request.tags.get(RANGE_END_TAG),
        )
        for request in requests
    ]


def test_a_late_object_reaches_every_table_with_automation_off(
    clockwork: Clockwork, platform: SmallPlatform
) -> None:
    platform.drop("a.csv", at(1), at(1, day=NEXT_DAY))
    run_all(platform)
    rebuild_ledger(platform)
    rebuild_profiles(platform)
    rebuild_lake_profile(platform)
    run_marts(platform)
    assert clockwork.tick() == []
    platform.drop("late.csv", at(2), at(2, day=NEXT_DAY + dt.timedelta(days=5)))
    platform.ingest()
    assert clockwork.tick() == []  # automation comes first
    days = [("2020-04-01", "2020-04-01"), ("2020-04-07", "2020-04-07")]
    of_lake = (PROFILE_OF_LAKE[0], None, None)
    for expected in (
        [(tables[0], *day) for tables in (EVENTS, PROFILES) for day in days],
        # Sales are made from the fact alone.
        [
            *((PARTIALS[0], *day) for day in days),
            of_lake,
            *((MARTS[0], *day) for day in days),
        ],
        [
            (DIMENSIONS[0], None, None),
            (WHOLE_MARTS[0], None, None),
        ],
    ):
        requests = clockwork.tick()
        assert asked(requests) == expected
        assert all(clockwork.run(request) for request in requests)
        assert clockwork.tick() == []
    assert clockwork.tick() == clockwork.tick() == []
    assert clockwork.cursor == "{}"
    (user,) = platform.rows("dim_users")
    assert (user["view_count"], user["active_days"]) == (4, 3)


def test_a_tick_asks_for_a_bounded_number_of_runs(
    clockwork: Clockwork, platform: SmallPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    dates = [DAY + dt.timedelta(days=2 * number) for number in range(MOST_RUNS_OF_A_TICK + 3)]
    platform.drop("a.csv", *(at(1, day=date) for date in dates), written_at=LONG_AFTER)
    platform.ingest()
    assert clockwork.tick() == []
    # Each date twice: its events and its profile.
    assert len(clockwork.tick()) == MOST_RUNS_OF_A_TICK
    assert len(clockwork.tick()) == MOST_RUNS_OF_A_TICK
    assert len(clockwork.tick()) == 6
    assert clockwork.tick() == []
    monkeypatch.setitem(staleness.LOGIC_VERSIONS, "clean_events", "2")
    assert clockwork.tick() == []
    assert len(clockwork.tick()) == MOST_RUNS_OF_A_TICK


def test_the_sensor_looks_and_remembers(clockwork: Clockwork, platform: SmallPlatform) -> None:
    platform.drop("a.csv", at(1))
    platform.ingest()
    context = dg.build_sensor_context(
        instance=clockwork.instance, definitions=clockwork.defs, resources={"lake": platform.lake}
    )
    result = overdue_dates_sensor.evaluate_tick(context)
    assert result.skip_message == "2 stale slices wait, for automation or for their run"
    assert len(json.loads(result.cursor or "")) == 2
