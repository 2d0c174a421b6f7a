"""Contract of mart_carts: what was put into carts, and left there.

Belongs here: columns, grain and key of mart_carts. Not here: how rows are built.
"""

from __future__ import annotations

from typing import Annotated

import pandera.pyspark as pandera
import pyspark.sql.types as T

from ecom_platform.contracts.lineage import MADE_HERE, ColumnRef, made_from
from ecom_platform.contracts.marts.columns import (
    CADENCE,
    CATEGORY_BREAKDOWNS,
    EVERYTHING,
    additive_count,
    additive_usd,
    breakdown,
    breakdown_value,
    event_date,
    share,
    traffic,
)
from ecom_platform.contracts.marts.multiday import MULTIDAY_SESSION_EVENTS
from ecom_platform.contracts.model import FACT_USER_EVENTS, SESSION_DAYS
from ecom_platform.contracts.table import TableContract

HOUR = "hour_of_day"
DIVIDED_BY = (EVERYTHING, *CATEGORY_BREAKDOWNS, HOUR)
KEY = ("event_date", "traffic", "breakdown", "breakdown_value")
# What became of a product in a cart -> its number.
FATES = {"purchased": "purchased_count", "removed": "removed_count", "abandoned": "abandoned_count"}


class MartCarts(pandera.DataFrameModel):
    """What sessions put into their carts, and what they left there, by category and hour.

    A carted product is one product in one session with a cart event. It is purchased when the
    session purchases the product, before or after; else removed when it was taken out at or after
    the time when it was put in last; else abandoned. It is worth its price when it was put in
    last, has the category of then, and the hour (UTC) when it was put in first. Sessions belong to
    the date of their first event.
    """

    event_date: T.DateType = event_date("the session's first event")
    traffic: T.StringType = traffic()
    breakdown: T.StringType = breakdown(*DIVIDED_BY)
    breakdown_value: T.StringType = breakdown_value()
    carted_count: T.LongType = additive_count("carted products")
    purchased_count: T.LongType = additive_count("carted products that were purchased")
    removed_count: T.LongType = additive_count("carted products that were taken out again")
    abandoned_count: T.LongType = additive_count("carted products that were left")
    carted_usd: Annotated[T.DecimalType, 18, 2] = additive_usd("Worth of the carted products.")
    abandoned_usd: Annotated[T.DecimalType, 18, 2] = additive_usd(
        "Worth of the abandoned products."
    )
    abandonment_rate: T.DoubleType = share("abandoned_count", "carted_count")
    session_count: T.LongType = additive_count("sessions with a carted product of the value")
    abandoned_session_count: T.LongType = additive_count(
        "sessions that abandoned such a product and purchased none of those that they carted"
    )
    session_abandonment_rate: T.DoubleType = share("abandoned_session_count", "session_count")

    class Config:
        strict = True


_FACT, _MULTIDAY = FACT_USER_EVENTS.name, MULTIDAY_SESSION_EVENTS.name
_UNIT = ("user_id", "session_id", "product_id")
_STEPS = (*_UNIT, "event_type", "event_time")


def _from_events(*columns: str) -> tuple[ColumnRef, ...]:
    return made_from(_FACT, *columns) + made_from(_MULTIDAY, *columns)


MART_CARTS = TableContract(
    name="mart_carts",
    layer="marts",
    grain="one breakdown value of one traffic and date of first events",
    key=KEY,
    cadence=CADENCE,
    model=MartCarts,
    row_rules=(
        (
            "every_carted_product_has_one_fate",
            f"carted_count < 1 OR carted_count <> {' + '.join(FATES.values())}",
        ),
        ("a_part_is_not_worth_more", "abandoned_usd > carted_usd"),
        (
            "sessions_have_products",
            "session_count > carted_count OR abandoned_session_count > session_count",
        ),
    ),
    lineage={
        "event_date": made_from(_FACT, "event_date") + made_from(_MULTIDAY, "session_start_date"),
        "traffic": made_from(SESSION_DAYS.name, "is_crawler_like")
        + made_from(_MULTIDAY, "is_crawler_like"),
        "breakdown": MADE_HERE,
        "breakdown_value": _from_events("category_name", *_STEPS),
        "carted_count": _from_events("event_type", *_UNIT),
        **dict.fromkeys((*FATES.values(), "abandonment_rate"), _from_events(*_STEPS)),
        **dict.fromkeys(("carted_usd", "abandoned_usd"), _from_events("price", *_STEPS)),
        **dict.fromkeys(
            ("session_count", "abandoned_session_count", "session_abandonment_rate"),
            _from_events(*_STEPS),
        ),
    },
)
