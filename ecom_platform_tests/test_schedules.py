"""Schedules: which dates an hourly run refreshes, around midnight above all."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import dagster as dg
import pytest

from ecom_platform.contracts.model import PARTIALS
from ecom_platform.definitions import build_defs
from ecom_platform.lake.lake import Lake
from ecom_platform.schedules import (
    dimensions_daily_schedule,
    events_hourly_schedule,
    older_ranges,
    open_dates,
)
from ecom_platform.settings import Settings
from ecom_platform_tests.samples import at, utc

if TYPE_CHECKING:
    from ecom_platform_tests.platform_in_small import SmallPlatform


@pytest.mark.parametrize(
    ("now", "first", "last"),
    [
        ("2020-04-01 00:00", "2020-03-31", "2020-04-01"),
        ("2020-04-01 00:05", "2020-03-31", "2020-04-01"),
        ("2020-04-01 02:59", "2020-03-31", "2020-04-01"),
        ("2020-04-01 03:00", "2020-04-01", "2020-04-01"),
        ("2020-04-01 12:00", "2020-04-01", "2020-04-01"),
        ("2020-04-01 23:59", "2020-04-01", "2020-04-01"),
        ("2020-03-01 01:05", "2020-02-29", "2020-03-01"),
        ("2021-01-01 02:05", "2020-12-31", "2021-01-01"),
    ],
)
def test_yesterday_is_refreshed_in_the_first_three_hours(now: str, first: str, last: str) -> None:
    assert [date.isoformat() for date in open_dates(utc(now))] == [first, last]


def test_the_dates_are_those_of_utc_whatever_the_zone_of_the_clock() -> None:
    tokyo = dt.timezone(dt.timedelta(hours=9))
    assert open_dates(dt.datetime(2020, 4, 1, 8, 30, tzinfo=tokyo)) == (
        dt.date(2020, 3, 31),
        dt.date(2020, 3, 31),
    )
    assert open_dates(dt.datetime(2020, 4, 1, 9, 30, tzinfo=tokyo)) == (
        dt.date(2020, 3, 31),
        dt.date(2020, 4, 1),
    )


def request_at(settings: Settings, now: str) -> dg.RunRequest:
    """What the schedule asks for, evaluated as the daemon does."""
    defs = build_defs(settings)
    context = dg.build_schedule_context(
        scheduled_execution_time=utc(now), repository_def=defs.get_repository_def()
    )
    (request,) = events_hourly_schedule.evaluate_tick(context).run_requests or ()
    return request


def test_by_day_one_partition_is_asked_for(settings: Settings) -> None:
    request = request_at(settings, "2020-04-01 12:05")
    assert request.partition_key == "2020-04-01"
    assert request.run_key == "2020-04-01T12:05:00+00:00"


def test_after_midnight_one_run_covers_both_dates(settings: Settings) -> None:
    request = request_at(settings, "2020-04-01 01:05")
    assert request.partition_key is None
    assert request.tags["dagster/asset_partition_range_start"] == "2020-03-31"
    assert request.tags["dagster/asset_partition_range_end"] == "2020-04-01"


def test_every_hour_of_a_day_asks_for_a_run_of_its_own() -> None:
    hours = [utc(f"2020-04-01 {hour:02d}:05") for hour in range(24)]
    keys = {
        events_hourly_schedule(dg.build_schedule_context(scheduled_execution_time=hour)).run_key
        for hour in hours
    }
    assert len(keys) == 24


# --- The dimensions at night

NIGHT = "2020-04-09 02:00"


def nightly_requests(settings: Settings) -> list[dg.RunRequest]:
    """What the nightly schedule asks for, evaluated as the daemon does."""
    context = dg.build_schedule_context(
        scheduled_execution_time=utc(NIGHT),
        repository_def=build_defs(settings).get_repository_def(),
        resources={"lake": Lake(settings)},
    )
    return list(dimensions_daily_schedule.evaluate_tick(context).run_requests or ())


def test_at_night_yesterday_is_added_to_the_dimensions(settings: Settings) -> None:
    assert (
        dimensions_daily_schedule.cron_schedule,
        dimensions_daily_schedule.execution_timezone,
    ) == (
        "0 2 * * *",
        "UTC",
    )
    (request,) = nightly_requests(settings)
    assert request.partition_key == "2020-04-08"
    assert request.asset_selection is None
    assert request.run_key == "2020-04-09T02:00:00+00:00"


def test_at_night_older_dates_that_are_stale_come_first_without_the_dimensions(
    settings: Settings, platform: SmallPlatform
) -> None:
    days = [dt.date(2020, 4, n) for n in (1, 2, 5, 8, 9)]
    platform.drop("a.csv", *(at(1, day=day) for day in days))
    platform.run()
    first, second, last = nightly_requests(settings)
    ranges = [
        (r.tags["dagster/asset_partition_range_start"], r.tags["dagster/asset_partition_range_end"])
        for r in (first, second)
    ]
    assert ranges == [("2020-04-01", "2020-04-02"), ("2020-04-05", "2020-04-05")]
    names = {key.to_user_string() for key in first.asset_selection or ()}
    assert names == {contract.name for contract in PARTIALS}
    assert last.partition_key == "2020-04-08"
    assert len({request.run_key for request in (first, second, last)}) == 3


def test_dates_before_the_first_of_the_lake_are_not_asked_for() -> None:
    days = [dt.date(2020, 4, n) for n in (1, 4, 5, 8)]
    assert older_ranges(days, first=days[1], yesterday=days[3]) == [(days[1], days[2])]


def test_a_lake_that_begins_today_has_nothing_for_the_night(settings: Settings) -> None:
    begins = settings.model_copy(update={"start_date": dt.date(2020, 4, 9)})
    assert nightly_requests(begins) == []
