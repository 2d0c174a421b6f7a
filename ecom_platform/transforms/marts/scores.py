"""Scores of buyers by recency, frequency and monetary value: a fifth of the buyers each.

Belongs here: where the fifths end, and who is in which. Not here: what buyers are scored by.
"""

from __future__ import annotations

import datetime as dt
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ecom_platform.contracts.marts.users import SCORES
from ecom_platform.transforms.marts.shares import percentiles
from ecom_platform.transforms.model.partials import revenue

_SCORED = {
    "purchase_recency_days": "recency_score",
    "order_count": "frequency_score",
    "revenue_usd": "monetary_score",
}
_BOUNDS = {f"bound_{n}": n / SCORES for n in range(1, SCORES)}


def purchase_recency(as_of_date: dt.date) -> Column:
    """Days from the last purchase to the as-of date; null without one."""
    return F.datediff(F.lit(as_of_date), "last_purchase_date").cast("int")


def with_scores(users: DataFrame, orders: DataFrame, as_of_date: dt.date) -> DataFrame:
    """Users with the fifth of the buyers in which they are, by three measures.

    Args:
        users: every user, with `as_of_date` and the measures.
        orders: all orders of the buyers among them, each alone or several of a user added up:
            `user_id`, `last_purchase_date`, `order_count`, `revenue_usd`.
        as_of_date: the date up to which all is counted.
    """
    scores = {}
    for measure, name in _SCORED.items():
        above = reduce(
            Column.__add__,
            (
                F.when(F.col(measure) > F.col(_bound_of(measure, bound)), 1).otherwise(0)
                for bound in _BOUNDS
            ),
        )
        # Few days since the last purchase are best.
        score = F.lit(SCORES) - above if name == "recency_score" else F.lit(1) + above
        scores[name] = F.when(F.col("purchase_count") > 0, score).cast("int")
    bounds = F.broadcast(_bounds(orders, as_of_date))
    return users.join(bounds, on="as_of_date", how="left").withColumns(scores)


def _bounds(orders: DataFrame, as_of_date: dt.date) -> DataFrame:
    """One row: where the fifths of the buyers end, by each measure.

    Looked at on their own, buyers are few.
    """
    buyers = (
        orders.groupBy("user_id")
        .agg(
            F.max("last_purchase_date").alias("last_purchase_date"),
            F.sum("order_count").alias("order_count"),
            F.sum("revenue_usd").alias("spent_usd"),
        )
        .withColumns(
            {
                "revenue_usd": revenue("spent_usd"),
                "purchase_recency_days": purchase_recency(as_of_date),
                "as_of_date": F.lit(as_of_date),
            }
        )
    )
    found = []
    for measure in _SCORED:
        counted = buyers.groupBy("as_of_date", measure).agg(F.count(F.lit(1)).alias("copies"))
        wanted = {_bound_of(measure, bound): part for bound, part in _BOUNDS.items()}
        found.append(percentiles(counted, ["as_of_date"], measure, "copies", wanted))
    return reduce(lambda rows, more: rows.join(more, on="as_of_date", how="inner"), found)


def _bound_of(measure: str, bound: str) -> str:
    return f"{measure}_{bound}"
