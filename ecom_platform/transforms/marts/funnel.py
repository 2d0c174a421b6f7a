"""From events to the funnel: which units reached which step, loosely and in order.

Belongs here: the rows of funnel_days and mart_funnel. Not here: columns' meanings, which events.
"""

from __future__ import annotations

from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from ecom_platform.contracts.marts.columns import (
    BREAKDOWNS,
    EVERYTHING,
    PRODUCT_BREAKDOWNS,
    SESSION_BREAKDOWNS,
)
from ecom_platform.contracts.marts.funnel import (
    FUNNEL_COUNTS,
    FUNNEL_DAYS,
    FUNNEL_KEY,
    FUNNEL_RATES,
    MART_FUNNEL,
    PRODUCT_SESSION,
    SESSION,
)
from ecom_platform.transforms.hashing import hashable
from ecom_platform.transforms.marts.breakdowns import (
    Hold,
    by_breakdown,
    code_columns,
    code_of,
    name_values,
    not_held,
    session_code,
    text_columns,
    with_and_without_crawlers,
)
from ecom_platform.transforms.marts.funnel_order import FUNNEL_GROUP, count_by_times
from ecom_platform.transforms.marts.multiday import put_together
from ecom_platform.transforms.marts.shares import share_columns

_DIVIDED_BY = (*PRODUCT_BREAKDOWNS, *SESSION_BREAKDOWNS)
_CODES = tuple(code_of(breakdown) for breakdown in _DIVIDED_BY)
_SESSION = ("event_date", "is_crawler_like", "user_id", "session_code")


def count_funnel(events: DataFrame, hold: Hold = not_held) -> DataFrame:
    """Build funnel_days: the steps of the sessions, as if the events were all there are.

    Most sessions only view, products that do not change meanwhile: what they reached is told by
    keys alone. The others are looked at event by event.

    Args:
        events: events with `is_crawler_like`, which is the same throughout a session.
        hold: keeps rows that several branches read.
    """
    narrow = hashable(events).select(
        "event_date",
        "is_crawler_like",
        "user_id",
        session_code(),
        "product_id",
        _values_code(),
        F.xxhash64(*text_columns(SESSION_BREAKDOWNS)).alias("session_values_code"),
        "event_type",
        F.unix_micros("event_time").alias("time"),
    )
    values = hold(_combinations(events))
    units = hold(_product_sessions(narrow))
    eventful = hold(_eventful_sessions(units))
    quiet = units.join(F.broadcast(eventful), on=list(_SESSION), how="left_anti")
    others = hold(narrow.join(F.broadcast(eventful), on=list(_SESSION), how="left_semi"))
    codes = values.select("values_code", *_CODES)
    parts = [*_count_quiet(quiet, codes), count_by_times(others, codes)]
    counted = reduce(DataFrame.unionByName, parts)
    summed = with_and_without_crawlers(counted, ["event_date", "unit", "code"], FUNNEL_COUNTS)
    return name_values(summed, values, BREAKDOWNS).select(FUNNEL_DAYS.column_names)


def build_mart_funnel(funnel_days: DataFrame, seen: DataFrame, begun: DataFrame) -> DataFrame:
    """Build mart_funnel: sessions whole, on the date of their first event.

    Args:
        funnel_days: what the date's events say, each session as if it had ended at midnight.
        seen: funnel_days of only the date's events of sessions that were seen on several dates.
        begun: funnel_days of all events of those of them that began on the date.
    """
    return (
        put_together(funnel_days, seen, begun, FUNNEL_KEY, FUNNEL_COUNTS)
        .withColumns(share_columns(FUNNEL_RATES))
        .select(MART_FUNNEL.column_names)
    )


def _values_code() -> Column:
    """All values of an event as one number: one column to compare, in place of five."""
    return F.xxhash64(*text_columns(_DIVIDED_BY)).alias("values_code")


def _combinations(events: DataFrame) -> DataFrame:
    """The combinations of values that events have: some thousands; texts, and their codes."""
    texts = text_columns(_DIVIDED_BY)
    found = events.groupBy(*texts).agg(F.count(F.lit(1)).alias("event_count"))
    return hashable(found).select(*texts, _values_code(), *code_columns(_DIVIDED_BY))


def _product_sessions(narrow: DataFrame) -> DataFrame:
    """One row a product in a session: its values, whether they change, what was done."""
    return narrow.groupBy(*_SESSION, "product_id").agg(
        F.min("values_code").alias("values_code"),
        F.min("session_values_code").alias("session_values_code"),
        (F.min("values_code") != F.max("values_code")).alias("changes"),
        F.max((F.col("event_type") == "view").cast("int")).alias("viewed"),
        F.bool_or(F.col("event_type").isin("cart", "purchase")).alias("took"),
    )


def _eventful_sessions(units: DataFrame) -> DataFrame:
    """The sessions that did more than view, or in which a value of one product changed.

    Or one that belongs to the session: then it may not be told by any of its products.
    """
    changes = F.min("session_values_code") != F.max("session_values_code")
    return (
        units.groupBy(*_SESSION)
        .agg((F.bool_or(F.col("changes") | F.col("took")) | changes).alias("eventful"))
        .where("eventful")
        .drop("eventful")
    )


def _count_quiet(quiet: DataFrame, codes: DataFrame) -> list[DataFrame]:
    """Count the units of sessions without carts and purchases, whose values are steady.

    Args:
        quiet: one row a product in such a session.
        codes: the codes of each combination of values.
    """
    kept = ["event_date", "is_crawler_like"]
    coded = F.broadcast(codes)
    by_product = quiet.groupBy(*kept, "values_code").agg(*_viewed())
    sessions = quiet.groupBy(*_SESSION).agg(
        F.max("viewed").alias("viewed"),
        # Whichever product it is: the values of the session are the same.
        F.min("values_code").alias("values_code"),
    )
    by_session = sessions.groupBy(*kept, "values_code").agg(*_viewed())
    kept += ["unit_count", "viewed_count"]
    of_products = by_breakdown(
        by_product.join(coded, on="values_code", how="inner"), BREAKDOWNS, *kept
    )
    of_sessions = by_breakdown(
        by_session.join(coded, on="values_code", how="inner"),
        (EVERYTHING, *SESSION_BREAKDOWNS),
        *kept,
    )
    of_values = [
        quiet.join(
            F.broadcast(codes.select("values_code", F.col(code_of(name)).alias("code"))),
            on="values_code",
            how="inner",
        )
        .groupBy(*_SESSION, "code")
        .agg(F.max("viewed").alias("viewed"))
        .groupBy("event_date", "is_crawler_like", "code")
        .agg(*_viewed())
        for name in PRODUCT_BREAKDOWNS
    ]
    parts = [(PRODUCT_SESSION, of_products), (SESSION, of_sessions)]
    parts += [(SESSION, rows) for rows in of_values]
    return [_without_later_steps(rows.withColumn("unit", F.lit(unit))) for unit, rows in parts]


def _viewed() -> list[Column]:
    return [F.count(F.lit(1)).alias("unit_count"), F.sum("viewed").alias("viewed_count")]


def _without_later_steps(rows: DataFrame) -> DataFrame:
    later = [F.lit(0).cast("long").alias(name) for name in FUNNEL_COUNTS[2:]]
    return rows.select(*FUNNEL_GROUP, *FUNNEL_COUNTS[:2], *later)
