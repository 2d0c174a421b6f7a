"""Contract of mart_products: which products are looked at, and which of them convert least.

Belongs here: columns, grain and key of mart_products. Not here: how rows are built.
"""

from __future__ import annotations

from typing import Annotated

import pandera.pyspark as pandera
import pyspark.sql.types as T

from ecom_platform.contracts.lineage import carried, made_from
from ecom_platform.contracts.marts.columns import (
    CADENCE,
    additive_count,
    additive_usd,
    event_date,
    share,
    traffic,
)
from ecom_platform.contracts.model import FACT_USER_EVENTS, PRODUCT_VERSION_DAYS, SESSION_DAYS
from ecom_platform.contracts.table import TableContract

# Fewer sessions that viewed a product say little of it: it gets no place among the least.
LEAST_VIEWS = 100
# Both ends of a 95 % interval.
WILSON_Z = 1.96
KEY = ("event_date", "traffic", "product_id")
COUNTS = (
    "view_session_count",
    "cart_session_count",
    "purchase_session_count",
    "converted_session_count",
    "view_count",
    "unit_count",
)


class MartProducts(pandera.DataFrameModel):
    """Every product with an event on a date: how often it was viewed, and how seldom bought.

    Sessions are counted by what they did on the date. Of those that viewed the product,
    conversion_rate is the share that purchased it on the date. Few views give a rate by chance, so
    that products are ordered by the upper end of its Wilson interval, and only those with enough
    views. Counts add up over dates; the rate and interval of a month are those of the sums.
    """

    event_date: T.DateType = event_date("the events")
    traffic: T.StringType = traffic()
    product_id: T.LongType = pandera.Field(gt=0, description="The product; joins dim_products.")
    category_name: T.StringType = pandera.Field(
        description="Category of the product's last event on the date."
    )
    brand: T.StringType = pandera.Field(
        description="Brand of the product's last event on the date."
    )
    last_price_usd: Annotated[T.DecimalType, 12, 2] = pandera.Field(
        gt=0, description="Price of the product's last event.", metadata={"unit": "USD"}
    )
    view_session_count: T.LongType = additive_count("sessions that viewed it")
    cart_session_count: T.LongType = additive_count("sessions that put it into the cart")
    purchase_session_count: T.LongType = additive_count("sessions that purchased it")
    converted_session_count: T.LongType = additive_count("sessions that viewed and purchased it")
    view_count: T.LongType = additive_count("view events")
    unit_count: T.LongType = additive_count("purchase events")
    revenue_usd: Annotated[T.DecimalType, 18, 2] = additive_usd("Sum of the prices of the units.")
    conversion_rate: T.DoubleType = share("converted_session_count", "view_session_count")
    conversion_low: T.DoubleType = share("Lower end of the 95 % Wilson interval", "the sessions")
    conversion_high: T.DoubleType = share("Upper end of the 95 % Wilson interval", "the sessions")
    view_rank: T.LongType = pandera.Field(
        ge=1,
        description="Place by view_session_count; 1 is the most viewed, of equals the first by "
        "product_id.",
    )
    has_enough_views: T.BooleanType = pandera.Field(
        description=f"Whether at least {LEAST_VIEWS} sessions viewed it."
    )
    least_converting_rank: T.LongType = pandera.Field(
        nullable=True,
        ge=1,
        description="Place by conversion_high among those with enough views; 1 converts least, of "
        "equals the most viewed first. Null without enough views.",
    )

    class Config:
        strict = True


_FACT, _VERSIONS = FACT_USER_EVENTS.name, PRODUCT_VERSION_DAYS.name
_SESSION = ("user_id", "session_id")
_BY_SESSION = made_from(_FACT, "event_type", "product_id", *_SESSION)

MART_PRODUCTS = TableContract(
    name="mart_products",
    layer="marts",
    grain="one product with an event on one date, of one traffic",
    key=KEY,
    cadence=CADENCE,
    model=MartProducts,
    row_rules=(
        (
            "what_sessions_did_are_events",
            "view_session_count > view_count OR purchase_session_count > unit_count "
            "OR converted_session_count > view_session_count "
            "OR converted_session_count > purchase_session_count",
        ),
        (
            "the_rate_lies_in_its_interval",
            "conversion_rate < conversion_low OR conversion_rate > conversion_high",
        ),
        (
            "only_enough_views_have_a_place",
            "(least_converting_rank IS NOT NULL) <> has_enough_views "
            f"OR has_enough_views <> (view_session_count >= {LEAST_VIEWS})",
        ),
    ),
    lineage={
        **carried(_FACT, "event_date", "product_id"),
        "traffic": made_from(SESSION_DAYS.name, "is_crawler_like"),
        "category_name": made_from(_VERSIONS, "category_code", "valid_from"),
        "brand": made_from(_VERSIONS, "brand", "valid_from"),
        "last_price_usd": made_from(_VERSIONS, "price", "valid_from"),
        **dict.fromkeys(COUNTS[:4], _BY_SESSION),
        **dict.fromkeys(COUNTS[4:], made_from(_FACT, "event_type", "product_id")),
        "revenue_usd": made_from(_FACT, "event_type", "price", "product_id"),
        **dict.fromkeys(
            (
                "conversion_rate",
                "conversion_low",
                "conversion_high",
                "view_rank",
                "has_enough_views",
                "least_converting_rank",
            ),
            _BY_SESSION,
        ),
    },
)
