"""From mart_products to mart_prices: what products cost, by category and brand.

Belongs here: the rows of mart_prices. Not here: columns' meanings, which price a product has.
"""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ecom_platform.contracts.marts.prices import DIVIDED_BY, KEY, MART_PRICES, PERCENTILES
from ecom_platform.transforms.marts.breakdowns import divide
from ecom_platform.transforms.marts.shares import growth, nearest_rank, share

_VALUE = ("traffic", "breakdown", "breakdown_value")


def build_mart_prices(mart_products: DataFrame, a_week_before: DataFrame) -> DataFrame:
    """Build mart_prices of a date.

    Args:
        mart_products: the products of the date.
        a_week_before: those of seven days before.
    """
    before = a_week_before.select("traffic", "product_id", F.col("last_price_usd").alias("before"))
    matched = F.when(F.col("before").isNotNull(), F.col("last_price_usd"))
    columns = ("event_date", "traffic", "last_price_usd", "usual", "before", "matched")
    divided = divide(
        _with_usual_price(mart_products)
        .join(before, on=["traffic", "product_id"], how="left")
        .withColumn("matched", matched),
        DIVIDED_BY,
        *columns,
    )
    sums = divided.groupBy(*KEY).agg(
        F.count(F.lit(1)).alias("product_count"),
        F.sum("last_price_usd").alias("sum"),
        _sorted_prices(),
        F.sum("usual").alias("usual"),
        F.count("before").alias("matched_product_count"),
        F.sum("before").alias("before"),
        F.sum("matched").alias("matched"),
    )
    previous = (
        divide(a_week_before, DIVIDED_BY, "traffic", "last_price_usd")
        .groupBy(*_VALUE)
        .agg(_sorted_prices())
        .select(*_VALUE, nearest_rank("prices", 0.5).alias("previous_week_median_usd"))
    )
    return (
        sums.withColumns({name: nearest_rank("prices", part) for name, part in PERCENTILES.items()})
        .withColumn("lowest_usd", F.element_at("prices", 1))
        .withColumn("highest_usd", F.element_at("prices", -1))
        .drop("prices")
        .join(previous, on=list(_VALUE), how="left")
        .withColumn("mean_usd", share("sum", "product_count"))
        .withColumn("spread_usd", (F.col("p75_usd") - F.col("p25_usd")).cast("decimal(12,2)"))
        .withColumn("price_index", share("sum", "usual") * F.lit(100.0))
        .withColumn("price_change", growth("matched", "before"))
        .select(MART_PRICES.column_names)
    )


def _sorted_prices() -> Column:
    return F.sort_array(F.collect_list("last_price_usd")).alias("prices")


def _with_usual_price(products: DataFrame) -> DataFrame:
    """Products with `usual`, the mean price of their category, to eight places.

    Rounded decimals add up to the same in any order; doubles do not. Both are given more places
    than are kept, because engines do not agree on those of a quotient.
    """
    category = ["traffic", "category_name"]
    total = F.sum("last_price_usd").cast("decimal(26,10)")
    products_of_it = F.count(F.lit(1)).cast("decimal(10,0)")
    mean = F.round(total / products_of_it, 8).cast("decimal(24,8)")
    means = products.groupBy(*category).agg(mean.alias("usual"))
    return products.join(F.broadcast(means), on=category, how="inner")
