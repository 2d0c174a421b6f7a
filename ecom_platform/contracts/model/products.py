"""Contracts of dim_products and dim_product_versions: what is sold, and how it changed.

Belongs here: columns, grain and keys of both, and what counts as a change. Not here: how rows
are built.
"""

from __future__ import annotations

from typing import Annotated

import pandera.pyspark as pandera
import pyspark.sql.types as T

from ecom_platform.contracts.lineage import MADE_HERE, carried, made_from
from ecom_platform.contracts.model.counts import EVENT_COUNT_COLUMNS, count_of, time_of
from ecom_platform.contracts.model.partials import (
    PRODUCT_BUYER_DAYS,
    PRODUCT_DAYS,
    PRODUCT_VERSION_DAYS,
)
from ecom_platform.contracts.oltp import CURRENT_OLTP
from ecom_platform.contracts.table import TableContract

# A change of any of these is a new version of a product. Of several in one second those count
# that come first in this order: values alone decide, never the order of arrival.
VERSIONED_COLUMNS = ("price", "category_id", "category_code", "brand")

# Paths are one to four levels deep in the published data; the whole path is kept beside them.
CATEGORY_LEVELS = 4

_CADENCE = "daily, and when late data change a date"
_DAYS = PRODUCT_DAYS.name
_VERSIONS = PRODUCT_VERSION_DAYS.name
_CATALOGUE = CURRENT_OLTP["products"].name


class DimProducts(pandera.DataFrameModel):
    """Every product with an accepted event: what it is now, and all that happened to it."""

    product_id: T.LongType = pandera.Field(gt=0, description="The product.")
    brand: T.StringType = pandera.Field(
        description="Brand at the product's last event; `unknown` where it had none."
    )
    category_id: T.LongType = pandera.Field(
        gt=0, description="Category at the product's last event."
    )
    category_code: T.StringType = pandera.Field(
        description="Dotted path of that category; `unknown` where it had none."
    )
    category_level_1: T.StringType = pandera.Field(
        description="First part of category_code, e.g. `electronics`; `unknown` where it is."
    )
    category_level_2: T.StringType = pandera.Field(
        nullable=True, description="Second part of category_code; null where it ends before."
    )
    category_level_3: T.StringType = pandera.Field(
        nullable=True, description="Third part of category_code; null where it ends before."
    )
    category_level_4: T.StringType = pandera.Field(
        nullable=True, description="Fourth part of category_code; null where it ends before."
    )
    price: Annotated[T.DecimalType, 12, 2] = pandera.Field(
        gt=0, description="Price at the product's last event.", metadata={"unit": "USD"}
    )
    lowest_price: Annotated[T.DecimalType, 12, 2] = pandera.Field(
        gt=0, description="Lowest price of all events.", metadata={"unit": "USD"}
    )
    highest_price: Annotated[T.DecimalType, 12, 2] = pandera.Field(
        gt=0, description="Highest price of all events.", metadata={"unit": "USD"}
    )
    first_seen_at: T.TimestampType = time_of("First event of the product.")
    last_seen_at: T.TimestampType = time_of("Last event of the product.")
    view_count: T.LongType = count_of("view events")
    cart_count: T.LongType = count_of("cart events")
    remove_from_cart_count: T.LongType = count_of("remove_from_cart events")
    purchase_count: T.LongType = count_of("purchase events")
    buyer_count: T.LongType = count_of("different users who purchased it")
    conversion_rate: T.DoubleType = pandera.Field(
        nullable=True,
        ge=0,
        description="purchase_count divided by view_count; null without views. More than 1 where "
        "it was purchased more often than viewed.",
    )
    name: T.StringType = pandera.Field(
        nullable=True,
        description="Name of the product in the shop's catalogue; null where it is not in it.",
    )
    catalogue_price: Annotated[T.DecimalType, 12, 2] = pandera.Field(
        nullable=True,
        description="Price of the product in the shop's catalogue; null where it is not in it.",
        metadata={"unit": "USD"},
    )
    stock: T.LongType = pandera.Field(
        nullable=True,
        description="Pieces in stock by the shop's catalogue; null where it is not in it.",
    )
    as_of_date: T.DateType = pandera.Field(
        description="Events up to the end of this UTC date are counted."
    )

    class Config:
        strict = True


class DimProductVersions(pandera.DataFrameModel):
    """What a product was, and from when to when: a row for every change of its values.

    A version is valid at a time t when valid_from <= t, and t < valid_to or valid_to is null.
    """

    product_id: T.LongType = pandera.Field(gt=0, description="The product.")
    valid_from: T.TimestampType = time_of("First event that showed these values.")
    valid_to: T.TimestampType = pandera.Field(
        nullable=True,
        description="First event that showed other values, exclusive; null for the current ones.",
        metadata={"unit": "UTC, microseconds"},
    )
    brand: T.StringType = pandera.Field(description="Brand; `unknown` where events had none.")
    category_id: T.LongType = pandera.Field(gt=0, description="Category.")
    category_code: T.StringType = pandera.Field(
        description="Dotted path of the category; `unknown` where events had none."
    )
    price: Annotated[T.DecimalType, 12, 2] = pandera.Field(
        gt=0, description="Price.", metadata={"unit": "USD"}
    )
    as_of_date: T.DateType = pandera.Field(
        description="Events up to the end of this UTC date are taken into account."
    )

    class Config:
        strict = True


DIM_PRODUCTS = TableContract(
    name="dim_products",
    layer="model",
    grain="one product with an accepted event",
    key=("product_id",),
    cadence=_CADENCE,
    model=DimProducts,
    partition_by=None,
    row_rules=(
        ("first_is_not_after_last", "first_seen_at > last_seen_at"),
        ("last_is_not_after_as_of", "CAST(last_seen_at AS DATE) > as_of_date"),
        ("price_is_in_its_range", "price < lowest_price OR price > highest_price"),
        ("buyers_have_purchases", "buyer_count > purchase_count"),
        ("purchases_have_buyers", "(buyer_count = 0) <> (purchase_count = 0)"),
        ("conversion_needs_views", "(view_count = 0) <> (conversion_rate IS NULL)"),
    ),
    lineage={
        **carried(_VERSIONS, "brand", "category_id", "category_code", "price"),
        **{
            f"category_level_{level}": made_from(_VERSIONS, "category_code")
            for level in range(1, CATEGORY_LEVELS + 1)
        },
        **carried(_DAYS, "product_id", "lowest_price", "highest_price", *EVENT_COUNT_COLUMNS),
        "first_seen_at": made_from(_DAYS, "first_event_at"),
        "last_seen_at": made_from(_DAYS, "last_event_at"),
        "buyer_count": made_from(PRODUCT_BUYER_DAYS.name, "user_id"),
        "conversion_rate": made_from(_DAYS, "purchase_count", "view_count"),
        **carried(_CATALOGUE, "name", "stock"),
        "catalogue_price": made_from(_CATALOGUE, "price"),
        "as_of_date": MADE_HERE,
    },
)

DIM_PRODUCT_VERSIONS = TableContract(
    name="dim_product_versions",
    layer="model",
    grain="one product in one period without a change of brand, category or price",
    key=("product_id", "valid_from"),
    cadence=_CADENCE,
    model=DimProductVersions,
    partition_by=None,
    row_rules=(
        ("period_is_not_empty", "valid_to <= valid_from"),
        ("starts_before_as_of_ends", "CAST(valid_from AS DATE) > as_of_date"),
    ),
    lineage={
        **carried(_VERSIONS, "product_id", "valid_from", "brand"),
        **carried(_VERSIONS, "category_id", "category_code", "price"),
        "valid_to": made_from(_VERSIONS, "valid_from"),
        "as_of_date": MADE_HERE,
    },
)
