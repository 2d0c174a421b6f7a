"""From the events of a date to the partials that dimensions add up.

Belongs here: counts by session, taste, product and buyer. Not here: versions, dimensions.
"""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ecom_platform.contracts.clean import EVENT_TYPES
from ecom_platform.contracts.model import (
    PRODUCT_BUYER_DAYS,
    PRODUCT_DAYS,
    SESSION_DAYS,
    USER_TASTE_DAYS,
)
from ecom_platform.contracts.model.partials import DIGESTED_COLUMNS
from ecom_platform.contracts.model.traffic import IS_CRAWLER_LIKE
from ecom_platform.transforms.hashing import computed_zero

PURCHASE = "purchase"


def build_session_days(fact_user_events: DataFrame) -> DataFrame:
    """Build session_days: one row a session and date, with its times, counts and revenue.

    An event stands in its date once, so that the exclusive or of digests loses none.
    """
    spent = F.when(F.col("event_type") == PURCHASE, F.col("price"))
    event_id, *others = DIGESTED_COLUMNS
    digest = F.xxhash64(F.col(event_id) + computed_zero(), *others)
    return (
        fact_user_events.withColumn("digest", digest)
        .groupBy("event_date", "user_id", "session_id")
        .agg(
            *_times(),
            *_counts_by_type(),
            F.sum(spent).alias("spent_usd"),
            F.bit_xor("digest").alias("content_digest"),
        )
        .withColumn("revenue_usd", revenue("spent_usd"))
        .withColumn("is_crawler_like", F.expr(IS_CRAWLER_LIKE))
        .select(SESSION_DAYS.column_names)
    )


def build_user_taste_days(fact_user_events: DataFrame) -> DataFrame:
    """Build user_taste_days: one row a user, category, brand and date, with its events."""
    return (
        fact_user_events.groupBy("event_date", "user_id", "category_name", "brand")
        .agg(F.count(F.lit(1)).alias("event_count"))
        .select(USER_TASTE_DAYS.column_names)
    )


def build_product_days(fact_user_events: DataFrame) -> DataFrame:
    """Build product_days: one row a product and date, with its times, counts and prices."""
    prices = (F.min("price").alias("lowest_price"), F.max("price").alias("highest_price"))
    return (
        fact_user_events.groupBy("event_date", "product_id")
        .agg(*_times(), *_counts_by_type(), *prices)
        .select(PRODUCT_DAYS.column_names)
    )


def build_product_buyer_days(fact_user_events: DataFrame) -> DataFrame:
    """Build product_buyer_days: one row a product, buyer and date, with the purchases."""
    return (
        fact_user_events.where(F.col("event_type") == PURCHASE)
        .groupBy("event_date", "product_id", "user_id")
        .agg(F.count(F.lit(1)).alias("purchase_count"))
        .select(PRODUCT_BUYER_DAYS.column_names)
    )


def revenue(total: str) -> Column:
    """A sum of prices in the type that contracts give revenue; without purchases it is 0.

    Sums of decimals are exact, so that their order never shows.
    """
    return F.coalesce(F.col(total), F.lit(0)).cast("decimal(18,2)")


def _times() -> tuple[Column, ...]:
    return (
        F.min("event_time").alias("first_event_at"),
        F.max("event_time").alias("last_event_at"),
    )


def _counts_by_type() -> list[Column]:
    return [
        F.count(F.when(F.col("event_type") == event_type, 1)).alias(f"{event_type}_count")
        for event_type in EVENT_TYPES
    ]
