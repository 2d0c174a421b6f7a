"""The lineage of marts is true, as that of the other tables is.

How it is found out is in lineage_probe.py. Slow: every value of every row is changed in turn.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from ecom_platform.contracts import TABLES
from ecom_platform.contracts.marts.funnel import FUNNEL_COUNTS
from ecom_platform.contracts.marts.products import COUNTS as PRODUCT_COUNTS
from ecom_platform.contracts.marts.sessions import COUNTS as SESSION_COUNTS
from ecom_platform.transforms.marts.activity import build_mart_activity
from ecom_platform.transforms.marts.carts import CART_COLUMNS, build_mart_carts
from ecom_platform.transforms.marts.funnel import build_mart_funnel, count_funnel
from ecom_platform.transforms.marts.multiday import (
    begun_on_the_date,
    build_multiday_session_events,
    find_multiday_sessions,
    label_events,
)
from ecom_platform.transforms.marts.prices import build_mart_prices
from ecom_platform.transforms.marts.products import build_mart_products
from ecom_platform.transforms.marts.returning import build_mart_cohorts, build_mart_daily_users
from ecom_platform.transforms.marts.sales import build_mart_sales
from ecom_platform.transforms.marts.sessions import build_mart_sessions, count_session_lengths
from ecom_platform.transforms.marts.users import build_mart_users
from ecom_platform_tests.samples import DAY, Row
from ecom_platform_tests.transforms.lineage_probe import Probe, observe
from ecom_platform_tests.transforms.model.test_lineage import DAY_ROW, NEXT_ROW, VIEW

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_MULTIDAY = "multiday_session_events"
CART: Row = {**VIEW, "event_id": 8, "event_type": "cart"}
PURCHASE: Row = {**VIEW, "event_id": 9, "event_type": "purchase"}
STEPS = [VIEW, CART, PURCHASE]
SESSION: Row = {**DAY_ROW, "user_id": VIEW["user_id"]}
NEXT_DATE: Row = {**NEXT_ROW, "user_id": VIEW["user_id"]}
FUNNEL_ROW: Row = {
    "event_date": DAY,
    "traffic": "all",
    "unit": "session",
    "breakdown": "all",
    "breakdown_value": "all",
    **dict.fromkeys(FUNNEL_COUNTS, 3),
}
MULTIDAY = [{**row, "is_crawler_like": False, "session_start_date": DAY} for row in STEPS]


def mart_funnel(days: DataFrame, multiday: DataFrame) -> DataFrame:
    """The mart of a date on which sessions began that went on later."""
    begun = count_funnel(begun_on_the_date(multiday))
    return build_mart_funnel(days, count_funnel(multiday.limit(0)), begun)


PRODUCT: Row = {
    "event_date": DAY,
    "traffic": "all",
    "product_id": 2,
    "category_name": "a.b",
    "brand": "acme",
    "last_price_usd": Decimal("3.00"),
    **dict.fromkeys(PRODUCT_COUNTS, 1),
    "revenue_usd": Decimal("3.00"),
    **dict.fromkeys(("conversion_rate", "conversion_low", "conversion_high"), 1.0),
    "view_rank": 1,
    "has_enough_views": False,
    "least_converting_rank": 1,
}
OTHER_PRODUCT: Row = {**PRODUCT, "product_id": 9, "last_price_usd": Decimal("4.00")}
LENGTH: Row = {
    "event_date": DAY,
    "traffic": "all",
    "cut": "given",
    "breakdown": "all",
    "breakdown_value": "all",
    "duration_seconds": 60,
    **dict.fromkeys(SESSION_COUNTS, 3),
}
LATER: Row = {**VIEW, "event_id": 9, "event_time": VIEW["event_time"] + dt.timedelta(hours=1)}


def mart_sessions(days: DataFrame, multiday: DataFrame) -> DataFrame:
    """As mart_funnel below."""
    begun = count_session_lengths(begun_on_the_date(multiday))
    return build_mart_sessions(days, count_session_lengths(multiday.limit(0)), begun)


def mart_carts(fact: DataFrame, sessions: DataFrame, multiday: DataFrame) -> DataFrame:
    """The carts of sessions of one date, and of others that began on it."""
    events = label_events(fact, sessions).select(*CART_COLUMNS)
    rows = events.unionByName(begun_on_the_date(multiday).select(*CART_COLUMNS))
    # As the step does, for the engine's sake.
    return build_mart_carts(rows.sparkSession.createDataFrame(rows.collect(), rows.schema))


def as_before(rows: DataFrame) -> DataFrame:
    """The same rows in place of those of a week before."""
    return rows


PROBES = {
    "session_length_days": Probe(
        lambda fact, sessions: count_session_lengths(label_events(fact, sessions)),
        [{"fact_user_events": [VIEW, LATER], "session_days": [SESSION]}],
    ),
    "mart_sessions": Probe(
        mart_sessions, [{"session_length_days": [LENGTH], "multiday_session_events": MULTIDAY}]
    ),
    "mart_carts": Probe(
        mart_carts,
        [
            # One at a time: counts of people take no notice of which of two sessions crawls.
            {"fact_user_events": [CART], "session_days": [SESSION], _MULTIDAY: []},
            {"fact_user_events": [], "session_days": [], _MULTIDAY: MULTIDAY[1:2]},
        ],
    ),
    "mart_sales": Probe(
        lambda fact: build_mart_sales(fact, as_before(fact)),
        [{"fact_user_events": [PURCHASE, {**PURCHASE, "user_id": 5, "brand": "zoo"}]}],
    ),
    "mart_products": Probe(
        lambda fact, sessions, versions: build_mart_products(
            label_events(fact, sessions), versions
        ),
        [
            {
                "fact_user_events": STEPS,
                "session_days": [SESSION],
                "product_version_days": [{**VIEW, "valid_from": VIEW["event_time"]}],
            }
        ],
    ),
    "mart_prices": Probe(
        lambda products: build_mart_prices(products, as_before(products)),
        [{"mart_products": [PRODUCT, OTHER_PRODUCT]}],
    ),
    "mart_activity": Probe(
        lambda fact, sessions: build_mart_activity(
            label_events(fact, sessions), label_events(fact, sessions), has_week_before=True
        ),
        [{"fact_user_events": [VIEW], "session_days": [SESSION]}],
    ),
    **{
        name: Probe(
            lambda sessions, build=build: build(sessions, dt.date(2020, 4, 30)),
            [{"session_days": [DAY_ROW, NEXT_ROW]}],
        )
        for name, build in (
            ("mart_users", build_mart_users),
            ("mart_daily_users", build_mart_daily_users),
            ("mart_cohorts", build_mart_cohorts),
        )
    },
    "multiday_session_events": Probe(
        lambda fact, sessions: build_multiday_session_events(
            fact, find_multiday_sessions(sessions)
        ),
        [{"fact_user_events": [VIEW], "session_days": [SESSION, NEXT_DATE]}],
    ),
    "funnel_days": Probe(
        lambda fact, sessions: count_funnel(label_events(fact, sessions)),
        [{"fact_user_events": STEPS, "session_days": [SESSION]}],
    ),
    "mart_funnel": Probe(
        mart_funnel, [{"funnel_days": [FUNNEL_ROW], "multiday_session_events": MULTIDAY}]
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("table", PROBES)
def test_what_a_column_of_a_mart_depends_on_is_named_in_its_lineage(
    spark: SparkSession, table: str
) -> None:
    observed = observe(spark, PROBES[table])
    for column in TABLES[table]:
        assert observed[column.name] <= set(column.sources), column.name
