"""The daily job in Dagster: partials of closed dates, then the dimensions as a whole, in one run.

Partitioned and unpartitioned assets share the job: one date or a range of dates is asked for.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ecom_platform.definitions import build_defs
from ecom_platform.pipeline.model import DIMENSION_STEPS, PARTIAL_STEPS
from ecom_platform_tests.dimensions_in_small import DIMENSIONS, PARTIALS, rows_of
from ecom_platform_tests.samples import DAY, at

if TYPE_CHECKING:
    from ecom_platform.settings import Settings
    from ecom_platform_tests.assets.conftest import Metadata, Orchestrated, Run
    from ecom_platform_tests.platform_in_small import SmallPlatform

DAYS = [DAY + dt.timedelta(days=n) for n in range(3)]
KEYS = [day.isoformat() for day in DAYS]
BOUGHT = {"event_type": "purchase", "price": "2.00"}


def run_daily(dagster: Orchestrated, first: dt.date, last: dt.date | None = None) -> Run:
    return dagster.run(first, last, job="dimensions_daily_job")


def anew(dagster: Orchestrated, settings: Settings) -> Orchestrated:
    """The same instance with definitions that are put together once more."""
    return dataclasses.replace(dagster, defs=build_defs(settings))


def whole(run: Run) -> dict[str, Metadata]:
    """What a run told of the dimensions."""
    return {name: told for (name, key), told in run.materialized.items() if key is None}


def test_one_date_adds_its_partials_and_rebuilds_the_dimensions(
    dagster: Orchestrated, platform: SmallPlatform
) -> None:
    platform.drop("a.csv", at(1), {**at(2), **BOUGHT})
    platform.run()
    run = run_daily(dagster, DAY)
    assert run.success, run.failures
    told = run.materialized
    assert set(told) == {(name, KEYS[0]) for name in PARTIALS} | {(n, None) for n in DIMENSIONS}
    assert told["session_days", KEYS[0]]["dagster/partition_row_count"] == 1
    assert told["product_version_days", KEYS[0]]["dagster/partition_row_count"] == 2
    users = told["dim_users", None]
    assert (users["dagster/row_count"], users["slices_rebuilt"]) == (1, 1)
    assert users["as_of_date"] == KEYS[0]
    assert min(users["bytes"], users["seconds"]) > 0

    again = run_daily(dagster, DAY)
    assert {told["slices_rebuilt"] for told in again.materialized.values()} == {0}
    assert {told["dagster/row_count"] for told in whole(again).values()} == {1, 2}


def test_a_range_run_adds_every_date_and_rebuilds_the_dimensions_once(
    dagster: Orchestrated, platform: SmallPlatform
) -> None:
    platform.drop("a.csv", at(1), at(1, day=DAYS[2]), at(2, day=DAYS[2]))
    platform.run()
    run = run_daily(dagster, DAYS[0], DAYS[2])
    assert run.success, run.failures
    rows = [run.materialized["session_days", key]["dagster/partition_row_count"] for key in KEYS]
    assert rows == [1, 0, 1]
    assert {told["as_of_date"] for told in whole(run).values()} == {KEYS[2]}
    assert {platform.snapshots(name) for name in DIMENSIONS} == {1}
    (user,) = rows_of(platform, "dim_users")
    assert (user["session_count"], user["active_days"], user["view_count"]) == (1, 2, 3)


def test_a_refused_date_of_a_partial_leaves_the_dimensions_as_they_are(
    dagster: Orchestrated,
    platform: SmallPlatform,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    platform.drop("a.csv", at(1))
    platform.run()
    assert run_daily(dagster, DAY).success
    before = {name: platform.state(name) for name in DIMENSIONS}
    platform.drop("b.csv", at(1, day=DAYS[1]), at(2, day=DAYS[2]), {**at(3), **BOUGHT})
    platform.run()
    good = PARTIAL_STEPS["session_days"]
    rest = f"event_date <> '{KEYS[1]}'"
    bad = dataclasses.replace(good, build=lambda rows: good.build(rows).where(rest))
    monkeypatch.setitem(PARTIAL_STEPS, "session_days", bad)
    run = run_daily(anew(dagster, settings), DAYS[0], DAYS[2])
    assert not run.success
    assert f"session_days: refused {KEYS[1]}; every other date" in run.failures["session_days"]
    assert [key for name, key in run.materialized if name == "session_days"] == [KEYS[0], KEYS[2]]
    assert "dim_users" not in whole(run)
    assert platform.state("dim_users") == before["dim_users"]
    # As it is stored: sound, and a late event of the first date behind the fact.
    shown = run.checks("dim_users", None)
    assert "Not built in this run: dim_users; automation" in run.failures["session_days"]
    assert [check for check, passed in shown.items() if not passed] == ["row_count_reconciles"]
    assert len(shown) > 4
    # The other dimensions are not made from this partial.
    assert run.checks("dim_product_versions", None).keys() >= {"versions_follow_each_other"}


def test_a_refused_dimension_fails_with_its_reason_and_the_others_are_published(
    dagster: Orchestrated,
    platform: SmallPlatform,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    platform.drop("a.csv", at(1), {**at(2), "user_id": "7"})
    platform.run()
    good = DIMENSION_STEPS["dim_users"]
    bad = dataclasses.replace(good, build=lambda *inputs: good.build(*inputs).where("user_id <> 7"))
    monkeypatch.setitem(DIMENSION_STEPS, "dim_users", bad)
    run = run_daily(anew(dagster, settings), DAY)
    assert not run.success
    assert set(run.failures) == {"dim_users"}
    message = "dim_users 2020-04-01 is not published: row_count_reconciles: 2 fact_user_events"
    assert message in run.failures["dim_users"]
    assert set(whole(run)) == {"dim_products", "dim_product_versions"}
    assert platform.rows("dim_users") == []
    shown = run.checks("dim_users", None)
    assert [check for check, passed in shown.items() if not passed] == ["row_count_reconciles"]
    (numbers,) = (
        event.asset_check_evaluation_data.metadata
        for event in run.events
        if event.event_type_value == "ASSET_CHECK_EVALUATION"
        and event.asset_check_evaluation_data.check_name == "row_count_reconciles"
        and event.asset_check_evaluation_data.asset_key.to_user_string() == "dim_users"
    )
    assert {name: value.value for name, value in numbers.items()} == {
        "fact_user_events": 2,
        "counted_events": 1,
        "difference": 1,
    }


def test_a_dimension_that_waits_for_a_partial_still_shows_how_it_is_stored(
    dagster: Orchestrated, platform: SmallPlatform
) -> None:
    platform.drop("a.csv", at(1))
    platform.run()
    assert run_daily(dagster, DAY).success
    platform.drop("b.csv", at(1, day=DAYS[1]))
    platform.run()
    lost = platform.lake.table("session_days").files()[0].path
    Path(lost).unlink()
    only = ["session_days", "user_taste_days", "dim_users"]
    run = dagster.run(DAYS[1], job="dimensions_daily_job", only=only)
    assert f"session_days of {KEYS[0]} cannot be read" in run.failures["dim_users"]
    assert "`ecom run --rebuild session_days" in run.failures["dim_users"]
    assert len(platform.rows("dim_users")) == 1


def test_a_dimension_alone_tells_which_partial_is_behind(
    dagster: Orchestrated, platform: SmallPlatform
) -> None:
    platform.drop("a.csv", at(1))
    platform.run()
    assert run_daily(dagster, DAY).success
    platform.drop("late.csv", at(2))
    platform.run()
    run = dagster.run(DAY, job="dimensions_daily_job", only=["dim_products"])
    assert not run.success
    assert "Materialize these dates of product_days first" in run.failures["dim_products"]
