"""A rollback through Dagster: runs leave what is held, say so, and build what follows from it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import dagster as dg

from ecom_platform.pipeline.history import table_history
from ecom_platform.pipeline.rollback import release, roll_back
from ecom_platform.pipeline.rollback_plan import plan_rollback
from ecom_platform.transforms.clean import clean_events
from ecom_platform_tests.samples import DAY, at
from ecom_platform_tests.upkeep_in_small import CLEAN, FACT

if TYPE_CHECKING:
    import pytest
    from pyspark.sql import DataFrame

    from ecom_platform.transforms.clean import DividedEvents
    from ecom_platform_tests.assets.conftest import Orchestrated, Run
    from ecom_platform_tests.platform_in_small import SmallPlatform

NEXT_DAY = DAY + dt.timedelta(days=1)


def put_back(platform: SmallPlatform, table: str) -> None:
    """Put a table back to the version before its newest."""
    version = table_history(platform.lake, table)[1].snapshot_id
    roll_back(platform.lake, plan_rollback(platform.lake, table, version), "ann", "a bad file")


def warnings(run: Run) -> str:
    log = run.instance.all_logs(run.result.run_id)
    return "\n".join(entry.user_message for entry in log if entry.level == 30)


def test_a_range_run_leaves_a_held_date_and_builds_the_fact_from_it(
    platform: SmallPlatform, dagster: Orchestrated
) -> None:
    platform.drop("a.csv", at(1), at(1, day=NEXT_DAY))
    assert dagster.run(DAY, NEXT_DAY).success
    before = platform.rows(FACT)
    platform.drop("bad.csv", at(5))
    assert dagster.run(DAY, NEXT_DAY).success
    after = platform.rows(FACT)
    put_back(platform, CLEAN)
    platform.drop("c.csv", at(7, day=NEXT_DAY))

    for rebuild in (False, True):  # not even a run that rebuilds what is not stale
        config = {CLEAN: {"rebuild": rebuild}}
        run = dagster.run(DAY, NEXT_DAY, config=config)
        assert run.success
        assert "ecom release clean_events --date 2020-04-01" in warnings(run)
        assert "a bad file" in run.materialized[CLEAN, "2020-04-01"]["held"]
        assert "held" not in run.materialized[CLEAN, "2020-04-02"]
        assert "a bad file" in run.materialized[FACT, "2020-04-01"]["built_from_held"]
        assert "built_from_held" not in run.materialized[FACT, "2020-04-02"]
        # It was not built from what raw_events holds now: that is a warning, and blocks nothing.
        assert run.checks(CLEAN, "2020-04-01")["row_count_reconciles"] is False
        assert run.checks(FACT, "2020-04-01")["row_count_reconciles"] is True
        of_day = [row for row in platform.rows(FACT) if row["event_date"] == DAY]
        assert of_day == [row for row in before if row["event_date"] == DAY]
    assert len(platform.rows(FACT)) == 3

    release(platform.lake, CLEAN, [DAY])
    run = dagster.run(DAY, NEXT_DAY)
    assert run.success
    assert run.checks(CLEAN, "2020-04-01")["row_count_reconciles"] is True
    of_day = [row for row in platform.rows(FACT) if row["event_date"] == DAY]
    assert of_day == [row for row in after if row["event_date"] == DAY]


def test_a_held_dimension_says_so(platform: SmallPlatform, dagster: Orchestrated) -> None:
    for minute in (0, 1):
        platform.drop("a.csv", at(1, minute), at(1 + minute))
        assert dagster.run(DAY).success
        assert dagster.run(DAY, job="dimensions_daily_job").success
    newest = platform.rows("dim_users")
    put_back(platform, "dim_users")
    run = dagster.run(DAY, job="dimensions_daily_job", only=["dim_users"])
    assert "ecom release dim_users --all" in warnings(run)
    assert "a bad file" in run.materialized["dim_users", None]["held"]
    # It counts fewer events than the fact has: a warning, that says why, and blocks nothing.
    assert run.success
    assert run.checks("dim_users", None)["row_count_reconciles"] is False
    assert "a bad file" in told_of(run, "dim_users", "row_count_reconciles")
    assert platform.rows("dim_users") != newest


def test_a_refused_date_does_not_turn_a_held_one_red(
    platform: SmallPlatform, dagster: Orchestrated, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.drop("a.csv", at(1), at(1, day=NEXT_DAY))
    assert dagster.run(DAY, NEXT_DAY).success
    platform.drop("bad.csv", at(5))
    assert dagster.run(DAY, NEXT_DAY).success
    put_back(platform, CLEAN)
    platform.drop("c.csv", at(7, day=NEXT_DAY))
    monkeypatch.setattr("ecom_platform.pipeline.clean.clean_events", no_rows)
    run = dagster.run(DAY, NEXT_DAY)
    assert not run.success
    assert "a bad file" in told_of(run, CLEAN, "row_count_reconciles", DAY)
    assert run.severities(CLEAN, "row_count_reconciles") == {
        str(DAY): dg.AssetCheckSeverity.WARN,
        str(NEXT_DAY): dg.AssetCheckSeverity.ERROR,
    }


def no_rows(events: DividedEvents) -> DataFrame:
    return clean_events(events).limit(0)


def told_of(run: Run, table: str, check: str, date: dt.date | None = None) -> str:
    key = dg.AssetKey(table), check, date and str(date)
    found = [e for e in run.evaluations if (e.asset_key, e.check_name, e.partition) == key]
    return str([evaluation.description for evaluation in found])
