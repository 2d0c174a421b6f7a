"""Sessions that were seen on several dates: finding them, and their events.

Belongs here: which they are, what of them concerns a date. Not here: what marts count.
"""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ecom_platform.contracts.marts import MULTIDAY_SESSION_EVENTS
from ecom_platform.transforms.hashing import hashable

_SESSION = ("user_id", "session_id")
# What is read of session_days.
_FOUND = (*_SESSION, "event_date", "is_crawler_like", "content_digest")
# What a digest of links covers: the session, its dates, and its events on the later one.
_DIGESTED = (*_SESSION, "event_date", "session_start_date", "is_crawler_like", "content_digest")


def find_multiday_sessions(session_days: DataFrame) -> DataFrame:
    """Find the sessions that have events on several dates.

    Args:
        session_days: all dates.

    Returns:
        One row for each date of such a session: user_id, session_id, event_date,
        session_start_date, is_crawler_like (on that date), content_digest.
    """
    # Most sessions have one date. To tell them apart by a number is several times as fast; the
    # few that are left, and whoever shares a number by chance, are grouped by what they are.
    coded = hashable(session_days).select(
        "user_id", F.xxhash64("session_id").alias("code"), "event_date"
    )
    repeated = (
        coded.groupBy("user_id", "code")
        .agg(F.min("event_date").alias("first"), F.max("event_date").alias("last"))
        .where("first <> last")
        .select("user_id", "code")
    )
    rows = (
        hashable(session_days)
        .withColumn("code", F.xxhash64("session_id"))
        .join(F.broadcast(repeated), on=["user_id", "code"], how="left_semi")
        .select(*_FOUND)
    )
    spans = (
        rows.groupBy(*_SESSION)
        .agg(
            F.min("event_date").alias("session_start_date"), F.max("event_date").alias("last_date")
        )
        .where("session_start_date <> last_date")
        .drop("last_date")
    )
    return rows.join(spans, on=list(_SESSION), how="inner")


def find_related_sessions(session_days: DataFrame, later: DataFrame) -> DataFrame:
    """The dates of those sessions that were seen again later.

    Args:
        session_days: earlier dates, however many: only few columns of them are read, once.
        later: later dates.
    """
    # By the id itself: to find few rows by it takes half as long as to hash it in all of them.
    return session_days.select(*_FOUND).join(
        F.broadcast(later.select(*_SESSION)), on=list(_SESSION), how="left_semi"
    )


def find_added_links(related: DataFrame, later: DataFrame) -> DataFrame:
    """What finding the sessions of all dates finds more, once later dates are among them.

    A later date takes nothing away: a session that had several dates keeps them and the first of
    them, and one that had a single date gets a row for that, too.

    Args:
        related: what find_related_sessions returned.
        later: the later dates.

    Returns:
        As find_multiday_sessions.
    """
    key = [*_SESSION, "event_date"]
    before = find_multiday_sessions(related).select(*key)
    now = find_multiday_sessions(related.unionByName(later.select(*_FOUND)))
    return now.join(F.broadcast(before), on=key, how="left_anti")


def digest_by_date(links: DataFrame) -> DataFrame:
    """For every date a digest of what is to be taken away there, and of what is to be added.

    Args:
        links: what find_multiday_sessions returned.

    Returns:
        `event_date`, `role` ("seen": the sessions seen on the date; "begun": all dates of the
        sessions that began on it), `digest`, `session_dates` (their number).
    """
    digested = hashable(links).withColumn("digest", F.xxhash64(*_DIGESTED))
    seen = digested.select("event_date", F.lit("seen").alias("role"), "digest")
    begun = digested.select(
        F.col("session_start_date").alias("event_date"), F.lit("begun").alias("role"), "digest"
    )
    return (
        seen.unionByName(begun)
        .groupBy("event_date", "role")
        .agg(F.bit_xor("digest").alias("digest"), F.count(F.lit(1)).alias("session_dates"))
    )


def build_multiday_session_events(fact_user_events: DataFrame, links: DataFrame) -> DataFrame:
    """Build multiday_session_events: the events of the found sessions on some date.

    Args:
        fact_user_events: events of one date.
        links: what find_multiday_sessions returned, of that date.
    """
    sessions = links.select(*_SESSION, "event_date", "is_crawler_like", "session_start_date")
    key = [*_SESSION, "event_date"]
    return fact_user_events.join(F.broadcast(sessions), on=key, how="inner").select(
        MULTIDAY_SESSION_EVENTS.column_names
    )


def begun_on_the_date(multiday_session_events: DataFrame) -> DataFrame:
    """Whole sessions on the date on which they began, to be added to it.

    A session is crawler-like when it is on one of its dates.
    """
    crawlers = (
        multiday_session_events.where("is_crawler_like")
        .select(*_SESSION, F.lit(True).alias("is_crawler"))
        .distinct()
    )
    return (
        multiday_session_events.join(F.broadcast(crawlers), on=list(_SESSION), how="left")
        .withColumn("is_crawler_like", F.coalesce("is_crawler", F.lit(False)))
        .withColumn("event_date", F.col("session_start_date"))
        .drop("is_crawler")
    )


def label_events(fact_user_events: DataFrame, session_days: DataFrame) -> DataFrame:
    """Events with `is_crawler_like`, the behaviour of their session on their date.

    Args:
        fact_user_events: events.
        session_days: the same dates.
    """
    key = ["event_date", *_SESSION]
    crawlers = session_days.where("is_crawler_like").select(*key, "is_crawler_like")
    labelled = fact_user_events.join(F.broadcast(crawlers), on=key, how="left")
    return labelled.withColumn("is_crawler_like", F.coalesce("is_crawler_like", F.lit(False)))


def put_together(
    days: DataFrame, seen: DataFrame, begun: DataFrame, keys: Sequence[str], counts: Sequence[str]
) -> DataFrame:
    """Counts of whole sessions, on the date of their first event.

    Args:
        days: what the date's events say, each session as if it had ended at midnight.
        seen: the same of only the date's events of sessions that were seen on several dates.
        begun: the same of all events of those of them that began on the date.
        keys: what is counted apart.
        counts: sums over sessions; where the first of them is 0, there is nothing.
    """
    taken_away = seen.select(*keys, *((-F.col(name)).alias(name) for name in counts))
    return (
        days.select(*keys, *counts)
        .unionByName(begun.select(*keys, *counts))
        .unionByName(taken_away)
        .groupBy(*keys)
        .agg(*(F.sum(name).alias(name) for name in counts))
        .where(F.col(counts[0]) != 0)
    )


def without_sessions(events: DataFrame, seen: DataFrame) -> DataFrame:
    """Events of a date, without those of sessions that were seen on several dates."""
    sessions = seen.select(*_SESSION).distinct()
    return events.join(F.broadcast(sessions), on=list(_SESSION), how="left_anti")
