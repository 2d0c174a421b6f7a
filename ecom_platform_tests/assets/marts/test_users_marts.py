"""The marts of users in Dagster: what a run tells of how they were made, and a refused one."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING

from ecom_platform.definitions import build_defs
from ecom_platform.pipeline.inputs import MULTIDAY
from ecom_platform.pipeline.marts import MART_WHOLE_STEPS
from ecom_platform_tests.dimensions_in_small import rebuild_partials
from ecom_platform_tests.samples import DAY, at

if TYPE_CHECKING:
    import pytest

    from ecom_platform.settings import Settings
    from ecom_platform_tests.assets.conftest import Orchestrated, Run
    from ecom_platform_tests.platform_in_small import SmallPlatform

NEXT_DAY = DAY + dt.timedelta(days=1)
MARTS = list(MART_WHOLE_STEPS)


def run_marts(dagster: Orchestrated, date: dt.date) -> Run:
    return dagster.run(date, job="marts_daily_job", only=[MULTIDAY, *MARTS])


def test_a_run_tells_whether_it_added_dates_and_how_many(
    dagster: Orchestrated, platform: SmallPlatform
) -> None:
    told = []
    for date in (DAY, NEXT_DAY, NEXT_DAY):
        platform.drop(f"{len(told)}.csv", at(len(told), day=date))
        platform.run()
        rebuild_partials(platform, only=["session_days"])
        run = run_marts(dagster, date)
        assert run.success, run.failures
        told.append([run.materialized[name, None] for name in MARTS])
    assert [[mart["dates_added"] for mart in marts] for marts in told] == [
        [0] * 3,
        [1] * 3,
        [0] * 3,
    ]
    assert {mart["how"] for mart in told[1]} == {
        f"{NEXT_DAY} added to what was published as of {DAY}"
    }
    assert {mart["how"] for mart in told[2]} == {"from all dates: what it counts changed, or how"}


def test_marts_that_follow_a_refused_one_show_how_they_are_stored(
    dagster: Orchestrated,
    platform: SmallPlatform,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    platform.drop("a.csv", at(1), {**at(2), "user_id": 7})
    platform.run()
    rebuild_partials(platform, only=["session_days"])
    assert run_marts(dagster, DAY).success
    platform.drop("b.csv", at(1, day=NEXT_DAY))
    platform.run()
    rebuild_partials(platform, only=["session_days"])
    good = MART_WHOLE_STEPS["mart_users"]
    bad = dataclasses.replace(good, extend=lambda given: given.rows.rows.where("user_id <> 7"))
    monkeypatch.setitem(MART_WHOLE_STEPS, "mart_users", bad)
    run = run_marts(dataclasses.replace(dagster, defs=build_defs(settings)), NEXT_DAY)
    assert set(run.failures) == {"mart_users"}
    assert "row_count_reconciles: 3 fact_user_events" in run.failures["mart_users"]
    assert not {(name, None) for name in MARTS} & run.materialized.keys()
    assert run.checks("mart_users", None)["row_count_reconciles"] is False
    for name in MARTS[1:]:
        shown = run.checks(name, None)
        # Stored as of the date before, and right for it.
        assert len(shown) > 3
        assert all(shown.values())
