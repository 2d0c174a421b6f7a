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
from ecom_platform.transforms.keeping import Keep, not_kept
from ecom_platform.transforms.marts.breakdowns import (
    by_breakdown,
    code_columns,
    code_of,
    name_values,
    text_columns,
    with_and_without_crawlers,
)
from ecom_platform.transforms.marts.funnel_order import (
    FUNNEL_GROUP,
    PIECE,
    count_by_times,
    find_times,
)
from ecom_platform.transforms.marts.multiday import put_together
from ecom_platform.transforms.marts.shares import share_columns

_DIVIDED_BY = (*PRODUCT_BREAKDOWNS, *SESSION_BREAKDOWNS)
_CODES = tuple(map(code_of, BREAKDOWNS))
# The same throughout a session: told by the codes of values, so that nothing is grouped by them.
_OF_SESSION = ("event_date", "is_crawler_like")


def count_funnel(events: DataFrame, keep: Keep = not_kept) -> DataFrame:
    """Build funnel_days: the steps of the sessions, as if the events were all there are.

    Most sessions only view, products that do not change meanwhile: what they reached is told by
    keys alone. Of the others the times of the first and last events are compared.

    Args:
        events: events with `is_crawler_like`, which is the same throughout a session.
        keep: computes rows once for all who read them; without it each reader computes them.
    """
    narrow = hashable(events).select(
        F.xxhash64("event_date", "user_id", "session_id").alias("session_code"),
        "product_id",
        _values_code(),
        _session_values_code(),
        "event_type",
        F.unix_micros("event_time").alias("time"),
    )
    values = keep(_combinations(events))
    pieces = keep(find_times(narrow))
    eventful = keep(_eventful_sessions(pieces))
    quiet = pieces.join(F.broadcast(eventful), on="session_code", how="left_anti")
    others = pieces.join(F.broadcast(eventful), on="session_code", how="left_semi")
    codes = values.select("values_code", *_CODES)
    viewed = F.when(F.col("first_view").isNotNull(), 1).otherwise(0)
    parts = [
        *_count_quiet(quiet.select(*PIECE, viewed.alias("viewed")), codes),
        count_by_times(narrow, others, codes),
    ]
    named = name_values(reduce(DataFrame.unionByName, parts), values, BREAKDOWNS, *_OF_SESSION)
    keys = [name for name in FUNNEL_KEY if name != "traffic"]
    return with_and_without_crawlers(named, keys, FUNNEL_COUNTS).select(FUNNEL_DAYS.column_names)


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
    """All values of an event as one number: one column to compare, in place of six."""
    own = text_columns(PRODUCT_BREAKDOWNS)
    return F.xxhash64(*_beside(), *own, _session_values_code()).alias("values_code")


def _session_values_code() -> Column:
    return F.xxhash64(*text_columns(SESSION_BREAKDOWNS)).alias("session_values_code")


def _beside() -> tuple[Column, ...]:
    return F.col("event_date"), F.col("is_crawler_like").cast("int")


def _combinations(events: DataFrame) -> DataFrame:
    """The combinations of values that events have: some thousands; texts, and their codes."""
    columns = (*_OF_SESSION, *text_columns(_DIVIDED_BY))
    found = events.groupBy(*columns).agg(F.count(F.lit(1)).alias("event_count"))
    codes = code_columns(BREAKDOWNS, *_beside())
    return hashable(found).select(*columns, _values_code(), *codes)


def _eventful_sessions(pieces: DataFrame) -> DataFrame:
    """The sessions that did more than view, or in which a value of one product changed.

    Or one that belongs to the session: then it may not be told by any of its products.
    """
    took = F.col("first_cart").isNotNull() | F.col("first_purchase").isNotNull()
    of_session = F.col("session_values_code")
    products = pieces.groupBy("session_code", "product_id").agg(
        (F.bool_or(took) | (F.count(F.lit(1)) > 1)).alias("eventful"),
        F.min(of_session).alias("session_values_code"),
    )
    changes = F.min(of_session) != F.max(of_session)
    return (
        products.groupBy("session_code")
        .agg((F.bool_or("eventful") | changes).alias("eventful"))
        .where("eventful")
        .select("session_code")
    )


def _count_quiet(quiet: DataFrame, codes: DataFrame) -> list[DataFrame]:
    """Count the units of sessions without carts and purchases, whose values are steady.

    Args:
        quiet: one row a product in such a session.
        codes: the codes of each combination of values.
    """
    coded = F.broadcast(codes)
    kept = ("unit_count", "viewed_count")
    by_product = quiet.groupBy("values_code").agg(*_viewed())
    sessions = quiet.groupBy("session_code").agg(
        F.max("viewed").alias("viewed"),
        # Whichever product it is: the values of the session are the same.
        F.min("values_code").alias("values_code"),
    )
    by_session = sessions.groupBy("values_code").agg(*_viewed())
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
        .groupBy("session_code", "code")
        .agg(F.max("viewed").alias("viewed"))
        .groupBy("code")
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
