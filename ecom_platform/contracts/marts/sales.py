"""Contract of mart_sales: what was sold of which category and brand, and who leads.

Belongs here: columns, grain and key of mart_sales. Not here: how rows are built.
"""

from __future__ import annotations

from typing import Annotated

import pandera.pyspark as pandera
import pyspark.sql.types as T

from ecom_platform.contracts.lineage import MADE_HERE, carried, made_from
from ecom_platform.contracts.marts.columns import (
    BREAKDOWNS,
    CADENCE,
    additive_count,
    additive_usd,
    breakdown,
    breakdown_value,
    change,
    distinct_count,
    event_date,
    usd,
)
from ecom_platform.contracts.model import FACT_USER_EVENTS
from ecom_platform.contracts.table import TableContract

KEY = ("event_date", "breakdown", "breakdown_value")


class MartSales(pandera.DataFrameModel):
    """What was sold, by category, brand, device and channel, and how the leaders change.

    Every purchase event is one unit, on its own date. An order is a session that purchased on the
    date. There is no traffic column: a session that purchases is never crawler-like, so that sales
    are the same with and without those. Ranks are among the values of one breakdown, by revenue; of
    equals the first by name. Compared is the date seven days before.
    """

    event_date: T.DateType = event_date("the purchases")
    breakdown: T.StringType = breakdown(*BREAKDOWNS)
    breakdown_value: T.StringType = breakdown_value()
    revenue_usd: Annotated[T.DecimalType, 18, 2] = additive_usd("Sum of the prices.")
    unit_count: T.LongType = additive_count("units sold")
    order_count: T.LongType = additive_count("orders")
    buyer_count: T.LongType = distinct_count("users who purchased")
    average_order_value_usd: T.DoubleType = usd("revenue_usd for each of order_count.")
    revenue_rank: T.LongType = pandera.Field(
        ge=1, description="Place by revenue within the breakdown; 1 is the most."
    )
    previous_week_revenue_usd: Annotated[T.DecimalType, 18, 2] = usd(
        "Revenue of the value seven days before; null without any.", nullable=True
    )
    revenue_change: T.DoubleType = change("Change of the revenue against seven days before")
    previous_week_rank: T.LongType = pandera.Field(
        nullable=True, ge=1, description="Place seven days before; null without any revenue then."
    )
    rank_change: T.LongType = pandera.Field(
        nullable=True, description="Places gained since seven days before; negative for lost ones."
    )

    class Config:
        strict = True


_FACT = FACT_USER_EVENTS.name
_VALUES = ("category_name", "brand", "device_type", "source_channel")
_REVENUE = ("event_type", "price")
_RANK = (*_REVENUE, *_VALUES)

MART_SALES = TableContract(
    name="mart_sales",
    layer="marts",
    grain="one breakdown value with a purchase on one date",
    key=KEY,
    cadence=CADENCE,
    model=MartSales,
    row_rules=(
        ("orders_have_units", "order_count > unit_count OR buyer_count > order_count"),
        ("sold_for_money", "unit_count < 1 OR revenue_usd <= 0"),
        ("ranks_follow_each_other", "rank_change <> previous_week_rank - revenue_rank"),
    ),
    lineage={
        **carried(_FACT, "event_date"),
        "breakdown": MADE_HERE,
        "breakdown_value": made_from(_FACT, *_VALUES),
        **dict.fromkeys(
            ("revenue_usd", "previous_week_revenue_usd", "revenue_change"),
            made_from(_FACT, *_REVENUE, *_VALUES),
        ),
        "unit_count": made_from(_FACT, "event_type"),
        "order_count": made_from(_FACT, "event_type", "user_id", "session_id"),
        "buyer_count": made_from(_FACT, "event_type", "user_id"),
        "average_order_value_usd": made_from(_FACT, *_REVENUE, "user_id", "session_id"),
        **dict.fromkeys(
            ("revenue_rank", "previous_week_rank", "rank_change"), made_from(_FACT, *_RANK)
        ),
    },
)
