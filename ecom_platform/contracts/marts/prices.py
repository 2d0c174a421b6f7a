"""Contract of mart_prices: what categories and brands cost, and how that changes.

Belongs here: columns, grain and key of mart_prices. Not here: how rows are built.
"""

from __future__ import annotations

from typing import Annotated

import pandera.pyspark as pandera
import pyspark.sql.types as T

from ecom_platform.contracts.lineage import MADE_HERE, carried, made_from
from ecom_platform.contracts.marts.columns import (
    CADENCE,
    EVERYTHING,
    PRODUCT_BREAKDOWNS,
    breakdown,
    breakdown_value,
    change,
    distinct_count,
    event_date,
    traffic,
    usd,
)
from ecom_platform.contracts.marts.products import MART_PRODUCTS
from ecom_platform.contracts.table import TableContract

DIVIDED_BY = (EVERYTHING, *PRODUCT_BREAKDOWNS)
KEY = ("event_date", "traffic", "breakdown", "breakdown_value")
PERCENTILES = {"p25_usd": 0.25, "median_usd": 0.5, "p75_usd": 0.75}


class MartPrices(pandera.DataFrameModel):
    """The prices of the products that were looked at on a date, by category and brand.

    Every product with an event on the date counts once, with its last price of it, however often
    it was looked at: no number is a mean over views. Percentiles are by nearest rank. Compared is
    the date seven days before, and for the change only products that have a price on both dates,
    so that it tells of prices and not of another assortment.
    """

    event_date: T.DateType = event_date("the prices")
    traffic: T.StringType = traffic()
    breakdown: T.StringType = breakdown(*DIVIDED_BY)
    breakdown_value: T.StringType = breakdown_value()
    product_count: T.LongType = distinct_count("products with a price")
    mean_usd: T.DoubleType = usd("Mean price.")
    lowest_usd: Annotated[T.DecimalType, 12, 2] = usd("Lowest price.")
    p25_usd: Annotated[T.DecimalType, 12, 2] = usd("Price that a quarter does not exceed.")
    median_usd: Annotated[T.DecimalType, 12, 2] = usd("Median price.")
    p75_usd: Annotated[T.DecimalType, 12, 2] = usd("Price that three quarters do not exceed.")
    highest_usd: Annotated[T.DecimalType, 12, 2] = usd("Highest price.")
    spread_usd: Annotated[T.DecimalType, 12, 2] = usd("p75_usd less p25_usd.")
    price_index: T.DoubleType = pandera.Field(
        ge=0,
        description="100 times the sum of the prices, by the sum of what the products would cost "
        "at the mean price of their categories on the date: 120 is a fifth dearer than the same "
        "categories. 100 for categories themselves.",
    )
    previous_week_median_usd: Annotated[T.DecimalType, 12, 2] = usd(
        "Median price seven days before; null without any.", nullable=True
    )
    matched_product_count: T.LongType = distinct_count("products with a price on both dates")
    price_change: T.DoubleType = change(
        "Change of the sum of the prices of the matched products against seven days before"
    )

    class Config:
        strict = True


_PRODUCTS = MART_PRODUCTS.name
_VALUES = ("category_name", "brand")

MART_PRICES = TableContract(
    name="mart_prices",
    layer="marts",
    grain="one breakdown value of one traffic and date",
    key=KEY,
    cadence=CADENCE,
    model=MartPrices,
    row_rules=(
        (
            "prices_are_in_order",
            "lowest_usd > p25_usd OR p25_usd > median_usd OR median_usd > p75_usd "
            "OR p75_usd > highest_usd OR spread_usd <> p75_usd - p25_usd",
        ),
        ("has_a_product", "product_count < 1 OR matched_product_count > product_count"),
    ),
    lineage={
        **carried(_PRODUCTS, "event_date", "traffic"),
        "breakdown": MADE_HERE,
        "breakdown_value": made_from(_PRODUCTS, *_VALUES),
        "product_count": made_from(_PRODUCTS, *_VALUES),
        **dict.fromkeys(
            ("mean_usd", "lowest_usd", *PERCENTILES, "highest_usd", "spread_usd"),
            made_from(_PRODUCTS, "last_price_usd", *_VALUES),
        ),
        "price_index": made_from(_PRODUCTS, "last_price_usd", *_VALUES),
        "previous_week_median_usd": made_from(_PRODUCTS, "last_price_usd", *_VALUES),
        "matched_product_count": made_from(_PRODUCTS, "product_id", *_VALUES),
        "price_change": made_from(_PRODUCTS, "last_price_usd", "product_id", *_VALUES),
    },
)
