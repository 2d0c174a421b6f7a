"""Relations: what should hold between events of a date, counted.

Belongs here: counting how often an expectation is not met. Not here: how often is too often.
"""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ecom_platform.contracts.clean import UNKNOWN
from ecom_platform.transforms.hashing import computed_zero


def count_unknown_by_category(clean_events: DataFrame) -> DataFrame:
    """Count events without brand or category code, by category.

    Returns:
        `category_id`, `row_count`, `unknown_brand`, `unknown_category_code`.
    """
    return clean_events.groupBy("category_id").agg(
        F.count(F.lit(1)).alias("row_count"),
        _count_if(F.col("brand") == UNKNOWN).alias("unknown_brand"),
        _count_if(F.col("category_code") == UNKNOWN).alias("unknown_category_code"),
    )


def count_shared_sessions(fact_user_events: DataFrame) -> DataFrame:
    """Count session ids that more than one user has: `session_count`, `shared_count`.

    Hashes stand for the ids: integers are grouped in half the time. Of half a million sessions of
    a date two have the same hash once in a hundred million dates.
    """
    session_hash = F.xxhash64("session_id", computed_zero()).alias("session_hash")
    sessions = (
        fact_user_events.select(session_hash, "user_id")
        .groupBy("session_hash")
        .agg(F.min("user_id").alias("first_user"), F.max("user_id").alias("last_user"))
    )
    return sessions.agg(
        F.count(F.lit(1)).alias("session_count"),
        _count_if(F.col("first_user") < F.col("last_user")).alias("shared_count"),
    )


def count_steps_out_of_order(fact_user_events: DataFrame) -> DataFrame:
    """Count products that reached a step of the funnel in a session without the step before.

    Unit: one product in one session (user_id, session_id) of the date.

    Returns:
        One row: `carted`, `carted_without_view`, `purchased`, `purchased_without_cart`. A step
        counts as taken before when its first time is that of the later step or earlier: of two
        events in one second, as the source tells time, nobody knows which came first.
    """
    is_step = F.col("event_type").isin("view", "cart", "purchase")
    is_later_step = F.col("event_type").isin("cart", "purchase")
    # Most products are only looked at. Who has put which into a cart or bought it, in whichever
    # session, are few pairs of integers; only their events are grouped by session.
    pairs = fact_user_events.where(is_later_step).select("user_id", "product_id").distinct()
    steps = (
        fact_user_events.where(is_step)
        .join(pairs, on=["user_id", "product_id"], how="left_semi")
        .groupBy("user_id", "session_id", "product_id")
        .agg(
            _first("view").alias("first_view"),
            _first("cart").alias("first_cart"),
            _first("purchase").alias("first_purchase"),
        )
    )
    carted, purchased = F.col("first_cart").isNotNull(), F.col("first_purchase").isNotNull()
    viewed_before = F.coalesce(F.col("first_view") <= F.col("first_cart"), F.lit(False))
    carted_before = F.coalesce(F.col("first_cart") <= F.col("first_purchase"), F.lit(False))
    return steps.agg(
        _count_if(carted).alias("carted"),
        _count_if(carted & ~viewed_before).alias("carted_without_view"),
        _count_if(purchased).alias("purchased"),
        _count_if(purchased & ~carted_before).alias("purchased_without_cart"),
    )


def count_orphans(fact_user_events: DataFrame, dimension: DataFrame, key: str) -> DataFrame:
    """Count the different keys of events, and those that a dimension lacks, by date.

    Args:
        fact_user_events: events of any dates.
        dimension: one row a key.
        key: the column that both have.

    Returns:
        One row a date that has events: `event_date`, `key_count`, `orphan_count`.
    """
    keys = fact_user_events.groupBy("event_date", key).agg(F.count(F.lit(1)).alias("events"))
    known = dimension.select(key, F.lit(1).alias("known"))
    return (
        keys.join(known, on=key, how="left")
        .groupBy("event_date")
        .agg(
            F.count(F.lit(1)).alias("key_count"),
            _count_if(F.col("known").isNull()).alias("orphan_count"),
        )
    )


def _first(event_type: str) -> Column:
    return F.min(F.when(F.col("event_type") == event_type, F.col("event_time")))


def _count_if(condition: Column) -> Column:
    return F.coalesce(F.sum(F.when(condition, 1).otherwise(0)), F.lit(0))
