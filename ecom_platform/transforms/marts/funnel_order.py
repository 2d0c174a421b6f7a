"""The funnel of sessions that did more than view: from the times of their events.

Belongs here: which step came at or after which. Not here: sessions that only view, rates.
"""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ecom_platform.contracts.marts.columns import BREAKDOWNS
from ecom_platform.contracts.marts.funnel import FUNNEL_COUNTS, PRODUCT_SESSION, SESSION
from ecom_platform.transforms.marts.breakdowns import by_breakdown

FUNNEL_GROUP = ("unit", "code")
# What one product with one combination of values did in one session.
PIECE = ("session_code", "product_id", "values_code")
# Of a unit that is a whole session: products have numbers from 1.
_NO_PRODUCT = 0
_UNIT = ("session_code", "unit_product", "code")
_TIMES = ("first_view", "first_cart", "last_cart", "first_purchase", "last_purchase")


def find_times(narrow: DataFrame) -> DataFrame:
    """One row a piece of a session: when it did first and last what, and the session's values.

    Args:
        narrow: events with the columns of PIECE, `session_values_code`, which the values' code
            tells too, and `time` in microseconds.
    """
    at = {
        kind: F.when(F.col("event_type") == kind, F.col("time"))
        for kind in ("view", "cart", "purchase")
    }
    return narrow.groupBy(*PIECE).agg(
        F.min("session_values_code").alias("session_values_code"),
        F.min(at["view"]).alias("first_view"),
        F.min(at["cart"]).alias("first_cart"),
        F.max(at["cart"]).alias("last_cart"),
        F.min(at["purchase"]).alias("first_purchase"),
        F.max(at["purchase"]).alias("last_purchase"),
    )


def count_by_times(narrow: DataFrame, pieces: DataFrame, codes: DataFrame) -> DataFrame:
    """Count the units of sessions that did more than view, each from its times.

    Args:
        narrow: the events that the pieces are of, and others.
        pieces: the pieces of these sessions, as find_times gives them.
        codes: the codes of each combination of values.
    """
    marked = _mark_plain(pieces)
    between = F.broadcast(_carts_between(narrow, pieces, codes))
    of_units = (
        _times(marked, codes)
        .join(between, on=list(_UNIT), how="left")
        .withColumn(
            "unit", F.when(F.col("unit_product") == _NO_PRODUCT, SESSION).otherwise(PRODUCT_SESSION)
        )
        .groupBy(*FUNNEL_GROUP)
        .agg(*_sums())
    )
    # The units of plain products are their pieces: nothing to put together before counting.
    plain = marked.where("is_plain").withColumn("cart_between", F.lit(False))
    counted = plain.groupBy("values_code").agg(*_sums())
    coded = counted.join(F.broadcast(codes), on="values_code", how="inner")
    of_products = by_breakdown(coded, BREAKDOWNS, *FUNNEL_COUNTS)
    return of_units.unionByName(of_products.withColumn("unit", F.lit(PRODUCT_SESSION)))


def _mark_plain(pieces: DataFrame) -> DataFrame:
    """Pieces with `is_plain`: the product has no other in its session, and its times tell all."""
    product = ["session_code", "product_id"]
    several = pieces.groupBy(*product).agg(F.count(F.lit(1)).alias("copies")).where("copies > 1")
    several = several.select(*product, F.lit(True).alias("has_several"))
    does_not_tell = F.coalesce(_first_and_last_cart_do_not_tell(), F.lit(False))
    is_plain = ~(F.coalesce("has_several", F.lit(False)) | does_not_tell)
    marked = pieces.join(F.broadcast(several), on=product, how="left")
    return marked.withColumn("is_plain", is_plain)


def _sums() -> list[Column]:
    return [F.sum(_one_if(holds)).alias(name) for name, holds in _reached().items()]


def _times(marked: DataFrame, codes: DataFrame) -> DataFrame:
    """One row a unit and breakdown value: when it did first and last what."""
    return (
        _by_unit(marked, codes, *_TIMES)
        .groupBy(*_UNIT)
        .agg(
            *(F.min(name).alias(name) for name in _TIMES if name.startswith("first")),
            *(F.max(name).alias(name) for name in _TIMES if name.startswith("last")),
        )
    )


def _carts_between(narrow: DataFrame, pieces: DataFrame, codes: DataFrame) -> DataFrame:
    """The units whose first and last cart do not tell, but one of those between them does.

    Only in a session that has a cart before a purchase and one after a purchase can there be such
    a unit: these few are looked at cart by cart.
    """
    sessions = F.broadcast(
        pieces.groupBy("session_code")
        .agg(
            F.min("first_cart").alias("first_cart"),
            F.max("last_cart").alias("last_cart"),
            F.min("first_purchase").alias("first_purchase"),
            F.max("last_purchase").alias("last_purchase"),
        )
        .where("first_cart < last_purchase AND last_cart > first_purchase")
        .select("session_code")
    )
    of_sessions = pieces.join(sessions, on="session_code", how="left_semi")
    of_sessions = of_sessions.withColumn("is_plain", F.lit(False))
    undecided = _times(of_sessions, codes).where(_first_and_last_cart_do_not_tell())
    carts = narrow.where(F.col("event_type") == "cart")
    carts = carts.join(sessions, on="session_code", how="left_semi")
    carts = carts.withColumn("is_plain", F.lit(False))
    return (
        _by_unit(carts, codes, "time")
        .join(undecided.select(*_UNIT, "first_view", "last_purchase"), on=list(_UNIT), how="inner")
        .where("time BETWEEN first_view AND last_purchase")
        .select(*_UNIT)
        .distinct()
        .withColumn("cart_between", F.lit(True))
    )


def _by_unit(rows: DataFrame, codes: DataFrame, *kept: str) -> DataFrame:
    """Each row for every breakdown of both units; a session has no product of its own.

    Rows with `is_plain` are given as parts of their session alone.
    """
    coded = rows.join(F.broadcast(codes), on="values_code", how="inner")
    session = F.lit(_NO_PRODUCT).cast("long")
    both = F.array(session, F.col("product_id"))
    units = F.when(F.col("is_plain"), F.array(session)).otherwise(both)
    of_units = coded.withColumn("unit_product", F.explode(units))
    return by_breakdown(of_units, BREAKDOWNS, "session_code", "unit_product", *kept).select(
        *_UNIT, *kept
    )


def _first_and_last_cart_do_not_tell() -> Column:
    """The first cart is before all views and the last after all purchases: one may be between."""
    return (
        (F.col("first_cart") < F.col("first_view"))
        & (F.col("last_cart") > F.col("last_purchase"))
        & (F.col("first_view") <= F.col("last_purchase"))
    )


def _reached() -> dict[str, Column]:
    """For each count the condition that a unit is counted; null is no."""
    viewed, carted, purchased = (
        F.col(name).isNotNull() for name in ("first_view", "first_cart", "first_purchase")
    )
    cart_in_order = F.col("last_cart") >= F.col("first_view")
    by_first = (F.col("first_cart") >= F.col("first_view")) & (
        F.col("first_cart") <= F.col("last_purchase")
    )
    by_last = (F.col("last_cart") >= F.col("first_view")) & (
        F.col("last_cart") <= F.col("last_purchase")
    )
    conditions = (
        F.lit(True),
        viewed,
        carted,
        purchased,
        viewed & carted,
        viewed & carted & purchased,
        cart_in_order,
        by_first | by_last | F.col("cart_between"),
    )
    return dict(zip(FUNNEL_COUNTS, conditions, strict=True))


def _one_if(condition: Column) -> Column:
    return F.when(condition, 1).otherwise(0).cast("long")
