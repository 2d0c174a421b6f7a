"""From events to mart_products: sessions by what they did with a product, and its conversion.

Belongs here: the rows of mart_products. Not here: columns' meanings, which sessions crawl.
"""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.window import Window

from ecom_platform.contracts.marts.products import COUNTS, LEAST_VIEWS, MART_PRODUCTS, WILSON_Z
from ecom_platform.transforms.hashing import hashable
from ecom_platform.transforms.marts.breakdowns import session_code, with_and_without_crawlers
from ecom_platform.transforms.marts.shares import share
from ecom_platform.transforms.model.partials import PURCHASE, revenue
from ecom_platform.transforms.model.versions import current_versions

_PRODUCT = ("event_date", "is_crawler_like", "product_id")


def build_mart_products(events: DataFrame, product_version_days: DataFrame) -> DataFrame:
    """Build mart_products of a date.

    Args:
        events: the date's events with `is_crawler_like`.
        product_version_days: what products showed on the date, in order.
    """
    did = {kind: F.col(f"{kind}_events") > 0 for kind in ("view", "cart", PURCHASE)}
    counts = (
        _by_session(events)
        .groupBy(*_PRODUCT)
        .agg(
            *(_count(did[kind]).alias(f"{kind}_session_count") for kind in did),
            _count(did["view"] & did[PURCHASE]).alias("converted_session_count"),
            F.sum("view_events").alias("view_count"),
            F.sum(f"{PURCHASE}_events").alias("unit_count"),
            F.sum("spent_usd").alias("spent_usd"),
        )
    )
    summed = with_and_without_crawlers(counts, ["event_date", "product_id"], [*COUNTS, "spent_usd"])
    of_kind = Window.partitionBy("event_date", "traffic")
    by_views = of_kind.orderBy(F.desc("view_session_count"), "product_id")
    least_first = of_kind.orderBy(
        F.desc("has_enough_views"), "conversion_high", F.desc("view_session_count"), "product_id"
    )
    place = F.row_number().over(least_first).cast("long")
    return (
        summed.join(_last_versions(product_version_days), on="product_id", how="inner")
        .withColumn("revenue_usd", revenue("spent_usd"))
        .withColumn("conversion_rate", share("converted_session_count", "view_session_count"))
        .withColumns(_wilson("conversion_rate", "view_session_count"))
        .withColumn("has_enough_views", F.col("view_session_count") >= LEAST_VIEWS)
        .withColumn("view_rank", F.row_number().over(by_views).cast("long"))
        .withColumn("least_converting_rank", F.when(F.col("has_enough_views"), place))
        .select(MART_PRODUCTS.column_names)
    )


def _by_session(events: DataFrame) -> DataFrame:
    """How often each session viewed, carted and purchased each product."""
    kinds = ("view", "cart", PURCHASE)
    narrow = hashable(events).select(*_PRODUCT, "user_id", session_code(), "event_type", "price")
    return narrow.groupBy(*_PRODUCT, "user_id", "session_code").agg(
        *(_count(F.col("event_type") == kind).alias(f"{kind}_events") for kind in kinds),
        F.sum(F.when(F.col("event_type") == PURCHASE, F.col("price"))).alias("spent_usd"),
    )


def _last_versions(product_version_days: DataFrame) -> DataFrame:
    """What each product showed last."""
    return current_versions(product_version_days).select(
        "product_id",
        F.col("category_code").alias("category_name"),
        "brand",
        F.col("price").alias("last_price_usd"),
    )


def _wilson(rate: str, trials: str) -> dict[str, Column]:
    """The ends of the interval in which the rate behind an observed one lies.

    By E. B. Wilson, 1927: unlike the usual interval it is of use with few trials and rates near 0.
    """
    n, p = F.col(trials).cast("double"), F.col(rate)
    z2 = F.lit(WILSON_Z**2)
    centre = p + z2 / (n * 2)
    half = F.lit(WILSON_Z) * F.sqrt((p * (F.lit(1.0) - p) + z2 / (n * 4)) / n)
    scale = F.lit(1.0) + z2 / n
    # Rounding must not put an end on the wrong side of the rate, or beyond what a share can be.
    return {
        "conversion_low": F.greatest(F.lit(0.0), F.least(p, (centre - half) / scale)),
        "conversion_high": F.least(F.lit(1.0), F.greatest(p, (centre + half) / scale)),
    }


def _count(condition: Column) -> Column:
    return F.count(F.when(condition, 1))
