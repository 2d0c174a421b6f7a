"""Partials: what one date adds to the dimensions, keyed so that nothing is added up wrongly."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from ecom_platform.contracts.model import PARTIALS
from ecom_platform.contracts.table import TableContract
from ecom_platform.transforms.model.partials import (
    build_product_buyer_days,
    build_product_days,
    build_session_days,
    build_user_taste_days,
)
from ecom_platform.transforms.model.versions import build_product_version_days
from ecom_platform_tests.samples import DAY, Row, collect, utc
from ecom_platform_tests.transforms.model.star_rows import clean, facts, on

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

BUILDERS: dict[str, Callable[[DataFrame], DataFrame]] = {
    "session_days": build_session_days,
    "user_taste_days": build_user_taste_days,
    "product_days": build_product_days,
    "product_buyer_days": build_product_buyer_days,
    "product_version_days": build_product_version_days,
}


@pytest.mark.parametrize("contract", PARTIALS, ids=lambda contract: contract.name)
def test_types_are_those_of_the_contract(spark: SparkSession, contract: TableContract) -> None:
    source = clean(spark) if contract.name == "product_version_days" else facts(spark)
    schema = BUILDERS[contract.name](source).schema
    types = [(field.name, field.dataType) for field in schema]
    assert types == [(field.name, field.dataType) for field in contract.spark_schema]


def test_a_session_has_its_times_counts_and_revenue(spark: SparkSession) -> None:
    events = [
        on("01 10:00", price="1.00"),
        on("01 09:00", event_type="cart", price="2.50"),
        on("01 10:30", event_type="purchase", price="2.50"),
        on("01 10:30", event_type="purchase", price="0.01"),
        on("01 09:30", event_type="remove_from_cart"),
    ]
    (row,) = collect(build_session_days(facts(spark, *events)))
    assert row["event_date"] == DAY
    assert (row["first_event_at"], row["last_event_at"]) == (
        utc("2020-04-01 09:00"),
        utc("2020-04-01 10:30"),
    )
    counts = ("view_count", "cart_count", "remove_from_cart_count", "purchase_count")
    assert [row[name] for name in counts] == [1, 1, 1, 2]
    assert row["revenue_usd"] == Decimal("2.51")


def test_a_session_without_a_purchase_has_no_revenue_and_not_an_unknown_one(
    spark: SparkSession,
) -> None:
    (row,) = collect(build_session_days(facts(spark, on("01 10:00"))))
    assert row["revenue_usd"] == Decimal("0.00")


def test_a_session_id_that_two_users_share_is_two_sessions(spark: SparkSession) -> None:
    events = [on("01 10:00", user_id=1), on("01 10:00", user_id=2), on("01 11:00", user_id=1)]
    rows = collect(build_session_days(facts(spark, *events)))
    assert sorted((row["user_id"], row["view_count"]) for row in rows) == [(1, 2), (2, 1)]


def test_a_session_over_midnight_has_a_row_on_each_date(spark: SparkSession) -> None:
    rows = collect(build_session_days(facts(spark, on("01 23:59:59"), on("02 00:00:00"))))
    assert sorted(str(row["event_date"]) for row in rows) == ["2020-04-01", "2020-04-02"]


def test_taste_counts_every_type_of_event_by_category_and_brand(spark: SparkSession) -> None:
    events = [
        on("01 10:00", category_code="a", brand="x"),
        on("01 11:00", category_code="a", brand="x", event_type="purchase"),
        on("01 12:00", category_code="a", brand="y"),
        on("02 12:00", category_code="a", brand="y"),
    ]
    rows = collect(build_user_taste_days(facts(spark, *events)))
    assert sorted((r["event_date"].day, r["brand"], r["event_count"]) for r in rows) == [
        (1, "x", 2),
        (1, "y", 1),
        (2, "y", 1),
    ]


def test_a_product_has_the_range_of_its_prices_by_date(spark: SparkSession) -> None:
    # As texts 10.00 would be the lowest.
    events = [on("01 10:00", price=p) for p in ("9.99", "10.00", "9.50")] + [on("02 10:00")]
    rows = collect(build_product_days(facts(spark, *events)))
    (first,) = (row for row in rows if row["event_date"] == DAY)
    assert (first["lowest_price"], first["highest_price"]) == (Decimal("9.50"), Decimal("10.00"))
    assert sorted(row["view_count"] for row in rows) == [1, 3]


def test_only_purchases_make_a_buyer(spark: SparkSession) -> None:
    bought = {"event_type": "purchase"}
    events: list[Row] = [
        on("01 10:00", user_id=1),
        on("01 10:00", user_id=1, **bought),
        on("01 11:00", user_id=1, **bought),
        on("01 12:00", user_id=2, **bought),
        on("01 12:00", user_id=3, event_type="cart"),
    ]
    rows = collect(build_product_buyer_days(facts(spark, *events)))
    assert sorted((row["user_id"], row["purchase_count"]) for row in rows) == [(1, 2), (2, 1)]
