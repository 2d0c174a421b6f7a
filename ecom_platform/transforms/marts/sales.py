"""From purchases to mart_sales: revenue, orders, buyers, and places by revenue.

Belongs here: the rows of mart_sales. Not here: columns' meanings.
"""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.window import Window

from ecom_platform.contracts.marts.columns import BREAKDOWNS
from ecom_platform.contracts.marts.sales import MART_SALES
from ecom_platform.transforms.marts.breakdowns import divide
from ecom_platform.transforms.marts.shares import growth, share
from ecom_platform.transforms.model.partials import PURCHASE

_VALUE = ("breakdown", "breakdown_value")


def build_mart_sales(fact_user_events: DataFrame, a_week_before: DataFrame) -> DataFrame:
    """Build mart_sales of a date.

    Args:
        fact_user_events: the events of the date.
        a_week_before: those of seven days before.
    """
    before = _sales(a_week_before).select(
        *_VALUE,
        F.col("revenue_usd").alias("previous_week_revenue_usd"),
        F.col("revenue_rank").alias("previous_week_rank"),
    )
    return (
        _sales(fact_user_events)
        .join(before, on=list(_VALUE), how="left")
        .withColumn("average_order_value_usd", share("revenue_usd", "order_count"))
        .withColumn("revenue_change", growth("revenue_usd", "previous_week_revenue_usd"))
        .withColumn("rank_change", F.col("previous_week_rank") - F.col("revenue_rank"))
        .select(MART_SALES.column_names)
    )


def _sales(events: DataFrame) -> DataFrame:
    """The sums of a date by breakdown value, with places.

    Orders are grouped before buyers, and buyers before values, so that each is counted once.
    """
    purchases = divide(
        events.where(F.col("event_type") == PURCHASE),
        BREAKDOWNS,
        "event_date",
        "user_id",
        "session_id",
        "price",
    )
    value = ("event_date", *_VALUE)
    orders = purchases.groupBy(*value, "user_id", "session_id").agg(
        F.count(F.lit(1)).alias("unit_count"), F.sum("price").alias("spent_usd")
    )
    buyers = orders.groupBy(*value, "user_id").agg(
        F.count(F.lit(1)).alias("order_count"),
        F.sum("unit_count").alias("unit_count"),
        F.sum("spent_usd").alias("spent_usd"),
    )
    by_revenue = Window.partitionBy("breakdown").orderBy(F.desc("revenue_usd"), "breakdown_value")
    return (
        buyers.groupBy(*value)
        .agg(
            F.count(F.lit(1)).alias("buyer_count"),
            F.sum("order_count").alias("order_count"),
            F.sum("unit_count").alias("unit_count"),
            F.sum("spent_usd").cast("decimal(18,2)").alias("revenue_usd"),
        )
        .withColumn("revenue_rank", F.row_number().over(by_revenue).cast("long"))
    )
