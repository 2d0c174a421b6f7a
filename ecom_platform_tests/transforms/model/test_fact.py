"""The star schema: the rows of fact_user_events."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

from ecom_platform.contracts.clean import CLEAN_EVENTS
from ecom_platform.contracts.model.fact import FACT_USER_EVENTS
from ecom_platform.transforms.model.fact import build_fact_user_events
from ecom_platform_tests.samples import RAW_ROW, Row, collect, frame, utc

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

CLEAN_ROW: Row = {**RAW_ROW, "event_id": -1970277945086463467}


def build(spark: SparkSession, *differences: Row) -> list[Row]:
    rows = [{**CLEAN_ROW, **difference} for difference in differences]
    names = CLEAN_EVENTS.column_names
    clean = frame(spark, CLEAN_EVENTS, [{name: row[name] for name in names} for row in rows])
    return collect(build_fact_user_events(clean))


def test_a_clean_event_becomes_one_fact_with_the_names_of_the_star(spark: SparkSession) -> None:
    assert build(spark, {}) == [
        {
            "event_id": -1970277945086463467,
            "event_time": utc("2020-04-01 12:30") + dt.timedelta(seconds=15),
            "event_date": dt.date(2020, 4, 1),
            "event_type": "view",
            "user_id": 513894771,
            "product_id": 1004856,
            "price": Decimal("130.76"),
            "session_id": "cf6f9ac4-5a9b-4a12-a3f7-1f2e9b5e7c11",
            "category_name": "electronics.smartphone",
            "brand": "samsung",
            "device_type": "unknown",
            "source_channel": "unknown",
            "day_of_week": 3,
            "hour_of_day": 12,
        }
    ]


def test_days_of_the_week_are_iso_and_hours_are_utc(spark: SparkSession) -> None:
    hours = [utc("2020-03-30 00:00") + dt.timedelta(days=day, hours=day * 3) for day in range(7)]
    rows = build(spark, *({"event_time": time, "event_date": time.date()} for time in hours))
    told = {row["event_time"]: (row["day_of_week"], row["hour_of_day"]) for row in rows}
    assert told == {time: (time.isoweekday(), time.hour) for time in hours}
    assert {weekday for weekday, _ in told.values()} == set(range(1, 8))


def test_weekdays_are_right_on_both_sides_of_a_leap_day(spark: SparkSession) -> None:
    times = [utc("2020-02-28 23:59"), utc("2020-02-29 00:00"), utc("2020-03-01 00:00")]
    rows = build(spark, *({"event_time": time} for time in times))
    assert sorted(row["day_of_week"] for row in rows) == [5, 6, 7]


def test_every_row_stays_one_row_even_when_two_are_alike(spark: SparkSession) -> None:
    assert len(build(spark, {}, {}, {"event_id": 1})) == 3


def test_types_are_those_of_the_contract(spark: SparkSession) -> None:
    clean = frame(spark, CLEAN_EVENTS, [])
    schema = build_fact_user_events(clean).schema
    types = [(field.name, field.dataType) for field in schema]
    assert types == [(field.name, field.dataType) for field in FACT_USER_EVENTS.spark_schema]
