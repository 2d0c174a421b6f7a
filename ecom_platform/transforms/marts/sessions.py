"""From events to the sessions' mart: lengths, by the given id and cut at silence.

Belongs here: the rows of session_length_days and mart_sessions. Not here: columns' meanings.
"""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.window import Window

from ecom_platform.contracts.marts.columns import SESSION_BREAKDOWNS
from ecom_platform.contracts.marts.sessions import (
    COUNTS,
    DIVIDED_BY,
    GIVEN,
    KEY,
    MART_SESSIONS,
    PERCENTILES,
    SESSION_LENGTH_DAYS,
    SILENCE,
    SILENCE_SECONDS,
)
from ecom_platform.transforms.hashing import hashable
from ecom_platform.transforms.keeping import Keep, not_kept
from ecom_platform.transforms.marts.breakdowns import (
    divide,
    session_code,
    with_and_without_crawlers,
)
from ecom_platform.transforms.marts.multiday import put_together
from ecom_platform.transforms.marts.shares import percentiles, share

_SECOND = 1_000_000
_SILENCE = SILENCE_SECONDS * _SECOND
_SPAN = ("first", "last", "event_count")
_SESSION = ("event_date", "is_crawler_like", "user_id", "session_code")
_LENGTH = ("event_date", "cut", "duration_seconds")


def count_session_lengths(events: DataFrame, keep: Keep = not_kept) -> DataFrame:
    """Build session_length_days: lengths of sessions, as if the events were all there are.

    Args:
        events: events with `is_crawler_like`, which is the same throughout a session.
        keep: computes rows once for all who read them; without it each reader computes them.
    """
    narrow = hashable(events).select(
        "event_date",
        "is_crawler_like",
        "user_id",
        session_code(),
        *SESSION_BREAKDOWNS,
        F.unix_micros("event_time").alias("time"),
    )
    spells = keep(_spells(narrow))
    # Shorter ones have no gap of that length.
    is_long = F.col("last") - F.col("first") > F.lit(_SILENCE)
    sessions = _put_together(spells, _SESSION).withColumn("is_long", is_long)
    cut = _cut_at_silence(spells, sessions.where("is_long"))
    given = keep(_count_lengths(sessions, "is_long"))
    counted = (
        given.drop("is_long")
        .withColumn("cut", F.lit(GIVEN))
        .unionByName(given.where("NOT is_long").drop("is_long").withColumn("cut", F.lit(SILENCE)))
        .unionByName(_count_lengths(cut).withColumn("cut", F.lit(SILENCE)))
    )
    divided = divide(counted, DIVIDED_BY, *_LENGTH, "is_crawler_like", *COUNTS)
    keys = (*_LENGTH, "breakdown", "breakdown_value")
    return with_and_without_crawlers(divided, keys, COUNTS).select(SESSION_LENGTH_DAYS.column_names)


def build_mart_sessions(lengths: DataFrame, seen: DataFrame, begun: DataFrame) -> DataFrame:
    """Build mart_sessions: sessions whole, on the date of their first event.

    Args:
        lengths: session_length_days of the date.
        seen: the same of only the date's events of sessions that were seen on several dates.
        begun: the same of all events of those of them that began on the date.
    """
    whole = put_together(lengths, seen, begun, (*KEY, "duration_seconds"), COUNTS)
    sums = whole.groupBy(*KEY).agg(
        *(F.sum(name).alias(name) for name in COUNTS),
        F.sum(F.col("duration_seconds") * F.col("session_count")).alias("total_seconds"),
    )
    kinds = [name for name in KEY if name != "cut"]
    given = sums.where(F.col("cut") == GIVEN).select(
        *kinds, F.col("session_count").alias("given_session_count")
    )
    ranked = percentiles(whole, KEY, "duration_seconds", "session_count", PERCENTILES)
    return (
        sums.join(ranked, on=list(KEY), how="inner")
        .join(given, on=kinds, how="inner")
        .withColumns(
            {
                "duration_seconds": F.col("total_seconds"),
                "mean_seconds": share("total_seconds", "session_count"),
                "events_per_session": share("event_count", "session_count"),
                "bounce_rate": share("bounce_count", "session_count"),
                "difference_count": F.col("session_count") - F.col("given_session_count"),
            }
        )
        .withColumn("difference_rate", share("difference_count", "given_session_count"))
        .select(MART_SESSIONS.column_names)
    )


def _spells(narrow: DataFrame) -> DataFrame:
    """The events of sessions by stretches of time too short for a silence in them.

    And by what sessions are divided by: mostly it is the same throughout a session, and to group
    by texts takes less than to look for the first of them.
    """
    stretch = F.expr(f"time - pmod(time, {_SILENCE})").alias("stretch")
    return narrow.groupBy(*_SESSION, *SESSION_BREAKDOWNS, stretch).agg(
        F.min("time").alias("first"),
        F.max("time").alias("last"),
        F.count(F.lit(1)).alias("event_count"),
    )


def _put_together(spells: DataFrame, keys: Sequence[str]) -> DataFrame:
    """Sessions or parts of them, each from its spells."""
    return spells.groupBy(*keys).agg(
        F.min("first").alias("first"),
        F.max("last").alias("last"),
        F.sum("event_count").alias("event_count"),
        *(F.min(name).alias(name) for name in SESSION_BREAKDOWNS),
    )


def _cut_at_silence(spells: DataFrame, sessions: DataFrame) -> DataFrame:
    """The parts of some sessions between silences, in the shape of sessions."""
    in_order = Window.partitionBy(*_SESSION).orderBy("first")
    before = in_order.rowsBetween(Window.unboundedPreceding, -1)
    up_to = in_order.rowsBetween(Window.unboundedPreceding, Window.currentRow)
    # Of spells that begin at the same time any may be taken for the first after a silence.
    silence = F.col("first") - F.max("last").over(before) > F.lit(_SILENCE)
    return _put_together(
        spells.select(*_SESSION, *_SPAN)
        .join(
            F.broadcast(sessions.select(*_SESSION, *SESSION_BREAKDOWNS)),
            on=list(_SESSION),
            how="inner",
        )
        .withColumn("is_cut", F.when(silence, 1).otherwise(0))
        .withColumn("part", F.sum("is_cut").over(up_to)),
        (*_SESSION, "part"),
    )


def _count_lengths(sessions: DataFrame, *more: str) -> DataFrame:
    """Sessions or parts of them by their length and what they are divided by."""
    return (
        sessions.withColumn("duration_seconds", F.expr(f"(last - first) DIV {_SECOND}"))
        .groupBy("event_date", "duration_seconds", "is_crawler_like", *SESSION_BREAKDOWNS, *more)
        .agg(
            F.count(F.lit(1)).alias("session_count"),
            F.sum("event_count").alias("event_count"),
            F.count(F.when(F.col("event_count") == 1, 1)).alias("bounce_count"),
        )
    )
