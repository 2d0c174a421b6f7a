"""Versions of products: every change once, by the values alone, without overlap and gap."""

from __future__ import annotations

import datetime as dt
import itertools
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from ecom_platform.contracts.model import DIM_PRODUCT_VERSIONS, PRODUCT_VERSION_DAYS
from ecom_platform.transforms.model.versions import (
    build_dim_product_versions,
    count_version_faults,
)
from ecom_platform_tests.samples import Row, collect, frame
from ecom_platform_tests.transforms.model.star_rows import AS_OF, on, version_days, versions

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def told(rows: list[Row]) -> list[tuple[str, str]]:
    """Day and hour of each version with its price."""
    return [(f"{row['valid_from']:%d %H:%M}", str(row["price"])) for row in rows]


def priced(*moments: tuple[str, str]) -> list[Row]:
    return [on(time, price=price) for time, price in moments]


def test_types_are_those_of_the_contract(spark: SparkSession) -> None:
    schema = build_dim_product_versions(frame(spark, PRODUCT_VERSION_DAYS, []), AS_OF).schema
    types = [(field.name, field.dataType) for field in schema]
    assert types == [(field.name, field.dataType) for field in DIM_PRODUCT_VERSIONS.spark_schema]


# --- Within a date


def test_a_product_that_does_not_change_has_one_row_a_date(spark: SparkSession) -> None:
    events = priced(("01 12:00", "5.00"), ("01 09:00", "5.00"), ("02 10:00", "5.00"))
    assert told(version_days(spark, *events)) == [("01 09:00", "5.00"), ("02 10:00", "5.00")]


def test_a_product_that_changes_back_and_forth_has_a_row_a_change(spark: SparkSession) -> None:
    events = priced(
        ("01 09:00", "5.00"),
        ("01 10:00", "6.00"),
        ("01 11:00", "6.00"),
        ("01 12:00", "5.00"),
        ("01 13:00", "5.00"),
    )
    assert told(version_days(spark, *reversed(events))) == [
        ("01 09:00", "5.00"),
        ("01 10:00", "6.00"),
        ("01 12:00", "5.00"),
    ]


@pytest.mark.parametrize(
    "change", [{"brand": "other"}, {"category_id": 1}, {"category_code": "x"}, {"price": "9.99"}]
)
def test_a_change_of_any_versioned_value_is_a_version(spark: SparkSession, change: Row) -> None:
    assert len(version_days(spark, on("01 09:00"), on("01 10:00", **change))) == 2


def test_what_is_no_attribute_of_the_product_makes_no_version(spark: SparkSession) -> None:
    events = [on("01 09:00"), on("01 10:00", user_id=1, event_type="cart", user_session="x")]
    assert len(version_days(spark, *events)) == 1


# --- In one second


@pytest.mark.parametrize(
    ("one", "other", "wins"),
    [
        ({"price": "9.99"}, {"price": "10.00"}, "one"),  # a number, no text
        ({"brand": "a"}, {"brand": "b"}, "one"),
        ({"category_id": 2}, {"category_id": 10}, "one"),
        ({"price": "2.00", "brand": "a"}, {"price": "1.00", "brand": "b"}, "other"),
        ({"category_id": 1, "brand": "b"}, {"category_id": 2, "brand": "a"}, "one"),
        ({"category_code": "a", "brand": "b"}, {"category_code": "b", "brand": "a"}, "one"),
    ],
)
def test_of_two_states_in_one_second_the_values_decide_whatever_arrived_first(
    spark: SparkSession, one: Row, other: Row, wins: str
) -> None:
    events = [on("01 09:00", **one), on("01 09:00", **other)]
    expected = events[0] if wins == "one" else events[1]
    for order in (events, events[::-1]):
        (row,) = version_days(spark, *order)
        assert {name: row[name] for name in expected if name in row} == {
            name: value for name, value in expected.items() if name in row
        }


def test_a_conflict_that_is_decided_for_the_old_state_is_no_change(spark: SparkSession) -> None:
    events = priced(("01 09:00", "5.00"), ("01 10:00", "6.00"), ("01 10:00", "5.00"))
    for order in itertools.permutations(events):
        assert told(version_days(spark, *order)) == [("01 09:00", "5.00")]


# --- Over all dates


def test_equal_neighbours_on_different_dates_are_one_version(spark: SparkSession) -> None:
    events = priced(
        ("01 09:00", "5.00"),
        ("02 09:00", "5.00"),
        ("04 09:00", "6.00"),
        ("05 09:00", "6.00"),
        ("05 10:00", "5.00"),
    )
    rows = versions(spark, *events)
    assert told(rows) == [("01 09:00", "5.00"), ("04 09:00", "6.00"), ("05 10:00", "5.00")]
    ends = [row["valid_to"] for row in rows]
    assert ends == [*(row["valid_from"] for row in rows[1:]), None]
    assert {row["as_of_date"] for row in rows} == {AS_OF}


def test_a_date_that_ends_as_it_began_keeps_what_happened_between(spark: SparkSession) -> None:
    events = priced(
        ("01 09:00", "5.00"), ("02 09:00", "5.00"), ("02 10:00", "6.00"), ("02 11:00", "5.00")
    )
    assert [price for _, price in told(versions(spark, *events))] == ["5.00", "6.00", "5.00"]


def test_products_do_not_mix(spark: SparkSession) -> None:
    events = [on(f"0{n} 09:00", product_id=n % 2 + 1, price=f"{n % 2 + 1}.00") for n in range(1, 9)]
    rows = versions(spark, *events)
    assert [(row["product_id"], row["valid_to"]) for row in rows] == [(1, None), (2, None)]


# --- Faults


def chain(*bounds: tuple[int, int | None], price: str = "") -> list[Row]:
    """Versions of one product from day to day, each with a price of its own unless told."""
    return [
        {
            "product_id": 1,
            "valid_from": dt.datetime(2020, 4, first, tzinfo=dt.UTC),
            "valid_to": last and dt.datetime(2020, 4, last, tzinfo=dt.UTC),
            "brand": "b",
            "category_id": 1,
            "category_code": "c",
            "price": Decimal(price or first),
            "as_of_date": AS_OF,
        }
        for first, last in bounds
    ]


@pytest.mark.parametrize(
    ("rows", "faults"),
    [
        (chain((1, 2), (2, 5), (5, None)), {}),
        (chain((1, None)), {}),
        ([], {"product_count": 0, "current_count": 0}),
        (chain((1, 2), (3, None)), {"gap_count": 1}),
        (chain((1, 3), (2, 3), (3, None)), {"overlap_count": 1}),
        (chain((1, 2), (2, 3)), {"gap_count": 1, "current_count": 0}),
        (chain((1, None), (2, None)), {"current_count": 0}),
        (chain((1, 2), (2, None), price="7"), {"unchanged_count": 1}),
    ],
)
def test_faults_of_a_chain_are_counted(
    spark: SparkSession, rows: list[Row], faults: dict[str, int]
) -> None:
    counted = collect(count_version_faults(frame(spark, DIM_PRODUCT_VERSIONS, rows)))
    sound = {"product_count": 1, "current_count": 1}
    sound |= {"gap_count": 0, "overlap_count": 0, "unchanged_count": 0}
    assert counted == [{**sound, **faults}]
