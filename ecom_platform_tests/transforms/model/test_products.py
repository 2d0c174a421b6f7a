"""dim_products: what a product is now, its range of prices, its buyers and its conversion."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from ecom_platform.contracts.model import (
    DIM_PRODUCTS,
    PRODUCT_BUYER_DAYS,
    PRODUCT_DAYS,
    PRODUCT_VERSION_DAYS,
)
from ecom_platform.contracts.oltp import CURRENT_OLTP
from ecom_platform.transforms.model.products import build_dim_products
from ecom_platform_tests.samples import frame, utc
from ecom_platform_tests.transforms.model.star_rows import AS_OF, on, products

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

LEVELS = [f"category_level_{level}" for level in range(1, 5)]


def test_types_are_those_of_the_contract(spark: SparkSession) -> None:
    contracts = (PRODUCT_DAYS, PRODUCT_VERSION_DAYS, PRODUCT_BUYER_DAYS)
    catalogue = frame(spark, CURRENT_OLTP["products"], [])
    schema = build_dim_products(*(frame(spark, c, []) for c in contracts), AS_OF, catalogue).schema
    types = [(field.name, field.dataType) for field in schema]
    assert types == [(field.name, field.dataType) for field in DIM_PRODUCTS.spark_schema]


def test_a_product_has_its_row_of_the_catalogue_where_there_is_one(spark: SparkSession) -> None:
    row = {"product_id": 1004856, "name": "Samsung 1", "brand_id": 1, "category_id": 2, "stock": 3}
    known, unknown = products(
        spark,
        on("01 10:00"),
        on("01 11:00", product_id=2000000),
        in_shop=[{**row, "price": Decimal("99.00")}],
    )
    told = ("name", "catalogue_price", "stock", "price")
    assert [known[name] for name in told] == ["Samsung 1", Decimal("99.00"), 3, Decimal("130.76")]
    assert [unknown[name] for name in told] == [None, None, None, Decimal("130.76")]


def test_a_product_is_what_its_last_event_showed(spark: SparkSession) -> None:
    events = [
        on("05 10:00", price="7.00", brand="new", category_id=2, category_code="b"),
        on("01 10:00", price="10.00", brand="old", category_id=1, category_code="a"),
        on("03 10:00", price="5.00", brand="old", category_id=1, category_code="a"),
    ]
    (product,) = products(spark, *events)
    assert (product["brand"], product["category_id"], product["category_code"]) == ("new", 2, "b")
    prices = [product[name] for name in ("price", "lowest_price", "highest_price")]
    assert prices == [Decimal("7.00"), Decimal("5.00"), Decimal("10.00")]
    assert (product["first_seen_at"], product["last_seen_at"]) == (
        utc("2020-04-01 10:00"),
        utc("2020-04-05 10:00"),
    )
    assert product["as_of_date"] == AS_OF


def test_a_price_that_lost_the_conflict_of_a_second_is_still_the_highest(
    spark: SparkSession,
) -> None:
    (product,) = products(spark, on("01 10:00", price="5.00"), on("01 10:00", price="6.00"))
    assert (product["price"], product["highest_price"]) == (Decimal("5.00"), Decimal("6.00"))


@pytest.mark.parametrize(
    ("code", "levels"),
    [
        ("electronics", ["electronics", None, None, None]),
        ("a.b", ["a", "b", None, None]),
        ("a.b.c.d", ["a", "b", "c", "d"]),
        ("a.b.c.d.e", ["a", "b", "c", "d"]),
        ("unknown", ["unknown", None, None, None]),
    ],
)
def test_the_path_of_the_category_is_split_in_levels(
    spark: SparkSession, code: str, levels: list[str | None]
) -> None:
    (product,) = products(spark, on("01 10:00", category_code=code))
    assert [product[level] for level in LEVELS] == levels
    assert product["category_code"] == code


def test_a_buyer_of_two_dates_is_one_buyer(spark: SparkSession) -> None:
    bought = {"event_type": "purchase"}
    events = [
        *(on(f"{day} 10:00", user_id=user, **bought) for day, user in (("01", 1), ("02", 1))),
        on("02 11:00", user_id=1, **bought),
        on("02 10:00", user_id=2, **bought),
        on("02 10:00", user_id=3),
    ]
    (product,) = products(spark, *events)
    assert (product["purchase_count"], product["buyer_count"]) == (4, 2)


@pytest.mark.parametrize(
    ("types", "rate"),
    [
        (["view"] * 4 + ["purchase"], 0.25),
        (["view", "purchase", "purchase"], 2.0),
        (["view", "cart"], 0.0),
        (["purchase", "cart", "remove_from_cart"], None),  # never viewed
        (["view"] * 3 + ["purchase"], 1 / 3),
    ],
)
def test_conversion_is_purchases_by_views(
    spark: SparkSession, types: list[str], rate: float | None
) -> None:
    (product,) = products(spark, *(on("01 10:00", event_type=kind) for kind in types))
    assert product["conversion_rate"] == rate
    assert product["buyer_count"] == int("purchase" in types)
