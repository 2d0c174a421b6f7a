"""Lateness: what is recorded of every visible object, recounted from raw_events."""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from typing import TYPE_CHECKING

import pytest

from ecom_platform.lake import lateness as module
from ecom_platform.lake.slices import is_open
from ecom_platform_tests.samples import DAY, at, utc

if TYPE_CHECKING:
    from ecom_platform.lake.lake import Lake
    from ecom_platform_tests.platform_in_small import SmallPlatform

NEXT_DAY = DAY + dt.timedelta(days=1)
NOON = utc(f"{DAY} 12:00")


def recount(lake: Lake) -> dict[tuple[str, dt.date], tuple[object, ...]]:
    """The lateness of what raw_events holds, in plain Python."""
    times = defaultdict(list)
    for row in lake.table("raw_events").iceberg.scan().to_arrow().to_pylist():
        place = (row["source_object"], row["event_date"], row["object_version"], row["ingested_at"])
        times[place].append(row["event_time"].replace(microsecond=0))
    written = {key: one.modified_at for key, one in lake.objects.ingested().items()}
    found = {}
    for (key, date, version, ingested_at), of_date in times.items():
        second = written[key].replace(microsecond=0)
        delays = sorted(int((second - time).total_seconds()) for time in of_date)
        found[key, date] = (
            version,
            ingested_at,
            len(delays),
            not is_open(date, written[key]),
            (min(of_date), max(of_date)),
            (delays[0], nearest(delays, 0.5), nearest(delays, 0.95), delays[-1]),
        )
    return found


def nearest(delays: list[int], share: float) -> int:
    return delays[math.ceil(share * len(delays)) - 1]


def recorded(lake: Lake) -> dict[tuple[str, dt.date], tuple[object, ...]]:
    return {
        (one.source_object, one.event_date): (
            one.object_version,
            one.ingested_at,
            one.row_count,
            one.is_late,
            (one.first_event_at, one.last_event_at),
            (
                one.delay_min_seconds,
                one.delay_median_seconds,
                one.delay_p95_seconds,
                one.delay_max_seconds,
            ),
        )
        for one in lake.lateness.recorded()
    }


def test_lateness_is_that_of_the_rows_by_object_and_date(platform: SmallPlatform) -> None:
    platform.drop("a.csv", *(at(1, minute) for minute in range(41)), at(11, 59), written_at=NOON)
    platform.drop("b.csv", at(1), at(3), at(23, day=NEXT_DAY), "x", written_at=utc("2020-04-21"))
    platform.ingest()
    assert recorded(platform.lake) == recount(platform.lake)
    (first, second, third) = platform.lake.lateness.recorded()
    assert (first.is_late, second.is_late, third.is_late) == (False, True, True)
    assert first.delay_min_seconds == 60
    assert first.delay_p95_seconds == 10 * 3600 + 58 * 60
    assert second.delay_max_seconds == 19 * 86_400 + 23 * 3600


def test_a_clock_that_runs_ahead_shows_as_a_negative_delay(platform: SmallPlatform) -> None:
    platform.drop("a.csv", at(12, 1), written_at=NOON)
    platform.ingest()
    assert [one.delay_max_seconds for one in platform.lake.lateness.recorded()] == [-60]


def test_an_object_that_is_read_again_has_its_lateness_replaced(platform: SmallPlatform) -> None:
    platform.drop("a.csv", at(1), at(2, day=NEXT_DAY))
    platform.drop("b.csv", at(1))
    platform.ingest()
    platform.drop("a.csv", at(3), at(4))
    platform.ingest()
    assert recorded(platform.lake) == recount(platform.lake)
    platform.ingest(reread=True)
    assert recorded(platform.lake) == recount(platform.lake)
    assert len(recorded(platform.lake)) == 2


def test_an_object_that_lost_its_events_has_no_lateness(platform: SmallPlatform) -> None:
    platform.drop("a.csv", at(1))
    platform.ingest()
    platform.drop("a.csv", "x")
    platform.ingest()
    assert platform.lake.lateness.recorded() == []


def test_lateness_is_kept_in_few_files(
    platform: SmallPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FOLD_AT_FILES", 3)
    for hour in range(5):
        platform.drop(f"{hour}.csv", at(hour))
        platform.ingest()
        assert len(platform.paths("landing_lateness")) <= 3
    assert recorded(platform.lake) == recount(platform.lake)
    assert len(recorded(platform.lake)) == 5


def test_another_run_that_records_its_own_objects_disturbs_nobody(
    platform: SmallPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.drop("a.csv", at(1))
    platform.ingest()
    others = type(platform.lake)(platform.lake.settings).lateness
    (mine,) = platform.lake.lateness.recorded()
    theirs = module.Lateness(**(vars(mine) | {"source_object": "events/b.csv"}))
    write = module.LatenessRecords._write

    def meanwhile(*arguments: object) -> None:
        monkeypatch.setattr(module.LatenessRecords, "_write", staticmethod(write))
        others.replace({"events/b.csv"}, [theirs])
        write(*arguments)

    monkeypatch.setattr(module.LatenessRecords, "_write", staticmethod(meanwhile))
    platform.lake.lateness.replace({"events/a.csv"}, [mine])
    assert platform.lake.lateness.recorded() == [mine, theirs]
