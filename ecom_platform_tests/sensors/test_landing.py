"""Sensors: when new objects call for a run, and that none of them is ever lost."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import dagster as dg
import pytest

from ecom_platform.landing.objects import LandingObject
from ecom_platform.sensors.landing import (
    ASK_AGAIN_AFTER,
    MOST_REMEMBERED,
    SETTLED_AFTER,
    Decision,
    Memory,
    decide,
    landing_events_sensor,
)
from ecom_platform_tests.s3_in_small import everywhere
from ecom_platform_tests.samples import utc

if TYPE_CHECKING:
    from ecom_platform_tests.platform_in_small import SmallPlatform

NOW = utc("2020-04-01 12:00")
SECOND = dt.timedelta(seconds=1)
NOTHING = Memory()


def found(key: str, age: dt.timedelta = 60 * SECOND, size: int = 1) -> LandingObject:
    """An object that was written some time ago."""
    return LandingObject(key, size, NOW - age)


def tick(
    *waiting: LandingObject,
    memory: Memory = NOTHING,
    after: dt.timedelta = 0 * SECOND,
    is_whole: bool = True,
) -> Decision:
    return decide(waiting, memory, NOW + after, is_whole=is_whole)


def remembered(decision: Decision) -> int:
    return len(decision.memory.asked)


# --- decide


def test_nothing_in_landing_asks_for_nothing() -> None:
    decision = tick()
    assert (decision.run_key, decision.memory, decision.reason) == (None, NOTHING, "nothing new")


def test_new_objects_ask_for_one_run() -> None:
    decision = tick(found("a"), found("b"), found("c"))
    assert decision.run_key
    assert decision.reason == "3 new objects"
    assert remembered(decision) == 3


def test_objects_of_the_same_second_are_all_seen() -> None:
    first = tick(found("a"))
    second = tick(found("a"), found("b"), memory=first.memory)
    assert second.reason == "1 new objects"
    assert remembered(second) == 2


def test_an_object_older_than_those_already_asked_for_is_seen() -> None:
    first = tick(found("a"))
    late = found("b", age=dt.timedelta(days=400))
    assert tick(found("a"), late, memory=first.memory).reason == "1 new objects"


def test_a_tick_that_failed_is_repeated_with_its_old_cursor() -> None:
    before = tick(found("a"))
    failed = tick(found("a"), found("b"), memory=before.memory)
    repeated = tick(found("a"), found("b"), memory=before.memory, after=30 * SECOND)
    assert failed.run_key
    assert repeated.run_key
    assert repeated.run_key != failed.run_key  # a key that was used would ask for nothing
    assert repeated.reason == "1 new objects"


def test_the_same_tick_asks_for_the_same_run() -> None:
    one, other = tick(found("a"), found("b")), tick(found("b"), found("a"))
    assert one.run_key == other.run_key
    assert one.memory == other.memory


def test_an_object_that_was_asked_for_a_moment_ago_is_not_asked_for_again() -> None:
    first = tick(found("a"))
    second = tick(found("a"), memory=first.memory, after=ASK_AGAIN_AFTER - SECOND)
    assert second.run_key is None
    assert second.reason == "1 objects await their run, 0 may still be written"
    assert second.memory == first.memory


def test_an_object_whose_run_never_took_it_is_asked_for_again() -> None:
    first = tick(found("a"))
    second = tick(found("a"), memory=first.memory, after=ASK_AGAIN_AFTER)
    assert second.run_key not in (None, first.run_key)
    third = tick(found("a"), memory=second.memory, after=ASK_AGAIN_AFTER + SECOND)
    assert third.run_key is None


def test_asking_again_for_one_does_not_put_off_another() -> None:
    first = tick(found("a"))
    later = ASK_AGAIN_AFTER - SECOND
    second = tick(found("a"), found("b"), memory=first.memory, after=later)
    assert second.reason == "1 new objects"
    third = tick(found("a"), found("b"), memory=second.memory, after=ASK_AGAIN_AFTER)
    assert third.reason == "1 new objects"  # a, whose time has come; b is being read


def test_a_new_version_of_a_waiting_object_is_asked_for_at_once() -> None:
    first = tick(found("a"))
    assert tick(found("a", size=2), memory=first.memory).run_key
    assert tick(found("a", age=30 * SECOND), memory=first.memory).run_key


def test_an_object_that_may_still_be_written_is_left_alone() -> None:
    fresh = found("a", age=SETTLED_AFTER - SECOND)
    decision = tick(fresh)
    assert (decision.run_key, decision.memory) == (None, NOTHING)
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
    memory = NOTHING
    for n in range(50):
        decision = tick(found(f"{n}"), found(f"{n + 1}"), memory=memory, after=n * SECOND)
        memory = decision.memory
        assert remembered(decision) == 2
    assert tick(memory=memory).memory == NOTHING


def test_objects_that_a_partial_look_does_not_show_are_remembered() -> None:
    first = tick(found("a"), is_whole=False)
    second = tick(found("b"), memory=first.memory, is_whole=False)
    third = tick(found("a"), found("b"), memory=second.memory, after=SECOND, is_whole=False)
    assert (second.reason, third.run_key, remembered(third)) == ("1 new objects", None, 2)
    later = tick(memory=third.memory, after=ASK_AGAIN_AFTER + SECOND, is_whole=False)
    assert remembered(later) == 0


def test_a_version_is_told_from_another_of_the_same_size_and_second() -> None:
    one, other = (LandingObject("a", 1, NOW, version) for version in ("v1", "v2"))
    first = tick(one)
    assert first.run_key  # an object that has a version is complete, however young it is
    assert tick(one, memory=first.memory).run_key is None
    assert tick(other, memory=first.memory).run_key


def test_one_request_is_enough_for_any_number_of_objects() -> None:
    many = [found(f"{n}") for n in range(MOST_REMEMBERED + 1)]
    first = tick(*many)
    assert first.run_key
    assert remembered(first) == 0
    waiting = tick(*many, memory=first.memory, after=ASK_AGAIN_AFTER - SECOND)
    assert (waiting.run_key, remembered(waiting)) == (None, 0)
    assert tick(*many[:3], memory=waiting.memory, after=ASK_AGAIN_AFTER).run_key
    assert len(tick(*many[1:]).memory.cursor) < 250_000


def test_a_cursor_is_read_back_and_one_of_older_versions_is_started_anew() -> None:
    memory = Memory({"a": 1.0}, 2.0, "events/k", "events/j")
    assert Memory.of(memory.cursor) == memory
    for old in (None, "", '{"0123456789abcdef": 1.5}', "no cursor"):
        assert Memory.of(old) == NOTHING


# --- The sensor


def evaluate(platform: SmallPlatform, cursor: str | None = None):
    context = dg.build_sensor_context(
        cursor=cursor, resources={"lake": platform.lake, "landing": platform.store}
    )
    return landing_events_sensor(context), context


@everywhere
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
    assert context.cursor == NOTHING.cursor


@everywhere
def test_the_sensor_forgets_what_was_ingested(platform: SmallPlatform) -> None:
    platform.drop("a.csv", {})
    result, _ = evaluate(platform)
    platform.ingest()
    skipped, context = evaluate(platform, result.cursor)
    assert isinstance(skipped, dg.SkipReason)
    assert context.cursor == NOTHING.cursor


def test_the_sensor_works_in_a_lake_that_is_new(platform: SmallPlatform) -> None:
    result, _ = evaluate(platform)
    assert isinstance(result, dg.SkipReason)
