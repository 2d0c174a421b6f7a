"""The steps of the marts by date.

Belongs here: what each is built from and which counts must agree. Not here: row logic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecom_platform.contracts.marts import (
    FUNNEL_DAYS,
    MART_ACTIVITY,
    MART_CARTS,
    MART_FUNNEL,
    MART_PRICES,
    MART_PRODUCTS,
    MART_SALES,
    MART_SESSIONS,
    SESSION_LENGTH_DAYS,
)
from ecom_platform.contracts.model import FACT_USER_EVENTS, PRODUCT_VERSION_DAYS
from ecom_platform.pipeline.inputs import A_WEEK
from ecom_platform.pipeline.marts.mart import Mart, MartInputs
from ecom_platform.pipeline.marts.reconciled import (
    agree,
    carted_products,
    sessions_begun,
    sessions_seen,
    sum_where,
)
from ecom_platform.pipeline.model.partials import count
from ecom_platform.transforms.marts.activity import build_mart_activity
from ecom_platform.transforms.marts.carts import build_mart_carts
from ecom_platform.transforms.marts.funnel import build_mart_funnel, count_funnel
from ecom_platform.transforms.marts.prices import build_mart_prices
from ecom_platform.transforms.marts.products import build_mart_products
from ecom_platform.transforms.marts.sales import build_mart_sales
from ecom_platform.transforms.marts.sessions import build_mart_sessions, count_session_lengths

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from ecom_platform.transforms.keeping import Keep

_FACT = FACT_USER_EVENTS.name
_ALL = "traffic = 'all'"
_ALL_EVENTS = f"{_ALL} AND breakdown = 'all'"
_FUNNEL_SESSIONS = sum_where("unit_count", f"{_ALL_EVENTS} AND unit = 'session'")
_GIVEN_SESSIONS = sum_where("session_count", f"{_ALL_EVENTS} AND cut = 'given'")


def _funnel_days(inputs: MartInputs, keep: Keep) -> DataFrame:
    return count_funnel(inputs.events(), keep)


def _mart_funnel(inputs: MartInputs, keep: Keep) -> DataFrame:
    return build_mart_funnel(
        inputs.rows(FUNNEL_DAYS.name),
        count_funnel(keep(inputs.seen()), keep),
        count_funnel(keep(inputs.begun()), keep),
    )


def _session_length_days(inputs: MartInputs, keep: Keep) -> DataFrame:
    return count_session_lengths(inputs.events(), keep)


def _mart_sessions(inputs: MartInputs, keep: Keep) -> DataFrame:
    return build_mart_sessions(
        inputs.rows(SESSION_LENGTH_DAYS.name),
        count_session_lengths(inputs.seen()),
        count_session_lengths(keep(inputs.begun())),
    )


def _mart_carts(inputs: MartInputs, keep: Keep) -> DataFrame:
    # Held, because Sail 0.7.2 loses count of which columns of a union may be null.
    return build_mart_carts(keep(inputs.cart_events()))


def _mart_sales(inputs: MartInputs, _: Keep) -> DataFrame:
    return build_mart_sales(inputs.rows(_FACT), inputs.rows(_FACT, A_WEEK))


def _mart_products(inputs: MartInputs, _: Keep) -> DataFrame:
    return build_mart_products(inputs.events(), inputs.rows(PRODUCT_VERSION_DAYS.name))


def _mart_prices(inputs: MartInputs, _: Keep) -> DataFrame:
    name = MART_PRODUCTS.name
    return build_mart_prices(inputs.rows(name), inputs.rows(name, A_WEEK))


def _mart_activity(inputs: MartInputs, _: Keep) -> DataFrame:
    has_week_before = inputs.row_count(_FACT, A_WEEK) > 0
    return build_mart_activity(
        inputs.events(), inputs.events(A_WEEK), has_week_before=has_week_before
    )


def _purchases(inputs: MartInputs) -> int:
    return count(inputs.rows(_FACT), "COUNT(CASE WHEN event_type = 'purchase' THEN 1 END)")


def _views_and_purchases(inputs: MartInputs) -> int:
    counted = "COUNT(CASE WHEN event_type IN ('view', 'purchase') THEN 1 END)"
    return count(inputs.rows(_FACT), counted)


MART_STEPS = {
    mart.contract.name: mart
    for mart in (
        Mart(FUNNEL_DAYS, _funnel_days, agree("session_days", sessions_seen, _FUNNEL_SESSIONS)),
        Mart(
            SESSION_LENGTH_DAYS,
            _session_length_days,
            agree("session_days", sessions_seen, _GIVEN_SESSIONS),
        ),
        Mart(MART_FUNNEL, _mart_funnel, agree("sessions", sessions_begun, _FUNNEL_SESSIONS)),
        Mart(MART_SESSIONS, _mart_sessions, agree("sessions", sessions_begun, _GIVEN_SESSIONS)),
        Mart(
            MART_CARTS,
            _mart_carts,
            agree("carted products", carted_products, sum_where("carted_count", _ALL_EVENTS)),
        ),
        Mart(
            MART_SALES,
            _mart_sales,
            agree("purchases", _purchases, sum_where("unit_count", "breakdown = 'all'")),
        ),
        Mart(
            MART_PRODUCTS,
            _mart_products,
            agree(
                "views and purchases",
                _views_and_purchases,
                sum_where("view_count + unit_count", _ALL),
            ),
        ),
        Mart(
            MART_PRICES,
            _mart_prices,
            agree(
                "mart_products",
                lambda inputs: inputs.row_count(MART_PRODUCTS.name),
                sum_where("product_count", "breakdown = 'all'"),
            ),
        ),
        Mart(
            MART_ACTIVITY,
            _mart_activity,
            agree(_FACT, lambda inputs: inputs.row_count(_FACT), sum_where("event_count", _ALL)),
        ),
    )
}
