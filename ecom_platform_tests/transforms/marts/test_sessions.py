"""Lengths of sessions: cut at silences as one would by hand, event after event."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter, defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING

from ecom_platform.transforms.marts.sessions import count_session_lengths
from ecom_platform_tests.samples import DAY

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

MIDNIGHT = dt.datetime.combine(DAY, dt.time(), tzinfo=dt.UTC)
HALF_HOUR = 1800
Event = tuple[int, dt.datetime, str]


def events_around_half_hours() -> list[Event]:
    """Sessions whose gaps are half an hour, a second or a microsecond more or less, or anything."""
    chance, events = random.Random(5), []
    for session in range(60):
        second = float(chance.choice((0, 1799, 1800, chance.randrange(40_000))))
        for _ in range(chance.randrange(1, 8)):
            time = MIDNIGHT + dt.timedelta(seconds=second)
            events.append((session, time, chance.choice(("phone", "phone", "tablet"))))
            gap = chance.choice((0, 1, 1799, HALF_HOUR - 1e-6, HALF_HOUR, HALF_HOUR + 1e-6, 1801))
            second += chance.choice((gap, gap, chance.randrange(4_000)))
    return events


def cut_by_hand(events: list[Event]) -> Counter[tuple[str, str, int, int]]:
    """How often there is a part of a session, by cut, device, seconds and events."""
    sessions = defaultdict(list)
    for session, time, device in events:
        sessions[session].append((time, device))
    parts: Counter[tuple[str, str, int, int]] = Counter()
    for of_session in sessions.values():
        times, device = sorted(time for time, _ in of_session), min(d for _, d in of_session)
        gaps = [later - earlier for earlier, later in pairwise(times)]
        begun = [0, *(n for n, gap in enumerate(gaps, 1) if gap > dt.timedelta(seconds=HALF_HOUR))]
        for cut, starts in (("given", [0]), ("silence", begun)):
            for start, end in zip(starts, [*starts[1:], len(times)], strict=True):
                seconds = (times[end - 1] - times[start]) // dt.timedelta(seconds=1)
                parts[cut, device, seconds, end - start] += 1
    return parts


def test_sessions_are_cut_where_more_than_half_an_hour_passed(spark: SparkSession) -> None:
    events = events_around_half_hours()
    rows = [(DAY, False, 1, f"s{s}", device, "direct", time) for s, time, device in events]
    columns = (
        "event_date date, is_crawler_like boolean, user_id long, session_id string, "
        "device_type string, source_channel string, event_time timestamp"
    )
    lengths = count_session_lengths(spark.createDataFrame(rows, columns))
    found = lengths.where("traffic = 'all' AND breakdown = 'device_type'").collect()
    counted, events_of, bounces = (defaultdict[tuple[str, str, int], int](int) for _ in range(3))
    for (cut, device, seconds, size), number in cut_by_hand(events).items():
        counted[cut, device, seconds] += number
        events_of[cut, device, seconds] += number * size
        bounces[cut, device, seconds] += number * (size == 1)
    by_key = {(r["cut"], r["breakdown_value"], r["duration_seconds"]): r for r in found}
    assert {key: row["session_count"] for key, row in by_key.items()} == counted
    assert {key: row["event_count"] for key, row in by_key.items()} == events_of
    assert {key: row["bounce_count"] for key, row in by_key.items()} == {
        key: bounces[key] for key in counted
    }
    assert any(cut == "silence" and size > 1 for cut, _, _, size in cut_by_hand(events))
