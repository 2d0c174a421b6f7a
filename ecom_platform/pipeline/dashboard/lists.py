"""Lists: products, cohorts and groups of users, which are published for all days together.

Belongs here: numbers that no date filter applies to. Not here: numbers by day.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ecom_platform.contracts.marts.products import LEAST_VIEWS, WILSON_Z
from ecom_platform.pipeline.dashboard.reading import Json, plain, records
from ecom_platform.pipeline.dashboard.scope import Scope

if TYPE_CHECKING:
    import duckdb

MOST_PRODUCTS = 15
MOST_COHORTS = 26

# Sums over the days of the page; the interval of a sum is not the sum of intervals.
_PRODUCTS = f"""
CREATE TEMP TABLE product_sums AS
WITH sums AS (
  SELECT traffic, product_id,
    ARG_MAX(category_name, event_date) AS category_name, ARG_MAX(brand, event_date) AS brand,
    SUM(view_session_count) AS view_session_count, SUM(unit_count) AS unit_count,
    SUM(converted_session_count) AS converted_session_count, SUM(revenue_usd) AS revenue_usd
  FROM mart_products WHERE event_date BETWEEN ? AND ? GROUP BY traffic, product_id
), shares AS (
  SELECT *, converted_session_count / NULLIF(view_session_count, 0) AS rate,
    CAST(view_session_count AS DOUBLE) AS n, {WILSON_Z} AS z FROM sums
)
SELECT *,
  (rate + z * z / (2 * n) - z * SQRT(rate * (1 - rate) / n + z * z / (4 * n * n)))
    / (1 + z * z / n) AS low,
  (rate + z * z / (2 * n) + z * SQRT(rate * (1 - rate) / n + z * z / (4 * n * n)))
    / (1 + z * z / n) AS high
FROM shares WHERE view_session_count > 0
"""  # noqa: S608  # a constant

_LISTS = f"""
WITH divided AS (
  SELECT p.*, c.breakdown, c.place FROM product_sums AS p JOIN chosen AS c ON
    c.breakdown = 'all'
    OR (c.breakdown = 'category' AND c.breakdown_value = p.category_name)
    OR (c.breakdown = 'category_level_1'
        AND c.breakdown_value = SPLIT_PART(p.category_name, '.', 1))
    OR (c.breakdown = 'brand' AND c.breakdown_value = p.brand)
), ordered AS (
  SELECT 'viewed' AS list, ROW_NUMBER() OVER (
    PARTITION BY traffic, breakdown, place ORDER BY view_session_count DESC, product_id
  ) AS position, * FROM divided
  UNION ALL
  SELECT 'least' AS list, ROW_NUMBER() OVER (
    PARTITION BY traffic, breakdown, place ORDER BY high, view_session_count DESC, product_id
  ) AS position, * FROM divided WHERE view_session_count >= {LEAST_VIEWS}
)
SELECT * FROM ordered WHERE position <= {MOST_PRODUCTS}
ORDER BY list, traffic, breakdown, place, position
"""  # noqa: S608  # constants

_SHOWN = (
    "product_id",
    "category_name",
    "brand",
    "view_session_count",
    "converted_session_count",
    "rate",
    "low",
    "high",
    "unit_count",
    "revenue_usd",
)


def read_products(connection: duckdb.DuckDBPyConnection, scope: Scope) -> Json:
    """The most viewed products and the least converting ones, of all and of each value."""
    connection.execute(_PRODUCTS, [scope.first, scope.last])
    rows: dict[str, dict[str, Json]] = {"all": {}, "human": {}}
    lists: dict[str, list[str]] = {}
    for row in records(connection, _LISTS):
        traffic, product = row["traffic"], str(row["product_id"])
        key = f"{traffic}|{row['breakdown']}|{row['place']}|{row['list']}"
        lists.setdefault(key, []).append(product)
        # An id of 64 bits is more than a number of JavaScript holds.
        rows[traffic][product] = {name: row[name] for name in _SHOWN} | {"product_id": product}
    return {"rows": rows, "lists": lists, "least_views": LEAST_VIEWS}


def read_cohorts(connection: duckdb.DuckDBPyConnection) -> list[Json]:
    """The newest cohorts, week by week."""
    return records(
        connection,
        """
        SELECT cohort_start_date, traffic, week_number, cohort_user_count, active_user_count,
          retention_rate, is_complete
        FROM mart_cohorts
        QUALIFY DENSE_RANK() OVER (ORDER BY cohort_start_date DESC) <= ?
        ORDER BY ALL
        """,
        [MOST_COHORTS],
    )


def read_users(connection: duckdb.DuckDBPyConnection) -> Json:
    """How many users are how active; no user is named."""
    groups = {}
    for traffic, where in (("all", "true"), ("human", "NOT is_crawler_like")):
        groups[traffic] = {
            "active_days": records(connection, _ACTIVE_DAYS.format(where=where)),
            "sessions": records(connection, _SESSIONS.format(where=where)),
            "rfm": records(connection, _SCORES.format(where=where)),
            "monetary": records(connection, _PAID.format(where=where)),
        }
    (as_of,) = connection.execute("SELECT MAX(as_of_date) FROM mart_users").fetchone() or (None,)
    return {"groups": groups, "as_of": plain(as_of)}


_ACTIVE_DAYS = """
SELECT CASE WHEN active_days <= 3 THEN CAST(active_days AS TEXT)
    WHEN active_days <= 7 THEN '4–7' WHEN active_days <= 14 THEN '8–14'
    WHEN active_days <= 30 THEN '15–30' ELSE 'more' END AS label,
  COUNT(*) AS user_count
FROM mart_users WHERE {where} GROUP BY label ORDER BY MIN(active_days)
"""

# Weighted by their sessions, the means of users are the mean of the sessions.
_SESSIONS = """
SELECT CASE WHEN session_count <= 3 THEN CAST(session_count AS TEXT)
    WHEN session_count <= 7 THEN '4–7' WHEN session_count <= 14 THEN '8–14'
    WHEN session_count <= 30 THEN '15–30' ELSE 'more' END AS label,
  COUNT(*) AS user_count, CAST(SUM(session_count) AS BIGINT) AS session_count,
  SUM(session_count * mean_session_seconds) / SUM(session_count) AS mean_seconds
FROM mart_users WHERE {where} GROUP BY label ORDER BY MIN(mart_users.session_count)
"""

_SCORES = """
SELECT recency_score, frequency_score, COUNT(*) AS user_count, SUM(revenue_usd) AS revenue_usd
FROM mart_users WHERE {where} AND recency_score IS NOT NULL
GROUP BY ALL ORDER BY ALL
"""

_PAID = """
SELECT monetary_score, COUNT(*) AS user_count, SUM(revenue_usd) AS revenue_usd
FROM mart_users WHERE {where} AND monetary_score IS NOT NULL
GROUP BY ALL ORDER BY ALL
"""


def empty_products() -> dict[str, Any]:
    """The same for a lake without the mart."""
    return {"rows": {"all": {}, "human": {}}, "lists": {}, "least_views": LEAST_VIEWS}
