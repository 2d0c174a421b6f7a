"""Rollback: dates go back, stay there until released, and what is built from them follows."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from ecom_platform.errors import CannotRollBack
from ecom_platform.pipeline.backlog import find_backlog
from ecom_platform.pipeline.held import held_dates
from ecom_platform.pipeline.history import table_history
from ecom_platform.pipeline.inputs import DATED_TABLES
from ecom_platform.pipeline.rollback import release
from ecom_platform.pipeline.rollback_plan import plan_rollback
from ecom_platform.pipeline.whole_tables import WHOLE_STEPS
from ecom_platform_tests.dimensions_in_small import (
    rebuild_dimension,
    rebuild_partials,
    rows_of,
    run_all,
)
from ecom_platform_tests.platform_in_small import LONG_AFTER
from ecom_platform_tests.rollback_in_small import NEXT_DAY, back, stale, two_versions, versions
from ecom_platform_tests.s3_in_small import everywhere_at_length
from ecom_platform_tests.samples import DAY, at
from ecom_platform_tests.trust.contents import PROVENANCE
from ecom_platform_tests.trust.histories import settle
from ecom_platform_tests.upkeep_in_small import CLEAN, FACT, NOON, REJECTED

if TYPE_CHECKING:
    from ecom_platform_tests.platform_in_small import SmallPlatform


# --- There and back


@everywhere_at_length
def test_a_date_goes_back_stays_there_and_is_rebuilt_once_released(
    platform: SmallPlatform,
) -> None:
    before = two_versions(platform)
    after = {table: platform.rows(table) for table in (CLEAN, REJECTED, FACT)}
    assert back(platform, CLEAN, versions(platform, CLEAN)[1]) == [DAY]
    assert (platform.rows(CLEAN), platform.rows(REJECTED)) == (before[CLEAN], before[REJECTED])
    # The fact follows, and clean_events is left as it is, run after run.
    assert (stale(platform, CLEAN), stale(platform, FACT)) == ([], [DAY])
    for rebuilt in ([DAY], []):
        done = platform.run()
        assert [one.slice_.event_date for one in done[FACT]] == rebuilt
        assert done[CLEAN] == []
    assert (platform.rows(CLEAN), platform.rows(FACT)) == (before[CLEAN], before[FACT])
    assert list(held_dates(platform.lake, CLEAN, None, LONG_AFTER)) == [DAY]
    assert [hold.event_date for hold in release(platform.lake, CLEAN, [DAY])] == [DAY]
    assert stale(platform, CLEAN) == [DAY]
    platform.run()
    # Rows are rejected again, and carry the time of it.
    for table in (CLEAN, FACT):
        assert platform.rows(table) == after[table]
    assert len(platform.rows(REJECTED)) == len(after[REJECTED])
    assert held_dates(platform.lake, CLEAN, None, LONG_AFTER) == {}


def test_a_rollback_is_undone_by_going_back_to_the_version_before_it(
    platform: SmallPlatform,
) -> None:
    two_versions(platform)
    after = {table: platform.rows(table) for table in (CLEAN, REJECTED, FACT)}
    published = platform.lake.publications.published(CLEAN)[DAY].fingerprints
    was, newest = versions(platform, CLEAN)[1:]
    back(platform, CLEAN, was)
    platform.run()
    back(platform, CLEAN, newest)
    assert platform.lake.holds.all() == []
    assert platform.lake.publications.published(CLEAN)[DAY].fingerprints == published
    platform.run()
    assert {table: platform.rows(table) for table in (CLEAN, REJECTED, FACT)} == after
    assert (stale(platform, CLEAN), stale(platform, FACT)) == ([], [])


def test_after_two_rollbacks_release_leads_to_the_present(platform: SmallPlatform) -> None:
    for minute in range(3):
        platform.drop("a.csv", at(1, minute), *(at(2) for _ in range(minute)))
        platform.run()
    first, second, third = versions(platform, CLEAN)
    newest = platform.rows(FACT)
    back(platform, CLEAN, second)
    back(platform, CLEAN, first)
    (hold,) = platform.lake.holds.all()
    assert (hold.snapshot_id, hold.replaced_snapshot_id) == (first, third)
    platform.run()
    assert [row["event_time"].minute for row in platform.rows(FACT)] == [0]
    release(platform.lake, CLEAN, None)
    platform.run()
    assert platform.rows(FACT) == newest


def test_only_the_chosen_dates_go_back(platform: SmallPlatform) -> None:
    platform.drop("a.csv", at(1), at(1, day=NEXT_DAY))
    platform.run()
    platform.drop("b.csv", at(2), at(2, day=NEXT_DAY))
    platform.run()
    first = versions(platform, CLEAN)[1]
    assert back(platform, CLEAN, first, [NEXT_DAY]) == [NEXT_DAY]
    held = [(row["event_date"], row["event_time"].hour) for row in platform.rows(CLEAN)]
    assert sorted(held) == [(DAY, 1), (DAY, 2), (NEXT_DAY, 1)]
    assert [hold.event_date for hold in platform.lake.holds.all()] == [NEXT_DAY]


def test_a_time_names_the_version_that_was_current_then(platform: SmallPlatform) -> None:
    two_versions(platform)
    changes = table_history(platform.lake, CLEAN)
    just_before = changes[0].committed_at - dt.timedelta(milliseconds=1)
    plan = plan_rollback(platform.lake, CLEAN, just_before)
    assert plan.snapshot.snapshot_id == changes[1].snapshot_id
    assert [(c.event_date, c.rows_now, c.rows_then) for c in plan.changes] == [(DAY, 3, 2)]


def test_a_date_that_was_not_there_becomes_empty(platform: SmallPlatform) -> None:
    platform.drop("a.csv", at(1))
    platform.run()
    first = versions(platform, CLEAN)[0]
    platform.drop("b.csv", at(1, day=NEXT_DAY))
    platform.run()
    assert back(platform, CLEAN, first) == [NEXT_DAY]
    platform.run()
    assert platform.values(FACT, "event_date") == [DAY]
    release(platform.lake, CLEAN, None)
    platform.run()
    assert platform.values(FACT, "event_date") == [DAY, NEXT_DAY]


def test_hours_of_an_open_date_go_back_and_come_again(platform: SmallPlatform) -> None:
    platform.drop("1.csv", at(1))
    platform.run(now=NOON)
    platform.drop("2.csv", at(2))
    platform.run(now=NOON)
    back(platform, CLEAN, versions(platform, CLEAN)[0])
    platform.drop("3.csv", at(3))
    platform.run(now=NOON)
    assert platform.values(FACT, "hour_of_day") == [1]
    release(platform.lake, CLEAN, None)
    platform.run(now=NOON)
    assert platform.values(FACT, "hour_of_day") == [1, 2, 3]


# --- What is built from them


def test_partials_and_dimensions_follow_there_and_back(platform: SmallPlatform) -> None:
    platform.drop("a.csv", at(1))
    run_all(platform)
    users = rows_of(platform, "dim_users")
    platform.drop("bad.csv", at(5))
    run_all(platform)
    assert rows_of(platform, "dim_users") != users
    back(platform, FACT, versions(platform, FACT)[0])
    assert rebuild_partials(platform)["session_days"] == 1
    assert rebuild_dimension(platform, "dim_users")
    assert rows_of(platform, "dim_users") == users


def test_a_dimension_goes_back_as_a_whole_and_is_held(platform: SmallPlatform) -> None:
    platform.drop("a.csv", at(1))
    run_all(platform)
    before = rows_of(platform, "dim_users")
    platform.drop("b.csv", at(5))
    run_all(platform)
    after = rows_of(platform, "dim_users")
    assert back(platform, "dim_users", versions(platform, "dim_users")[0]) == [None]
    assert rebuild_dimension(platform, "dim_users") is None
    assert rows_of(platform, "dim_users") == before
    release(platform.lake, "dim_users", None)
    assert rebuild_dimension(platform, "dim_users")
    assert rows_of(platform, "dim_users") == after


def test_rows_of_unknown_origin_make_what_is_built_from_them_follow(
    platform: SmallPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_versions(platform)
    monkeypatch.setattr(platform.lake.publications, "published_as_of", lambda *_: {})
    back(platform, CLEAN, versions(platform, CLEAN)[1])
    assert stale(platform, FACT) == [DAY]
    platform.run()
    assert len(platform.rows(FACT)) == 3
    release(platform.lake, CLEAN, None)
    assert stale(platform, CLEAN) == [DAY]


# --- Every table


@pytest.mark.slow
def test_every_table_that_may_go_back_does_is_held_and_comes_again(
    platform: SmallPlatform,
) -> None:
    for hour in (1, 5):
        other = {"user_session": f"s{hour}", "user_id": f"{hour}1", "product_id": f"{hour}7"}
        steps = enumerate(["view", "cart", "purchase"])
        bought = [{**at(hour, minute), **other, "event_type": step} for minute, step in steps]
        platform.drop(f"{hour}.csv", *bought)
        settle(platform, marts=True)
    may = [name for name in (*DATED_TABLES, *WHOLE_STEPS) if may_go_back(platform, name)]
    last = [table for table in may if table not in (CLEAN, FACT)]
    assert {*WHOLE_STEPS, "eda_profile", "mart_funnel"} <= {*last}
    for tables in ([CLEAN], [FACT], last):
        old_and_new = [
            (versions(platform, table)[0], versions(platform, table)[-1]) for table in tables
        ]
        content = {table: built(platform, table) for table in tables}
        for table, (oldest, _) in zip(tables, old_and_new, strict=True):
            assert back(platform, table, oldest) in ([DAY], [None])
        old = {table: built(platform, table) for table in tables}
        assert [table for table in tables if old[table] == content[table]] == []
        settle(platform, marts=True)
        assert {table: built(platform, table) for table in tables} == old
        for table, (oldest, newest) in zip(tables, old_and_new, strict=True):
            back(platform, table, newest)
            assert platform.lake.holds.of(table) == {}
            assert built(platform, table) == content[table]
            back(platform, table, oldest)
            release(platform.lake, table, None)
        settle(platform, marts=True)
        assert {table: built(platform, table) for table in tables} == content
        assert find_backlog(platform.lake, LONG_AFTER) == []


def may_go_back(platform: SmallPlatform, table: str) -> bool:
    try:
        plan_rollback(platform.lake, table, versions(platform, table)[0])
    except CannotRollBack:
        return False
    return True


def built(platform: SmallPlatform, table: str) -> list[str]:
    """The rows of a table; where a row came from and when may differ."""
    rows = platform.rows(table)
    return sorted(str({n: v for n, v in row.items() if n not in PROVENANCE}) for row in rows)
