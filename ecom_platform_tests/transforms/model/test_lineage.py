"""The lineage of facts, partials and dimensions is true, as that of the other tables is.

How it is found out is in lineage_probe.py.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from pyspark.sql import functions as F

from ecom_platform.contracts import TABLES
from ecom_platform.contracts.clean import EVENT_TYPES
from ecom_platform.transforms.model.fact import build_fact_user_events
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
from ecom_platform_tests.samples import DAY, RAW_ROW, Row, utc
from ecom_platform_tests.transforms.lineage_probe import Probe, observe

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

NEXT_DAY = DAY + dt.timedelta(days=1)
AS_OF = dt.date(2020, 4, 30)

VIEW: Row = {
    **RAW_ROW,
    "event_id": 7,
    "session_id": "s",
    "category_name": "electronics.smartphone",
    "device_type": "unknown",
    "source_channel": "unknown",
    "day_of_week": 3,
    "hour_of_day": 12,
}
PURCHASE: Row = {**VIEW, "event_type": "purchase"}
COUNTS = {f"{event_type}_count": 1 for event_type in EVENT_TYPES}
DAY_ROW: Row = {
    "is_crawler_like": False,
    "content_digest": 1,
    "event_date": DAY,
    "user_id": 1,
    "product_id": 2,
    "session_id": "s",
    "first_event_at": utc("2020-04-01 10:00"),
    "last_event_at": utc("2020-04-01 11:00"),
    **COUNTS,
    "revenue_usd": Decimal("3.00"),
    "category_name": "a",
    "category_id": 5,
    "category_code": "a.b.c.d",
    "brand": "a",
    "event_count": 2,
    "lowest_price": Decimal("3.00"),
    "highest_price": Decimal("4.00"),
    "price": Decimal("3.00"),
    "valid_from": utc("2020-04-01 10:00"),
}
NEXT_ROW: Row = {
    **DAY_ROW,
    "event_date": NEXT_DAY,
    "first_event_at": utc("2020-04-02 10:00"),
    "last_event_at": utc("2020-04-02 11:00"),
    "valid_from": utc("2020-04-02 10:00"),
    "price": Decimal("4.00"),
}
IN_THE_SHOP: Row = {
    **DAY_ROW,
    "name": "n",
    "email": "e",
    "created_at": utc("2020-04-01 09:00"),
    "brand_id": 1,
    "stock": 3,
}
OTHER_TASTE: Row = {**DAY_ROW, "category_name": "b", "brand": "b"}


def of_fact(*rows: Row) -> list[Mapping[str, list[Row]]]:
    """One experiment a row."""
    return [{"fact_user_events": [row]} for row in rows]


def a_hundred_and_one_times(rows: DataFrame) -> DataFrame:
    return rows.withColumn("copy", F.explode(F.sequence(F.lit(1), F.lit(101)))).drop("copy")


PROBES = {
    "fact_user_events": Probe(build_fact_user_events, [{"clean_events": [VIEW]}]),
    "session_days": Probe(
        # So many, and at once, that they are a crawler's; an odd number of copies has a digest.
        lambda fact: build_session_days(a_hundred_and_one_times(fact)),
        [*of_fact(VIEW, PURCHASE), {"fact_user_events": [VIEW, VIEW]}],
    ),
    "user_taste_days": Probe(build_user_taste_days, of_fact(VIEW)),
    "product_days": Probe(build_product_days, of_fact(VIEW, PURCHASE)),
    "product_buyer_days": Probe(
        build_product_buyer_days, of_fact(PURCHASE), told_by="purchase_count"
    ),
    "product_version_days": Probe(build_product_version_days, [{"clean_events": [VIEW]}]),
    "dim_users": Probe(
        lambda sessions, tastes, users: build_dim_users(sessions, tastes, AS_OF, users),
        [
            {
                "session_days": [DAY_ROW, NEXT_ROW],
                "user_taste_days": [DAY_ROW, OTHER_TASTE],
                "oltp_users": [IN_THE_SHOP],
            }
        ],
        key="user_id",
    ),
    "dim_products": Probe(
        lambda days, versions, buyers, products: build_dim_products(
            days, versions, buyers, AS_OF, products
        ),
        [
            {
                "product_days": [DAY_ROW],
                "product_version_days": [DAY_ROW],
                "product_buyer_days": [DAY_ROW, NEXT_ROW],
                "oltp_products": [IN_THE_SHOP],
            }
        ],
        key="product_id",
    ),
    "dim_product_versions": Probe(
        lambda versions: build_dim_product_versions(versions, AS_OF),
        [{"product_version_days": [DAY_ROW, NEXT_ROW]}],
        key="product_id",
    ),
}


@pytest.mark.parametrize("table", PROBES)
def test_exactly_the_columns_that_lineage_names_depend_on_a_source_column(
    spark: SparkSession, table: str
) -> None:
    observed = observe(spark, PROBES[table])
    for column in TABLES[table]:
        assert observed[column.name] == set(column.sources), column.name
