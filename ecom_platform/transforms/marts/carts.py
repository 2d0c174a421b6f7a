"""From events to mart_carts: products in carts, and what became of them.

Belongs here: the rows of mart_carts. Not here: columns' meanings, which events.
"""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.window import Window

from ecom_platform.contracts.marts.carts import DIVIDED_BY, FATES, HOUR, KEY, MART_CARTS
from ecom_platform.transforms.marts.breakdowns import divide, with_and_without_crawlers
from ecom_platform.transforms.marts.shares import share

CART_EVENTS = ("cart", "remove_from_cart", "purchase")
CART_COLUMNS = (
    "event_date",
    "is_crawler_like",
    "user_id",
    "session_id",
    "product_id",
    "event_type",
    "event_time",
    "price",
    "category_name",
)
_SESSION = ("event_date", "is_crawler_like", "user_id", "session_id")
_COUNTS = ("carted_count", *FATES.values())
_MONEY = ("carted_usd", "abandoned_usd")
_SESSION_COUNTS = ("session_count", "abandoned_session_count")


def build_mart_carts(events: DataFrame) -> DataFrame:
    """Build mart_carts.

    Args:
        events: all events of CART_EVENTS of the sessions that began on a date, as of that date,
            with `is_crawler_like`.
    """
    abandoned = F.col("fate") == "abandoned"
    units = _carted_products(events).withColumns(
        {
            "carted_count": F.lit(1),
            **{
                column: F.when(F.col("fate") == fate, 1).otherwise(0)
                for fate, column in FATES.items()
            },
            "carted_usd": F.col("price"),
            "abandoned_usd": F.when(abandoned, F.col("price")).otherwise(F.lit(0)),
        }
    )
    sums = (*_COUNTS, *_MONEY)
    by_session = (
        divide(units, DIVIDED_BY, *_SESSION, *sums)
        .groupBy(*_SESSION, "breakdown", "breakdown_value")
        .agg(*(F.sum(name).alias(name) for name in sums))
    )
    gave_up = (F.col("abandoned_count") > 0) & (F.col("purchased_count") == 0)
    counted = by_session.withColumns(
        {"session_count": F.lit(1), "abandoned_session_count": F.when(gave_up, 1).otherwise(0)}
    )
    measures = (*sums, *_SESSION_COUNTS)
    keys = [name for name in KEY if name != "traffic"]
    return (
        with_and_without_crawlers(counted, keys, measures)
        .withColumns({name: F.col(name).cast("decimal(18,2)") for name in _MONEY})
        .withColumn("abandonment_rate", share("abandoned_count", "carted_count"))
        .withColumn("session_abandonment_rate", share("abandoned_session_count", "session_count"))
        .select(MART_CARTS.column_names)
    )


def _carted_products(events: DataFrame) -> DataFrame:
    """One row a product that a session put into its cart: price, category, hour and fate."""
    unit = (*_SESSION, "product_id")
    is_a = {kind: F.col("event_type") == kind for kind in CART_EVENTS}
    # Of several put in last at once the dearest, so that no order of rows decides.
    last_first = Window.partitionBy(*unit).orderBy(
        F.desc("event_time"), F.desc("price"), F.desc("category_name")
    )
    put_in = (
        events.where(is_a["cart"])
        .withColumn("place", F.row_number().over(last_first))
        .where("place = 1")
        .select(*unit, F.col("event_time").alias("put_in_at"), "price", "category_name")
    )
    fate = (
        F.when(F.col("purchased"), F.lit("purchased"))
        .when(F.col("taken_out_at") >= F.col("put_in_at"), F.lit("removed"))
        .otherwise(F.lit("abandoned"))
    )
    return (
        events.groupBy(*unit)
        .agg(
            F.min(F.when(is_a["cart"], F.col("event_time"))).alias("first_put_in_at"),
            F.max(F.when(is_a["remove_from_cart"], F.col("event_time"))).alias("taken_out_at"),
            F.bool_or(is_a["purchase"]).alias("purchased"),
        )
        .join(put_in, on=list(unit), how="inner")
        .select(
            *_SESSION,
            "price",
            "category_name",
            F.hour("first_put_in_at").alias(HOUR),
            fate.alias("fate"),
        )
    )
