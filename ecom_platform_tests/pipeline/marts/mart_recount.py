"""The marts once more, by DuckDB from the text of landing objects alone.

Belongs here: SQL that shares nothing with the platform but the meaning of the columns. Not here:
comparing, making objects.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb

from ecom_platform_tests.pipeline.marts.event_recounts import PRODUCTS, QUERIES_OF_EVENTS
from ecom_platform_tests.pipeline.marts.session_recounts import QUERIES_OF_SESSIONS
from ecom_platform_tests.pipeline.marts.user_recounts import QUERIES_OF_USERS
from ecom_platform_tests.pipeline.model.recount import EVENTS

SESSION_DATES = """
CREATE TABLE session_dates AS
SELECT "user", session, date,
    count(*) FILTER (type = 'purchase') = 0 AND (
        count(*) >= $a_day OR (
            count(*) >= $least AND
            count(*) * 60 >= $a_minute * (epoch(max(time)) - epoch(min(time)))
        )) AS crawls
FROM events GROUP BY ALL
"""

# A session is crawler-like when it is on one of its dates.
SESSIONS = """
CREATE TABLE sessions AS
SELECT "user", session, min(date) AS date, bool_or(crawls) AS crawls
FROM session_dates GROUP BY ALL
"""

# Every event once for each breakdown, with its session's date.
DIVIDED = """
CREATE TABLE divided AS
SELECT s.date, traffic, breakdown, value, e."user", e.session, product, type, time, price,
    hour(time) AS hour
FROM events e
JOIN sessions s USING ("user", session),
LATERAL (SELECT unnest(CASE WHEN s.crawls THEN ['all'] ELSE ['all', 'human'] END) AS traffic),
LATERAL (SELECT unnest(pairs).b AS breakdown, unnest(pairs).v AS value FROM (SELECT [
    {'b': 'all', 'v': 'all'},
    {'b': 'category', 'v': category_code},
    {'b': 'category_level_1', 'v': string_split(category_code, '.')[1]},
    {'b': 'brand', 'v': brand},
    {'b': 'device_type', 'v': 'unknown'},
    {'b': 'source_channel', 'v': 'unknown'}
] AS pairs))
"""

FUNNEL = """
WITH units AS (
    SELECT 'session' AS unit, * REPLACE (0 AS product) FROM divided
    UNION ALL SELECT 'product_session', * FROM divided
),
times AS (
    SELECT date, traffic, unit, breakdown, value, "user", session, product,
        min(time) FILTER (type = 'view') AS view,
        count(*) FILTER (type = 'cart') AS carts,
        count(*) FILTER (type = 'purchase') AS purchases,
        list(time) FILTER (type = 'cart') AS cart_times,
        list(time) FILTER (type = 'purchase') AS purchase_times
    FROM units GROUP BY ALL
),
reached AS (
    SELECT *,
        coalesce(len(list_filter(cart_times, lambda c: c >= view)) > 0, false) AS strict_cart,
        coalesce(len(list_filter(purchase_times, lambda p: p >= list_min(
            list_filter(cart_times, lambda c: c >= view)))) > 0, false) AS strict_purchase
    FROM times
)
SELECT date AS event_date, traffic, unit, breakdown, value AS breakdown_value,
    count(*) AS unit_count,
    count(view) AS viewed_count,
    count(*) FILTER (carts > 0) AS carted_count,
    count(*) FILTER (purchases > 0) AS purchased_count,
    count(*) FILTER (view IS NOT NULL AND carts > 0) AS loose_cart_count,
    count(*) FILTER (view IS NOT NULL AND carts > 0 AND purchases > 0) AS loose_purchase_count,
    count(*) FILTER (strict_cart) AS strict_cart_count,
    count(*) FILTER (strict_purchase) AS strict_purchase_count,
    purchased_count / unit_count AS conversion_rate,
    loose_cart_count / nullif(viewed_count, 0) AS loose_view_to_cart_rate,
    loose_purchase_count / nullif(loose_cart_count, 0) AS loose_cart_to_purchase_rate,
    loose_purchase_count / nullif(viewed_count, 0) AS loose_view_to_purchase_rate,
    strict_cart_count / nullif(viewed_count, 0) AS strict_view_to_cart_rate,
    strict_purchase_count / nullif(strict_cart_count, 0) AS strict_cart_to_purchase_rate,
    strict_purchase_count / nullif(viewed_count, 0) AS strict_view_to_purchase_rate
FROM reached GROUP BY ALL
ORDER BY event_date, traffic, unit, breakdown, breakdown_value
"""

QUERIES = {"mart_funnel": FUNNEL, **QUERIES_OF_SESSIONS, **QUERIES_OF_EVENTS, **QUERIES_OF_USERS}


def recount_marts(
    objects: Iterable[Path], *, a_day: int = 1000, least: int = 100, a_minute: int = 12
) -> dict[str, list[dict[str, Any]]]:
    """The rows that the marts should have, by table, in the order of their keys.

    Args:
        objects: CSV objects of landing; of the dates that have ended, and no others.
        a_day: events of a crawler on a date, whatever the pace.
        least: its least events.
        a_minute: its pace, with the least events.
    """
    thresholds = {"a_day": a_day, "least": least, "a_minute": a_minute}
    with duckdb.connect() as database:
        database.execute(EVENTS, [[str(path) for path in objects]])
        database.execute(SESSION_DATES, thresholds)
        for tables in (SESSIONS, DIVIDED, PRODUCTS):
            database.execute(tables)
        return {
            table: database.execute(query).to_arrow_table().to_pylist()
            for table, query in QUERIES.items()
        }
