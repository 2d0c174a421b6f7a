"""A rollback that is killed, overtaken or beside a run: held, repeatable, and nothing silent."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from pyspark.sql import functions as F

from ecom_platform.errors import CannotRollBack, PublishConflict
from ecom_platform.lake.holds import Holds
from ecom_platform.lake.publications import Publications
from ecom_platform.lake.table import TableVersion
from ecom_platform.pipeline.clean import rebuild_clean_events
from ecom_platform.pipeline.history import table_history
from ecom_platform.pipeline.maintenance import maintain
from ecom_platform.pipeline.marts import PROFILE_STEPS
from ecom_platform.pipeline.model import rebuild_fact_user_events
from ecom_platform.pipeline.outcomes import Refused
from ecom_platform.pipeline.rollback import release, roll_back
from ecom_platform.pipeline.rollback_plan import plan_rollback
from ecom_platform.pipeline.staleness import stale_dates
from ecom_platform.transforms.clean import clean_events
from ecom_platform_tests.platform_in_small import LONG_AFTER
from ecom_platform_tests.profiles_in_small import rebuild_profiles
from ecom_platform_tests.rollback_in_small import NEXT_DAY, back, stale, two_versions, versions
from ecom_platform_tests.samples import DAY, at
from ecom_platform_tests.upkeep_in_small import CLEAN, FACT, REJECTED, WEEK

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from ecom_platform.transforms.clean import DividedEvents
    from ecom_platform_tests.platform_in_small import SmallPlatform

# What a rollback of clean_events writes: the hold, the mark, rejected_events and its record, the
# table and its record, and the end of holds.
WRITES = 7


class Killed(BaseException):
    """The process ends here."""


def killed_before_write(platform: SmallPlatform, number: int, to: int) -> None:
    """Put clean_events back in a process that ends before one of its writes."""
    plan = plan_rollback(platform.lake, CLEAN, to)
    with pytest.MonkeyPatch.context() as patch:
        kill_before_write(patch, number)
        with pytest.raises(Killed):
            roll_back(platform.lake, plan, "ann", "a bad file")


def kill_before_write(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    left = [number]

    def dying(method):
        def write(self, *args, **kwargs):
            left[0] -= 1
            if left[0] == 0:
                raise Killed
            return method(self, *args, **kwargs)

        return write

    for owner, name in (
        (Holds, "record"),
        (Holds, "release"),
        (Publications, "record"),
        (TableVersion, "commit"),
    ):
        monkeypatch.setattr(owner, name, dying(getattr(owner, name)))


@pytest.mark.slow
def test_killed_before_any_of_its_writes_a_rollback_is_held_followed_and_repeated(
    platform: SmallPlatform,
) -> None:
    before = two_versions(platform)
    after = platform.rows(FACT)
    was = versions(platform, CLEAN)[1]
    for number in range(1, WRITES + 1):
        killed_before_write(platform, number, was)
        assert [hold.event_date for hold in platform.lake.holds.all()] == [DAY] * (number > 1)
        platform.run()  # whatever clean_events holds now, the fact follows, and it is left alone
        assert ids(platform, CLEAN) == ids(platform, FACT)
        back(platform, CLEAN, was)
        platform.run()
        assert (platform.rows(CLEAN), platform.rows(REJECTED)) == (before[CLEAN], before[REJECTED])
        assert platform.rows(FACT) == before[FACT]
        release(platform.lake, CLEAN, None)
        platform.run()
        assert platform.rows(FACT) == after
    with pytest.MonkeyPatch.context() as patch:
        kill_before_write(patch, WRITES + 1)
        back(platform, CLEAN, was)  # there is no further write


def test_a_rollback_that_was_killed_can_be_released_instead(platform: SmallPlatform) -> None:
    two_versions(platform)
    after = platform.rows(FACT)
    # Both tables are back, and nothing is recorded of it.
    killed_before_write(platform, 6, versions(platform, CLEAN)[1])
    assert len(platform.rows(CLEAN)) == 3
    release(platform.lake, CLEAN, [DAY])
    platform.run()
    assert platform.rows(FACT) == after


def test_a_run_that_found_the_date_stale_before_gives_way(platform: SmallPlatform) -> None:
    two_versions(platform)
    platform.drop("c.csv", at(9))
    platform.ingest()
    found = stale_dates(platform.lake, CLEAN, None, LONG_AFTER)
    back(platform, CLEAN, versions(platform, CLEAN)[1])
    held = platform.rows(CLEAN)
    with pytest.raises(PublishConflict, match=r"gave way: .*a bad file.*ecom release clean_events"):
        rebuild_clean_events(platform.work, found[DAY])
    assert platform.rows(CLEAN) == held


def test_of_dates_that_are_published_together_the_held_one_alone_is_refused(
    platform: SmallPlatform,
) -> None:
    for hour in (1, 2, 3):
        platform.drop("a.csv", at(hour), at(hour, day=NEXT_DAY))
        platform.run()
        if hour < 3:
            rebuild_profiles(platform)
    step = PROFILE_STEPS["value_days"]
    list(
        step.rebuild_dates(
            platform.work, list(stale_dates(platform.lake, "value_days", None, LONG_AFTER).values())
        )
    )
    found = stale_dates(platform.lake, "eda_profile", None, LONG_AFTER)
    back(platform, "eda_profile", versions(platform, "eda_profile")[0], [DAY])
    outcomes = list(PROFILE_STEPS["eda_profile"].rebuild_dates(platform.work, list(found.values())))
    refused = [one.slice_.event_date for one in outcomes if isinstance(one, Refused)]
    assert (len(outcomes), refused) == (2, [DAY])
    assert stale(platform, "eda_profile") == []


def test_a_conflict_leaves_the_hold_that_was_there_before(platform: SmallPlatform) -> None:
    for hour in (1, 2, 3):
        platform.drop("a.csv", at(hour))
        platform.run()
    first, second, _ = versions(platform, CLEAN)
    back(platform, CLEAN, second)
    plan = plan_rollback(platform.lake, CLEAN, first)
    back(platform, CLEAN, first)
    with pytest.raises(PublishConflict):
        roll_back(platform.lake, plan, "bob", "too late")
    (hold,) = platform.lake.holds.all()
    assert (hold.snapshot_id, hold.held_by) == (first, "ann")


def test_after_a_conflict_the_two_tables_agree_again(platform: SmallPlatform) -> None:
    two_versions(platform)
    plan = plan_rollback(platform.lake, CLEAN, versions(platform, CLEAN)[1])
    platform.drop("c.csv", {**at(9), "user_session": ""}, at(9))
    platform.run()
    newest = [len(platform.rows(table)) for table in (CLEAN, REJECTED, FACT)]
    with pytest.raises(PublishConflict):
        roll_back(platform.lake, plan, "bob", "too late")
    assert platform.lake.holds.all() == []
    assert stale(platform, CLEAN) == [DAY]
    platform.run()
    assert [len(platform.rows(table)) for table in (CLEAN, REJECTED, FACT)] == newest


def test_rows_that_other_code_built_from_the_same_input_are_told_apart(
    platform: SmallPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(events: DividedEvents) -> DataFrame:
        return clean_events(events).withColumn("brand", F.lit("wrong"))

    platform.drop("a.csv", at(1))
    platform.run()
    right = platform.rows(FACT)
    monkeypatch.setattr("ecom_platform.pipeline.clean.clean_events", wrong)
    for table, step in ((CLEAN, rebuild_clean_events), (FACT, rebuild_fact_user_events)):
        again = stale_dates(platform.lake, table, None, LONG_AFTER, rebuild=True)
        step(replace(platform.work, run_id="run-2"), again[DAY])
    assert platform.values(FACT, "brand") == ["wrong"]
    back(platform, CLEAN, versions(platform, CLEAN)[0])
    platform.run()  # the fingerprints of what went back and of what went away were the same
    assert platform.rows(FACT) == right


def test_a_version_that_was_forgotten_between_two_that_are_kept_is_not_mistaken(
    platform: SmallPlatform,
) -> None:
    for hour in (1, 2, 3, 4):
        platform.drop("a.csv", at(hour))
        platform.run()
    changes = table_history(platform.lake, CLEAN)[::-1]
    back(platform, CLEAN, changes[0].snapshot_id)
    maintain(platform.lake, dt.datetime.now(tz=dt.UTC) + WEEK + WEEK, "maintenance-1")
    assert changes[0].snapshot_id in versions(platform, CLEAN)
    assert changes[1].snapshot_id not in versions(platform, CLEAN)
    assert table_history(platform.lake, CLEAN)[-1].kept_until is None
    with pytest.raises(CannotRollBack, match=r"no version as of .* forgotten"):
        plan_rollback(platform.lake, CLEAN, changes[1].committed_at)


def test_rejected_events_are_kept_as_long_as_the_version_that_they_belong_to(
    platform: SmallPlatform,
) -> None:
    before = two_versions(platform)
    was, newest = table_history(platform.lake, CLEAN)[1::-1]
    # Days later, lines that are no event become visible in rejected_events; then clean changes.
    platform.drop("malformed.csv", "no event", at(2, day=NEXT_DAY))
    platform.run()
    later = table_history(platform.lake, CLEAN)[0]
    last_moment = later.committed_at + WEEK - dt.timedelta(milliseconds=1)
    maintain(platform.lake, last_moment, "maintenance-1")
    assert [change.snapshot_id for change in table_history(platform.lake, CLEAN)] == [
        later.snapshot_id,
        newest.snapshot_id,
    ]
    maintain(platform.lake, last_moment, "maintenance-2")
    assert was.snapshot_id not in versions(platform, CLEAN)
    rejected = platform.rows(REJECTED)
    back(platform, CLEAN, newest.snapshot_id)
    assert len(platform.rows(REJECTED)) == len(rejected)
    assert len(before[REJECTED]) < len(rejected)


def test_rejected_events_that_are_forgotten_are_missed(
    platform: SmallPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_versions(platform)
    rejected = platform.rows(REJECTED)
    monkeypatch.setattr("ecom_platform.pipeline.rejected_beside.version_beside", lambda *_: None)
    plan = plan_rollback(platform.lake, CLEAN, versions(platform, CLEAN)[1])
    with pytest.raises(CannotRollBack, match="its 1 rejected events are forgotten"):
        roll_back(platform.lake, plan, "ann", "")
    assert platform.rows(REJECTED) == rejected
    assert platform.lake.holds.all() == []


def ids(platform: SmallPlatform, table: str) -> list[int]:
    return platform.values(table, "event_id")
