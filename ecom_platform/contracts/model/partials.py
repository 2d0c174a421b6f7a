"""Contracts of the partials: what each closed date adds to the dimensions.

Belongs here: tables keyed by event_date and what a dimension counts. Not here: the dimensions.
"""

from __future__ import annotations

from typing import Annotated

import pandera.pyspark as pandera
import pyspark.sql.types as T

from ecom_platform.contracts.clean import CLEAN_EVENTS
from ecom_platform.contracts.lineage import MADE_HERE, Lineage, carried, made_from
from ecom_platform.contracts.model.counts import (
    EVENT_COUNT_COLUMNS,
    REVENUE_RULE,
    count_of,
    event_count_lineage,
    time_of,
)
from ecom_platform.contracts.model.fact import FACT_USER_EVENTS
from ecom_platform.contracts.model.traffic import CRAWLER_WORDS
from ecom_platform.contracts.table import TableContract

_CADENCE = "daily, and when late data change a date"
_FACT = FACT_USER_EVENTS.name
_DATES_OF_EVENTS = (
    "events_are_of_the_date",
    "event_date <> CAST(first_event_at AS DATE) OR event_date <> CAST(last_event_at AS DATE)",
)
# What an event says; its session and user are the key, and its date is that of its time.
DIGESTED_COLUMNS = (
    "event_id",
    "event_time",
    "event_type",
    "product_id",
    "price",
    "category_name",
    "brand",
    "device_type",
    "source_channel",
)
_FIRST_IS_NOT_AFTER_LAST = ("first_is_not_after_last", "first_event_at > last_event_at")
_TIMES: Lineage = dict.fromkeys(("first_event_at", "last_event_at"), made_from(_FACT, "event_time"))


class SessionDays(pandera.DataFrameModel):
    """What a session did on one date: adds up to sessions, to users and to their active days."""

    event_date: T.DateType = pandera.Field(description="UTC date of the events.")
    user_id: T.LongType = pandera.Field(gt=0, description="The user.", metadata={"pii": True})
    session_id: T.StringType = pandera.Field(
        description="The session's id; with user_id it identifies a session, on any date."
    )
    first_event_at: T.TimestampType = time_of("First event of the session on this date.")
    last_event_at: T.TimestampType = time_of("Last event of the session on this date.")
    view_count: T.LongType = count_of("view events")
    cart_count: T.LongType = count_of("cart events")
    remove_from_cart_count: T.LongType = count_of("remove_from_cart events")
    purchase_count: T.LongType = count_of("purchase events")
    revenue_usd: Annotated[T.DecimalType, 18, 2] = pandera.Field(
        ge=0, description="Sum of the prices of the purchases.", metadata={"unit": "USD"}
    )
    is_crawler_like: T.BooleanType = pandera.Field(
        description=f"Whether it behaves on this date like a crawler: {CRAWLER_WORDS}."
    )
    content_digest: T.LongType = pandera.Field(
        description="Digest of its events of this date in any order; another when one differs."
    )

    class Config:
        strict = True


class UserTasteDays(pandera.DataFrameModel):
    """How often a user met a category and brand on one date: adds up to favourites."""

    event_date: T.DateType = pandera.Field(description="UTC date of the events.")
    user_id: T.LongType = pandera.Field(gt=0, description="The user.", metadata={"pii": True})
    category_name: T.StringType = pandera.Field(description="Category of the products.")
    brand: T.StringType = pandera.Field(description="Brand of the products.")
    event_count: T.LongType = pandera.Field(gt=0, description="Number of events of any type.")

    class Config:
        strict = True


class ProductDays(pandera.DataFrameModel):
    """What happened to a product on one date: adds up to its counts and its range of prices."""

    event_date: T.DateType = pandera.Field(description="UTC date of the events.")
    product_id: T.LongType = pandera.Field(gt=0, description="The product.")
    first_event_at: T.TimestampType = time_of("First event of the product on this date.")
    last_event_at: T.TimestampType = time_of("Last event of the product on this date.")
    view_count: T.LongType = count_of("view events")
    cart_count: T.LongType = count_of("cart events")
    remove_from_cart_count: T.LongType = count_of("remove_from_cart events")
    purchase_count: T.LongType = count_of("purchase events")
    lowest_price: Annotated[T.DecimalType, 12, 2] = pandera.Field(
        gt=0, description="Lowest price among the events.", metadata={"unit": "USD"}
    )
    highest_price: Annotated[T.DecimalType, 12, 2] = pandera.Field(
        gt=0, description="Highest price among the events.", metadata={"unit": "USD"}
    )

    class Config:
        strict = True


class ProductBuyerDays(pandera.DataFrameModel):
    """Who purchased a product on one date: adds up to its number of different buyers."""

    event_date: T.DateType = pandera.Field(description="UTC date of the purchases.")
    product_id: T.LongType = pandera.Field(gt=0, description="The product.")
    user_id: T.LongType = pandera.Field(gt=0, description="The buyer.", metadata={"pii": True})
    purchase_count: T.LongType = pandera.Field(gt=0, description="Number of purchase events.")

    class Config:
        strict = True


class ProductVersionDays(pandera.DataFrameModel):
    """The brand, category and price that a product's events showed on one date, in their order.

    The first row of a product and date is its first event; further ones are changes.
    """

    event_date: T.DateType = pandera.Field(description="UTC date of the events.")
    product_id: T.LongType = pandera.Field(gt=0, description="The product.")
    valid_from: T.TimestampType = time_of("First event of this date that showed these values.")
    brand: T.StringType = pandera.Field(description="Brand; `unknown` where events had none.")
    category_id: T.LongType = pandera.Field(gt=0, description="Category.")
    category_code: T.StringType = pandera.Field(
        description="Dotted path of the category; `unknown` where events had none."
    )
    price: Annotated[T.DecimalType, 12, 2] = pandera.Field(
        gt=0, description="Price.", metadata={"unit": "USD"}
    )

    class Config:
        strict = True


SESSION_DAYS = TableContract(
    name="session_days",
    layer="model",
    grain="one session on one date",
    key=("event_date", "user_id", "session_id"),
    cadence=_CADENCE,
    model=SessionDays,
    row_rules=(
        _DATES_OF_EVENTS,
        _FIRST_IS_NOT_AFTER_LAST,
        REVENUE_RULE,
        ("has_an_event", f"{' + '.join(EVENT_COUNT_COLUMNS)} < 1"),
    ),
    lineage={
        **carried(_FACT, "event_date", "user_id", "session_id"),
        **_TIMES,
        **event_count_lineage(_FACT),
        "revenue_usd": made_from(_FACT, "event_type", "price"),
        "is_crawler_like": made_from(_FACT, "event_type", "event_time"),
        "content_digest": made_from(_FACT, *DIGESTED_COLUMNS),
    },
)

USER_TASTE_DAYS = TableContract(
    name="user_taste_days",
    layer="model",
    grain="one user, category and brand on one date",
    key=("event_date", "user_id", "category_name", "brand"),
    cadence=_CADENCE,
    model=UserTasteDays,
    lineage={
        **carried(_FACT, "event_date", "user_id", "category_name", "brand"),
        "event_count": MADE_HERE,
    },
)

PRODUCT_DAYS = TableContract(
    name="product_days",
    layer="model",
    grain="one product on one date",
    key=("event_date", "product_id"),
    cadence=_CADENCE,
    model=ProductDays,
    row_rules=(
        _DATES_OF_EVENTS,
        _FIRST_IS_NOT_AFTER_LAST,
        ("has_an_event", f"{' + '.join(EVENT_COUNT_COLUMNS)} < 1"),
        ("lowest_is_not_above_highest", "lowest_price > highest_price"),
    ),
    lineage={
        **carried(_FACT, "event_date", "product_id"),
        **_TIMES,
        **event_count_lineage(_FACT),
        **dict.fromkeys(("lowest_price", "highest_price"), made_from(_FACT, "price")),
    },
)

PRODUCT_BUYER_DAYS = TableContract(
    name="product_buyer_days",
    layer="model",
    grain="one buyer of one product on one date",
    key=("event_date", "product_id", "user_id"),
    cadence=_CADENCE,
    model=ProductBuyerDays,
    lineage={
        **carried(_FACT, "event_date", "product_id", "user_id"),
        "purchase_count": made_from(_FACT, "event_type"),
    },
)

PRODUCT_VERSION_DAYS = TableContract(
    name="product_version_days",
    layer="model",
    grain="one change of a product's brand, category or price within one date",
    key=("event_date", "product_id", "valid_from"),
    cadence=_CADENCE,
    model=ProductVersionDays,
    row_rules=(("valid_from_is_of_the_date", "event_date <> CAST(valid_from AS DATE)"),),
    lineage={
        **carried(CLEAN_EVENTS.name, "event_date", "product_id"),
        **carried(CLEAN_EVENTS.name, "brand", "category_id", "category_code", "price"),
        "valid_from": made_from(CLEAN_EVENTS.name, "event_time"),
    },
)

PARTIALS = (SESSION_DAYS, USER_TASTE_DAYS, PRODUCT_DAYS, PRODUCT_BUYER_DAYS, PRODUCT_VERSION_DAYS)
