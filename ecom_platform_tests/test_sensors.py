"""Sensors: when new objects call for a run, and that none of them is ever lost."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

import dagster as dg
import pytest

from ecom_platform.landing.objects import LandingObject
from ecom_platform.sensors import (
    ASK_AGAIN_AFTER,
    SETTLED_AFTER,
    Decision,
    decide,
    landing_events_sensor,
)
from ecom_platform_tests.samples import utc

if TYPE_CHECKING:
    from ecom_platform_tests.platform_in_small import SmallPlatform

NOW = utc("2020-04-01 12:00")
SECOND = dt.timedelta(seconds=1)


def found(key: str, age: dt.timedelta = 60 * SECOND, size: int = 1) -> LandingObject:
    """An object that was written some time ago."""
    return LandingObject(key, size, NOW - age)


def tick(
    *waiting: LandingObject, cursor: str | None = None, after: dt.timedelta = 0 * SECOND
) -> Decision:
    return decide(waiting, cursor, NOW + after)


def remembered(decision: Decision) -> int:
    return len(json.loads(decision.cursor))


# --- decide


def test_nothing_in_landing_asks_for_nothing() -> None:
    decision = tick()
    assert (decision.run_key, decision.cursor, decision.reason) == (None, "{}", "nothing new")


def test_new_objects_ask_for_one_run() -> None:
    decision = tick(found("a"), found("b"), found("c"))
    assert decision.run_key
    assert decision.reason == "3 new objects"
    assert remembered(decision) == 3


def test_objects_of_the_same_second_are_all_seen() -> None:
    first = tick(found("a"))
    second = tick(found("a"), found("b"), cursor=first.cursor)
    assert second.reason == "1 new objects"
    assert remembered(second) == 2


def test_an_object_older_than_those_already_asked_for_is_seen() -> None:
    first = tick(found("a"))
    late = found("b", age=dt.timedelta(days=400))
    assert tick(found("a"), late, cursor=first.cursor).reason == "1 new objects"


def test_a_tick_that_failed_is_repeated_with_its_old_cursor() -> None:
    before = tick(found("a"))
    failed = tick(found("a"), found("b"), cursor=before.cursor)
    repeated = tick(found("a"), found("b"), cursor=before.cursor, after=30 * SECOND)
    assert failed.run_key
    assert repeated.run_key
    assert repeated.run_key != failed.run_key  # a key that was used would ask for nothing
    assert repeated.reason == "1 new objects"


def test_the_same_tick_asks_for_the_same_run() -> None:
    one, other = tick(found("a"), found("b")), tick(found("b"), found("a"))
    assert one.run_key == other.run_key
    assert json.loads(one.cursor) == json.loads(other.cursor)


def test_an_object_that_was_asked_for_a_moment_ago_is_not_asked_for_again() -> None:
    first = tick(found("a"))
    second = tick(found("a"), cursor=first.cursor, after=ASK_AGAIN_AFTER - SECOND)
    assert second.run_key is None
    assert second.reason == "1 objects await their run, 0 may still be written"
    assert second.cursor == first.cursor


def test_an_object_whose_run_never_took_it_is_asked_for_again() -> None:
    first = tick(found("a"))
    second = tick(found("a"), cursor=first.cursor, after=ASK_AGAIN_AFTER)
    assert second.run_key not in (None, first.run_key)
    third = tick(found("a"), cursor=second.cursor, after=ASK_AGAIN_AFTER + SECOND)
    assert third.run_key is None


def test_asking_again_for_one_does_not_put_off_another() -> None:
    first = tick(found("a"))
    later = ASK_AGAIN_AFTER - SECOND
    second = tick(found("a"), found("b"), cursor=first.cursor, after=later)
    assert second.reason == "1 new objects"
    third = tick(found("a"), found("b"), cursor=second.cursor, after=ASK_AGAIN_AFTER)
    assert third.reason == "1 new objects"  # a, whose time has come; b is being read


def test_a_new_version_of_a_waiting_object_is_asked_for_at_once() -> None:
    first = tick(found("a"))
    assert tick(found("a", size=2), cursor=first.cursor).run_key
    assert tick(found("a", age=30 * SECOND), cursor=first.cursor).run_key


def test_an_object_that_may_still_be_written_is_left_alone() -> None:
    fresh = found("a", age=SETTLED_AFTER - SECOND)
    decision = tick(fresh)
    assert (decision.run_key, decision.cursor) == (None, "{}")
    assert decision.reason == "0 objects await their run, 1 may still be written"
    assert tick(fresh, after=SECOND).run_key


def test_an_object_that_keeps_growing_holds_up_no_other() -> None:
    decision = tick(found("a", age=SECOND), found("b"))
    assert decision.reason == "1 new objects"
    assert remembered(decision) == 1


def test_a_file_from_the_future_is_left_until_its_time() -> None:
    ahead = found("a", age=dt.timedelta(hours=-1))
    assert tick(ahead).run_key is None
    assert tick(ahead, after=dt.timedelta(hours=1) + SETTLED_AFTER).run_key


def test_the_cursor_holds_only_what_waits() -> None:
    cursor = None
    for n in range(50):
        decision = tick(found(f"{n}"), found(f"{n + 1}"), cursor=cursor, after=n * SECOND)
        cursor = decision.cursor
        assert remembered(decision) == 2
    assert tick(cursor=cursor).cursor == "{}"


# --- The sensor


def evaluate(platform: SmallPlatform, cursor: str | None = None):
    context = dg.build_sensor_context(
        cursor=cursor, resources={"lake": platform.lake, "landing": platform.store}
    )
    return landing_events_sensor(context), context


def test_the_sensor_asks_for_todays_run_when_an_object_has_come(platform: SmallPlatform) -> None:
    platform.drop("a.csv", {})
    before = dt.datetime.now(tz=dt.UTC).date()
    result, _ = evaluate(platform)
    assert isinstance(result, dg.SensorResult)
    (request,) = result.run_requests or ()
    after = dt.datetime.now(tz=dt.UTC).date()
    assert request.partition_key in {before.isoformat(), after.isoformat()}
    assert request.run_key
    waiting, context = evaluate(platform, result.cursor)
    assert isinstance(waiting, dg.SkipReason)
    assert "1 objects await their run" in (waiting.skip_message or "")
    assert context.cursor == result.cursor


@pytest.mark.parametrize("key", ["a.csv.part", ".a.csv", "_b/a.csv", "a.parquet"])
def test_the_sensor_skips_what_is_no_finished_object(platform: SmallPlatform, key: str) -> None:
    platform.drop(key, {})
    result, context = evaluate(platform)
    assert isinstance(result, dg.SkipReason)
    assert result.skip_message == "nothing new"
    assert context.cursor == "{}"


def test_the_sensor_forgets_what_was_ingested(platform: SmallPlatform) -> None:
    platform.drop("a.csv", {})
    result, _ = evaluate(platform)
    platform.ingest()
    skipped, context = evaluate(platform, result.cursor)
    assert isinstance(skipped, dg.SkipReason)
    assert context.cursor == "{}"


def test_the_sensor_works_in_a_lake_that_is_new(platform: SmallPlatform) -> None:
    result, _ = evaluate(platform)
    assert isinstance(result, dg.SkipReason)
