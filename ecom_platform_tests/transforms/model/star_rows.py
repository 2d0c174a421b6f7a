"""Sample facts, and the partials and dimensions that transforms make of them.

Belongs here: frames for the tests of the model's transforms. Not here: any expectation.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from ecom_platform.contracts.clean import CLEAN_EVENTS
from ecom_platform.contracts.model import FACT_USER_EVENTS
from ecom_platform.contracts.oltp import CURRENT_OLTP
from ecom_platform.transforms.model.partials import (
    build_product_buyer_days,
    build_product_days,
    build_session_days,
    build_user_taste_days,
)
from ecom_platform.transforms.model.products import build_dim_products
from ecom_platform.transforms.model.users import build_dim_users
from ecom_platform.transforms.model.versions import (
    build_dim_product_versions,
    build_product_version_days,
)
from ecom_platform_tests.samples import RAW_ROW, Row, collect, frame, utc

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

AS_OF = dt.date(2020, 4, 30)


def on(time: str, **difference: object) -> Row:
    """An event at a time of April 2020, written `01 10:00:00`, with a difference.

    The fact calls the category `category_name`, clean_events `category_code`: name the latter.
    """
    moment = utc(f"2020-04-{time}")
    if "price" in difference:
        difference["price"] = Decimal(str(difference["price"]))
    return {"event_time": moment, "event_date": moment.date(), **difference}


def clean(spark: SparkSession, *events: Row) -> DataFrame:
    """A frame of clean_events."""
    rows = [{**RAW_ROW, "event_id": n, **event} for n, event in enumerate(events)]
    names = CLEAN_EVENTS.column_names
    return frame(spark, CLEAN_EVENTS, [{name: row[name] for name in names} for row in rows])


def facts(spark: SparkSession, *events: Row) -> DataFrame:
    """A frame of fact_user_events."""
    rows: list[Row] = []
    for number, event in enumerate(events):
        row = {**RAW_ROW, "event_id": number, **event}
        row |= {"session_id": row["user_session"], "category_name": row["category_code"]}
        row |= {"device_type": "unknown", "source_channel": "unknown"}
        row |= {"day_of_week": 1, "hour_of_day": row["event_time"].hour}
        rows.append({name: row[name] for name in FACT_USER_EVENTS.column_names})
    return frame(spark, FACT_USER_EVENTS, rows)


def users(spark: SparkSession, *events: Row, in_shop: Sequence[Row] = ()) -> list[Row]:
    """The rows of dim_users that events and the shop's users give, by user."""
    fact = facts(spark, *events)
    known = frame(spark, CURRENT_OLTP["users"], in_shop)
    built = build_dim_users(build_session_days(fact), build_user_taste_days(fact), AS_OF, known)
    return sorted(collect(built), key=lambda row: row["user_id"])


def products(spark: SparkSession, *events: Row, in_shop: Sequence[Row] = ()) -> list[Row]:
    """The rows of dim_products that events and the shop's catalogue give, by product."""
    fact = facts(spark, *events)
    built = build_dim_products(
        build_product_days(fact),
        build_product_version_days(clean(spark, *events)),
        build_product_buyer_days(fact),
        AS_OF,
        frame(spark, CURRENT_OLTP["products"], in_shop),
    )
    return sorted(collect(built), key=lambda row: row["product_id"])


def version_days(spark: SparkSession, *events: Row) -> list[Row]:
    """The rows of product_version_days that events give, by product and time."""
    return _by_time(build_product_version_days(clean(spark, *events)))


def versions(spark: SparkSession, *events: Row) -> list[Row]:
    """The rows of dim_product_versions that events give, by product and time."""
    days = build_product_version_days(clean(spark, *events))
    return _by_time(build_dim_product_versions(days, AS_OF))


def _by_time(rows: DataFrame) -> list[Row]:
    return sorted(collect(rows), key=lambda row: (row["product_id"], row["valid_from"]))
