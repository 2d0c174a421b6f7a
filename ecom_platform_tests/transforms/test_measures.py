"""One pass of measuring: rows and rule violations by hour, and keys that repeat."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from ecom_platform.contracts.clean import CLEAN_EVENTS
from ecom_platform.transforms.measures import count_repeated_keys, measure_rows
from ecom_platform_tests.samples import RAW_ROW, Row, collect, frame, utc

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

LATE: Row = {"event_time": utc("2020-04-01 23:59")}


def clean_frame(spark: SparkSession, *differences: Row) -> DataFrame:
    names = CLEAN_EVENTS.column_names
    rows = [{**RAW_ROW, "event_id": n, **difference} for n, difference in enumerate(differences)]
    return frame(spark, CLEAN_EVENTS, [{name: row[name] for name in names} for row in rows])


def measured(spark: SparkSession, *differences: Row) -> dict[int | None, Row]:
    rows = collect(measure_rows(clean_frame(spark, *differences), CLEAN_EVENTS))
    return {row.pop("hour"): row for row in rows}


def repeated(spark: SparkSession, *differences: Row) -> int:
    (row,) = collect(count_repeated_keys(clean_frame(spark, *differences), CLEAN_EVENTS))
    return row["repeated_keys"]


def test_good_rows_break_no_rule(spark: SparkSession) -> None:
    by_hour = measured(spark, {}, {}, LATE)
    assert {hour: row["row_count"] for hour, row in by_hour.items()} == {12: 2, 23: 1}
    names = [rule.name for rule in CLEAN_EVENTS.rules]
    assert all(row[name] == 0 for row in by_hour.values() for name in names)
    assert len(names) == len(set(names)) == 20


def test_violations_are_counted_in_the_hour_where_they_happen(spark: SparkSession) -> None:
    free: Row = {"price": Decimal("0.00")}
    by_hour = measured(spark, {}, free, {**LATE, **free}, {**LATE, **free}, {**LATE, "brand": None})
    assert by_hour[12]["price_minimum"] == 1
    assert by_hour[23]["price_minimum"] == 2
    assert (by_hour[12]["brand_not_null"], by_hour[23]["brand_not_null"]) == (0, 1)


def test_one_row_may_break_several_rules(spark: SparkSession) -> None:
    by_hour = measured(spark, {"event_type": "viewed", "user_id": 0, "price": Decimal("-1.00")})
    broken = {name: count for name, count in by_hour[12].items() if count}
    assert broken == {"row_count": 1, "event_type_accepted": 1, "user_id_minimum": 1} | {
        "price_minimum": 1
    }


def test_rows_without_a_time_are_counted_under_no_hour(spark: SparkSession) -> None:
    by_hour = measured(spark, {}, {"event_time": None})
    assert (by_hour[None]["row_count"], by_hour[None]["event_time_not_null"]) == (1, 1)


def test_no_rows_measure_as_no_hours(spark: SparkSession) -> None:
    assert measured(spark) == {}


def test_a_key_repeats_when_date_and_id_agree(spark: SparkSession) -> None:
    other_date: Row = {"event_id": 7, "event_date": utc("2020-04-02 00:00").date()}
    assert repeated(spark, {"event_id": 7}, other_date, {"event_id": 8}) == 0
    assert repeated(spark, {"event_id": 7}, {"event_id": 7}, {"event_id": 8}) == 1
    assert repeated(spark, {"event_id": 7}, {"event_id": 7}, {"event_id": 7}) == 1
    assert repeated(spark) == 0
