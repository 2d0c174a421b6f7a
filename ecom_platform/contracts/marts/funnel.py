"""Contracts of the funnel: from view to cart to purchase, by date and breakdown.

Belongs here: columns, grain and keys of funnel_days and mart_funnel. Not here: how rows are built.
"""

from __future__ import annotations

from typing import Any

import pandera.pyspark as pandera
import pyspark.sql.types as T

from ecom_platform.contracts.lineage import MADE_HERE, ColumnRef, carried, made_from
from ecom_platform.contracts.marts.columns import (
    BREAKDOWNS,
    CADENCE,
    additive_count,
    breakdown,
    breakdown_value,
    share,
    traffic,
)
from ecom_platform.contracts.marts.multiday import MULTIDAY_SESSION_EVENTS
from ecom_platform.contracts.model import FACT_USER_EVENTS, SESSION_DAYS
from ecom_platform.contracts.table import TableContract

SESSION, PRODUCT_SESSION = "session", "product_session"
UNITS = (SESSION, PRODUCT_SESSION)

FUNNEL_KEY = ("event_date", "traffic", "unit", "breakdown", "breakdown_value")
FUNNEL_COUNTS = (
    "unit_count",
    "viewed_count",
    "carted_count",
    "purchased_count",
    "loose_cart_count",
    "loose_purchase_count",
    "strict_cart_count",
    "strict_purchase_count",
)
# rate -> (numerator, denominator)
FUNNEL_RATES = {
    "conversion_rate": ("purchased_count", "unit_count"),
    "loose_view_to_cart_rate": ("loose_cart_count", "viewed_count"),
    "loose_cart_to_purchase_rate": ("loose_purchase_count", "loose_cart_count"),
    "loose_view_to_purchase_rate": ("loose_purchase_count", "viewed_count"),
    "strict_view_to_cart_rate": ("strict_cart_count", "viewed_count"),
    "strict_cart_to_purchase_rate": ("strict_purchase_count", "strict_cart_count"),
    "strict_view_to_purchase_rate": ("strict_purchase_count", "viewed_count"),
}


def _unit() -> Any:
    return pandera.Field(
        isin=list(UNITS),
        description="What is counted: a `session` (user_id, session_id), or a `product_session`, "
        "one product in one session. Choose one.",
    )


class FunnelDays(pandera.DataFrameModel):
    """The steps that the sessions of one date took on it, as if each had ended at midnight.

    mart_funnel puts sessions that were seen on several dates together again.
    """

    event_date: T.DateType = pandera.Field(description="UTC date of the events.")
    traffic: T.StringType = traffic()
    unit: T.StringType = _unit()
    breakdown: T.StringType = breakdown(*BREAKDOWNS)
    breakdown_value: T.StringType = breakdown_value()
    unit_count: T.LongType = additive_count("units with an event of the value")
    viewed_count: T.LongType = additive_count("units with a view")
    carted_count: T.LongType = additive_count("units with a cart event")
    purchased_count: T.LongType = additive_count("units with a purchase")
    loose_cart_count: T.LongType = additive_count("units with view and cart, in any order")
    loose_purchase_count: T.LongType = additive_count(
        "units with view, cart and purchase, in any order"
    )
    strict_cart_count: T.LongType = additive_count("units with a cart at or after a view")
    strict_purchase_count: T.LongType = additive_count(
        "units with a purchase at or after a cart that is at or after a view"
    )

    class Config:
        strict = True


class MartFunnel(FunnelDays):
    """How many sessions went from view to cart to purchase, loosely and in order, with rates.

    A session belongs to the date of its first event, with all that it did later. A row of a
    breakdown looks only at the events with its value: `category` = `a.b` counts a session as
    purchased when it purchased something of `a.b`. About a third of the purchases have no cart
    event in the published data: conversion_rate counts them, the rates over carts do not. Of two
    events in one second, as the source tells time, either may have come first: both orders count.
    """

    event_date: T.DateType = pandera.Field(description="UTC date of the session's first event.")
    conversion_rate: T.DoubleType = share("purchased_count", "unit_count")
    loose_view_to_cart_rate: T.DoubleType = share("loose_cart_count", "viewed_count")
    loose_cart_to_purchase_rate: T.DoubleType = share("loose_purchase_count", "loose_cart_count")
    loose_view_to_purchase_rate: T.DoubleType = share("loose_purchase_count", "viewed_count")
    strict_view_to_cart_rate: T.DoubleType = share("strict_cart_count", "viewed_count")
    strict_cart_to_purchase_rate: T.DoubleType = share("strict_purchase_count", "strict_cart_count")
    strict_view_to_purchase_rate: T.DoubleType = share("strict_purchase_count", "viewed_count")

    class Config:
        strict = True


_STEPS_FOLLOW = (
    "later_steps_have_earlier_ones",
    "viewed_count > unit_count OR carted_count > unit_count OR purchased_count > unit_count "
    "OR loose_cart_count > viewed_count OR loose_cart_count > carted_count "
    "OR loose_purchase_count > loose_cart_count OR loose_purchase_count > purchased_count "
    "OR strict_purchase_count > strict_cart_count",
)
_ORDER_IS_STRICTER = (
    "order_is_stricter",
    "strict_cart_count > loose_cart_count OR strict_purchase_count > loose_purchase_count",
)
_HAS_A_UNIT = ("has_a_unit", "unit_count < 1")

_UNIT_COLUMNS = ("user_id", "session_id", "product_id")
# What the number of units that reached a step is made from.
_STEP_COLUMNS = {
    "unit_count": _UNIT_COLUMNS,
    **dict.fromkeys(("viewed_count", "carted_count", "purchased_count"), ("event_type",)),
    **dict.fromkeys(("loose_cart_count", "loose_purchase_count"), ("event_type", *_UNIT_COLUMNS)),
    **dict.fromkeys(
        ("strict_cart_count", "strict_purchase_count"),
        ("event_type", "event_time", *_UNIT_COLUMNS),
    ),
}
_VALUE_COLUMNS = ("category_name", "brand", "device_type", "source_channel")
_DAYS, _MULTIDAY = "funnel_days", MULTIDAY_SESSION_EVENTS.name


def _counted_from(name: str) -> tuple[ColumnRef, ...]:
    """The sources of a count of mart_funnel: added up, and put right by sessions of many dates."""
    return made_from(_DAYS, name) + made_from(_MULTIDAY, *_STEP_COLUMNS[name])


FUNNEL_DAYS = TableContract(
    name="funnel_days",
    layer="marts",
    grain="one breakdown value of one unit, traffic and date",
    key=FUNNEL_KEY,
    cadence=CADENCE,
    model=FunnelDays,
    row_rules=(_STEPS_FOLLOW, _ORDER_IS_STRICTER, _HAS_A_UNIT),
    lineage={
        **carried(FACT_USER_EVENTS.name, "event_date"),
        "traffic": made_from(SESSION_DAYS.name, "is_crawler_like"),
        **dict.fromkeys(("unit", "breakdown"), MADE_HERE),
        "breakdown_value": made_from(FACT_USER_EVENTS.name, *_VALUE_COLUMNS),
        **{c: made_from(FACT_USER_EVENTS.name, *_STEP_COLUMNS[c]) for c in FUNNEL_COUNTS},
    },
)

MART_FUNNEL = TableContract(
    name="mart_funnel",
    layer="marts",
    grain="one breakdown value of one unit, traffic and date of first events",
    key=FUNNEL_KEY,
    cadence=CADENCE,
    model=MartFunnel,
    row_rules=(_STEPS_FOLLOW, _ORDER_IS_STRICTER, _HAS_A_UNIT),
    lineage={
        "event_date": made_from(_DAYS, "event_date") + made_from(_MULTIDAY, "session_start_date"),
        "traffic": made_from(_DAYS, "traffic") + made_from(_MULTIDAY, "is_crawler_like"),
        **carried(_DAYS, "unit", "breakdown"),
        "breakdown_value": made_from(_DAYS, "breakdown_value")
        + made_from(_MULTIDAY, *_VALUE_COLUMNS),
        **{name: _counted_from(name) for name in FUNNEL_COUNTS},
        **{
            rate: tuple(dict.fromkeys(_counted_from(part) + _counted_from(whole)))
            for rate, (part, whole) in FUNNEL_RATES.items()
        },
    },
)
