"""Where it is not certain what a mart of users holds, all dates are counted, and it says so."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ecom_platform.lake.holds import Hold
from ecom_platform.lake.publications import Publications
from ecom_platform.pipeline import staleness
from ecom_platform.pipeline.inputs import MULTIDAY
from ecom_platform.pipeline.rollback import release, roll_back
from ecom_platform.pipeline.rollback_plan import plan_rollback
from ecom_platform_tests.pipeline.marts.growing import (
    DATES,
    MARTS,
    assert_as_counted_whole,
    assert_whole,
    bring_inputs_up_to_date,
    rebuild,
    run,
    visits,
)
from ecom_platform_tests.samples import at, utc

if TYPE_CHECKING:
    from ecom_platform_tests.platform_in_small import SmallPlatform


def test_late_data_are_counted_with_all_dates(grown: SmallPlatform) -> None:
    run(grown)
    grown.drop("late.csv", {**at(9), "user_id": 31})
    assert_whole(run(grown), "what it counts changed, or how")
    grown.drop("late-again.csv", {**at(9), "user_id": 44})
    grown.drop("2.csv", *visits(2, DATES[2]))
    for name, how in run(grown).items():
        assert how == (
            f"from all dates: dates up to {DATES[1]} changed, or how {name} is built from them"
        )
    assert_as_counted_whole(grown)


@pytest.mark.slow
def test_a_date_that_comes_between_is_late_data(platform: SmallPlatform) -> None:
    for number in (0, 2):
        platform.drop(f"{number}.csv", *visits(number, DATES[number]))
        run(platform)
    for number in (1, 3):
        platform.drop(f"{number}.csv", *visits(number, DATES[number]))
    assert all("dates up to" in how for how in run(platform).values())
    assert_as_counted_whole(platform)


def test_other_logic_counts_all_dates(
    grown: SmallPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in MARTS:
        monkeypatch.setitem(staleness.LOGIC_VERSIONS, name, "another")
    made = run(grown)
    assert all(f"or how {name} is built" in how for name, how in made.items())
    assert_as_counted_whole(grown)


def test_a_run_that_was_killed_before_it_recorded_what_it_did_is_not_added_to(
    grown: SmallPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(Publications, "record", _killed_at("mart_users", Publications.record))
        with pytest.raises(KeyboardInterrupt):
            run(grown)
    made = rebuild(grown)
    assert_whole(made, "mart_users was written since it was published", ["mart_users"])
    # These were not written, and mart_users is as of their date again.
    assert all("added" in made[name] for name in MARTS[1:])
    assert_as_counted_whole(grown)


def _killed_at(table: str, record: Callable[..., None]) -> Callable[..., None]:
    def recorded(self: Publications, publications: object, run_id: str) -> None:
        told = list(publications)  # type: ignore[call-overload]  # as it came
        if any(one.table_name == table for one in told):
            raise KeyboardInterrupt
        record(self, told, run_id)

    return recorded


def test_what_was_put_back_is_not_added_to(grown: SmallPlatform) -> None:
    run(grown)
    first = grown.lake.table("mart_users").iceberg.snapshots()[0]
    plan = plan_rollback(grown.lake, "mart_users", first.snapshot_id)
    roll_back(grown.lake, plan, "tester", "a test")
    grown.drop("2.csv", *visits(2, DATES[2]))
    made = run(grown)
    # Nothing is asked of a table that is held; the others find out themselves who is new.
    assert "mart_users" not in made
    assert_whole(made, "mart_users does not hold the same dates", MARTS[1:])
    release(grown.lake, "mart_users", None)
    assert rebuild(grown)["mart_users"].startswith("from all dates")
    assert_as_counted_whole(grown)


def test_what_another_table_is_behind_with_is_not_looked_up(grown: SmallPlatform) -> None:
    made = run(grown, multiday=False)
    assert_whole(made, f"{MULTIDAY} does not match what it is built from", ["mart_users"])
    assert all("added" in made[name] for name in MARTS[1:])
    grown.drop("2.csv", *visits(2, DATES[2]))
    held = Hold(MULTIDAY, DATES[0], 1, 1, "a test", "tester", utc("2020-05-01 00:00"))
    grown.lake.holds.record([held])
    made = run(grown)
    assert_whole(made, f"{MULTIDAY} does not match what it is built from", ["mart_users"])
    assert_as_counted_whole(grown)


def test_lost_files_are_no_reason_to_stop(grown: SmallPlatform) -> None:
    for path in (path for name in MARTS for path in grown.paths(name)):
        Path(path).unlink()
    assert_whole(run(grown), "files of what was published are not there")
    assert_as_counted_whole(grown)


def test_who_asks_for_it_gets_all_dates_counted(grown: SmallPlatform) -> None:
    bring_inputs_up_to_date(grown)
    assert_whole(rebuild(grown, whole=True), "as was asked for")
