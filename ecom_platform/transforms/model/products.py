"""From partials to dim_products.

Belongs here: what a product is now, and adding up what happened to it. Not here: its versions.
"""

from __future__ import annotations

import datetime as dt

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ecom_platform.contracts.model import DIM_PRODUCTS
from ecom_platform.contracts.model.counts import EVENT_COUNT_COLUMNS
from ecom_platform.contracts.model.products import CATEGORY_LEVELS
from ecom_platform.transforms.model.versions import current_versions


def build_dim_products(
    product_days: DataFrame,
    product_version_days: DataFrame,
    product_buyer_days: DataFrame,
    as_of_date: dt.date,
    products: DataFrame,
) -> DataFrame:
    """Build dim_products: one row a product, over all dates up to the as-of date.

    Args:
        product_days: all dates up to the as-of date.
        product_version_days: the same dates.
        product_buyer_days: the same dates.
        as_of_date: the last of them.
        products: the shop's table, as it is now.
    """
    catalogue = products.select(
        "product_id", "name", F.col("price").alias("catalogue_price"), "stock"
    )
    totals = product_days.groupBy("product_id").agg(
        F.min("first_event_at").alias("first_seen_at"),
        F.max("last_event_at").alias("last_seen_at"),
        F.min("lowest_price").alias("lowest_price"),
        F.max("highest_price").alias("highest_price"),
        *(F.sum(name).alias(name) for name in EVENT_COUNT_COLUMNS),
    )
    pairs = product_buyer_days.select("product_id", "user_id").distinct()
    buyers = pairs.groupBy("product_id").agg(F.count(F.lit(1)).alias("buyers"))
    conversion = F.when(
        F.col("view_count") > 0,
        F.col("purchase_count").cast("double") / F.col("view_count").cast("double"),
    )
    return (
        totals.join(current_versions(product_version_days), on="product_id", how="left")
        .join(buyers, on="product_id", how="left")
        .join(catalogue, on="product_id", how="left")
        .withColumns(
            {
                **_category_levels(),
                "buyer_count": F.coalesce(F.col("buyers"), F.lit(0).cast("long")),
                "conversion_rate": conversion,
                "as_of_date": F.lit(as_of_date),
            }
        )
        .select(DIM_PRODUCTS.column_names)
    )


def _category_levels() -> dict[str, Column]:
    """The parts of the path. Where it ends before a level the array has no such element."""
    parts = F.split(F.col("category_code"), r"\.")
    return {
        f"category_level_{level}": F.get(parts, F.lit(level - 1))
        for level in range(1, CATEGORY_LEVELS + 1)
    }
