"""Rollback plans: what can come back, what cannot, and why."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ecom_platform.contracts import TABLES
from ecom_platform.errors import CannotRollBack, PublishConflict
from ecom_platform.pipeline.inputs import DATED_TABLES, built_from
from ecom_platform.pipeline.maintenance import maintain
from ecom_platform.pipeline.rollback import release, roll_back
from ecom_platform.pipeline.rollback_plan import plan_rollback
from ecom_platform.pipeline.whole_tables import WHOLE_STEPS
from ecom_platform_tests.platform_in_small import LONG_AFTER
from ecom_platform_tests.rollback_in_small import NEXT_DAY, back, two_versions, versions
from ecom_platform_tests.samples import at
from ecom_platform_tests.upkeep_in_small import CLEAN, FACT, NOON, RAW, REJECTED

if TYPE_CHECKING:
    from ecom_platform_tests.platform_in_small import SmallPlatform

# --- Beside maintenance


def test_a_compaction_is_no_difference(platform: SmallPlatform) -> None:
    platform.drop("a.csv", at(1), at(2))
    platform.run(now=NOON)
    first = versions(platform, CLEAN)[0]
    maintain(platform.lake, LONG_AFTER, "maintenance-1")
    assert plan_rollback(platform.lake, CLEAN, first).changes == []


def test_a_held_date_and_what_its_release_needs_survive_maintenance(
    platform: SmallPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = two_versions(platform)
    was, newest = versions(platform, CLEAN)[1:]
    back(platform, CLEAN, was)
    platform.run()
    forgetful = platform.lake.settings.model_copy(
        update={"snapshot_days": 0, "unreferenced_hours": 0}
    )
    monkeypatch.setattr(platform.lake, "settings", forgetful)
    for hours in (0, 2):
        now = dt.datetime.now(tz=dt.UTC) + dt.timedelta(hours=hours)
        maintain(platform.lake, now, "maintenance-1")
    assert platform.rows(FACT) == before[FACT]
    assert versions(platform, CLEAN)[0:2] == [was, newest]
    back(platform, CLEAN, newest)
    assert len(platform.rows(CLEAN)) == 4
    assert platform.lake.holds.all() == []


# --- What is refused


def test_what_cannot_go_back_says_why(platform: SmallPlatform) -> None:
    reasons = {
        RAW: "lies in landing",
        REJECTED: "goes back with it",
        "session_days": "more tables must count .* put back fact_user_events, and it follows",
        "value_days": "eda_profile_lake must count every row .* put back what is counted from it",
        "funnel_days": "mart_funnel must count .* back fact_user_events or session_days",
        "raw_oltp_users": "made of all that was delivered",
        "oltp_events": "made of all that was delivered",
        "publications": "records what the platform did",
        "row_ledger": "records what the platform did",
        "holds": "records what the platform did",
        "no_such_table": "there is no table",
        CLEAN: "nothing was published",
    }
    for table, why in reasons.items():
        with pytest.raises(CannotRollBack, match=why):
            plan_rollback(platform.lake, table, 1)


@pytest.mark.parametrize("table", TABLES)
def test_what_may_go_back_alone_is_counted_by_no_other_table(
    platform: SmallPlatform, table: str
) -> None:
    with pytest.raises(CannotRollBack) as refused:
        plan_rollback(platform.lake, table, 1)
    if "nothing was published" in str(refused.value) and table not in (CLEAN, FACT):
        assert table in DATED_TABLES or table in WHOLE_STEPS
        assert not built_from(table)
        assert not any(table in step.partials for step in WHOLE_STEPS.values())


def test_a_version_that_was_forgotten_is_a_clear_error(platform: SmallPlatform) -> None:
    two_versions(platform)
    first = versions(platform, CLEAN)[0]
    later = dt.datetime.now(tz=dt.UTC) + dt.timedelta(days=8)
    maintain(platform.lake, later, "maintenance-1")
    for to in (first, dt.datetime(2020, 1, 1, tzinfo=dt.UTC)):
        with pytest.raises(CannotRollBack, match="ecom history clean_events") as refused:
            plan_rollback(platform.lake, CLEAN, to)
        assert "forgotten" in str(refused.value)


def test_a_version_whose_files_are_gone_is_refused_before_anything_changes(
    platform: SmallPlatform,
) -> None:
    two_versions(platform)
    plan = plan_rollback(platform.lake, CLEAN, versions(platform, CLEAN)[1])
    Path(plan.changes[0].then[0].path).unlink()
    paths = platform.paths(CLEAN), platform.paths(REJECTED)
    with pytest.raises(CannotRollBack, match="not there"):
        roll_back(platform.lake, plan, "ann", "")
    assert (platform.paths(CLEAN), platform.paths(REJECTED)) == paths


def test_a_run_that_publishes_the_date_meanwhile_wins(platform: SmallPlatform) -> None:
    two_versions(platform)
    plan = plan_rollback(platform.lake, FACT, versions(platform, FACT)[1])
    platform.drop("c.csv", at(9))
    platform.run()
    with pytest.raises(PublishConflict, match="run-1"):
        roll_back(platform.lake, plan, "ann", "")
    assert platform.lake.holds.all() == []
    assert len(platform.rows(FACT)) == 5


def test_releasing_what_is_not_held_is_an_error(platform: SmallPlatform) -> None:
    two_versions(platform)
    with pytest.raises(CannotRollBack, match="nothing of clean_events is held"):
        release(platform.lake, CLEAN, None)
    back(platform, CLEAN, versions(platform, CLEAN)[1])
    with pytest.raises(CannotRollBack, match="on these dates"):
        release(platform.lake, CLEAN, [NEXT_DAY])
