"""Schedules: which dates an hourly run refreshes, around midnight above all."""

from __future__ import annotations

import datetime as dt

import dagster as dg
import pytest

from ecom_platform.definitions import build_defs
from ecom_platform.schedules import events_hourly_schedule, open_dates
from ecom_platform.settings import Settings
from ecom_platform_tests.samples import utc


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
