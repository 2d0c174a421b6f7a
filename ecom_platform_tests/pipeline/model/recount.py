"""The dimensions once more, by DuckDB from the text of landing objects alone.

Belongs here: SQL that shares nothing with the platform but the meaning of the columns. Not here:
comparing, making objects.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb

EVENTS = """
CREATE TABLE events AS
SELECT
    time,
    time::DATE AS date,
    event_type AS type,
    product_id AS product,
    category_id,
    coalesce(category_code, 'unknown') AS category_code,
    coalesce(brand, 'unknown') AS brand,
    price,
    user_id AS "user",
    user_session AS session
FROM (
    SELECT DISTINCT
        replace(event_time, ' UTC', '')::TIMESTAMP AS time,
        event_type,
        product_id::BIGINT AS product_id,
        category_id::BIGINT AS category_id,
        category_code,
        brand,
        price::DECIMAL(12, 2) AS price,
        user_id::BIGINT AS user_id,
        user_session
    FROM read_csv(?, header = true, all_varchar = true, delim = ',', quote = '"',
                  strict_mode = false, ignore_errors = true)
)
WHERE user_session IS NOT NULL
  AND event_type IN ('view', 'cart', 'remove_from_cart', 'purchase')
  AND price > 0
"""

USERS = """
WITH favourites AS (
    SELECT
        "user",
        (SELECT c FROM (
            SELECT category_code AS c, count(*) AS n FROM events e WHERE e."user" = u."user"
            GROUP BY c ORDER BY c = 'unknown', n DESC, c LIMIT 1)) AS category,
        (SELECT b FROM (
            SELECT brand AS b, count(*) AS n FROM events e WHERE e."user" = u."user"
            GROUP BY b ORDER BY b = 'unknown', n DESC, b LIMIT 1)) AS brand
    FROM (SELECT DISTINCT "user" FROM events) u
)
SELECT
    "user" AS user_id,
    min(time) AS first_seen_at,
    max(time) AS last_seen_at,
    count(DISTINCT date) AS active_days,
    count(DISTINCT session) AS session_count,
    count(*) FILTER (type = 'view') AS view_count,
    count(*) FILTER (type = 'cart') AS cart_count,
    count(*) FILTER (type = 'remove_from_cart') AS remove_from_cart_count,
    count(*) FILTER (type = 'purchase') AS purchase_count,
    coalesce(sum(price) FILTER (type = 'purchase'), 0)::DECIMAL(18, 2) AS revenue_usd,
    any_value(f.category) AS favourite_category,
    any_value(f.brand) AS favourite_brand,
    -- Files tell no profiles.
    NULL::VARCHAR AS name,
    NULL::VARCHAR AS email,
    NULL::TIMESTAMP AS created_at,
    (SELECT max(date) FROM events) AS as_of_date
FROM events JOIN favourites f USING ("user")
GROUP BY "user"
ORDER BY user_id
"""

# Of the states that a product shows in one second, the smallest by this order.
VERSIONS = """
WITH moments AS (
    SELECT product, time, min({
        'price': price, 'category_id': category_id, 'category_code': category_code, 'brand': brand
    }) AS state
    FROM events GROUP BY product, time
),
changes AS (
    SELECT product, time, state
    FROM (SELECT *, lag(state) OVER (PARTITION BY product ORDER BY time) AS before FROM moments)
    WHERE before IS DISTINCT FROM state
)
SELECT
    product AS product_id,
    time AS valid_from,
    lead(time) OVER (PARTITION BY product ORDER BY time) AS valid_to,
    state.brand AS brand,
    state.category_id AS category_id,
    state.category_code AS category_code,
    state.price AS price,
    (SELECT max(date) FROM events) AS as_of_date
FROM changes
ORDER BY product_id, valid_from
"""

PRODUCTS = f"""
WITH versions AS ({VERSIONS})
SELECT
    product AS product_id,
    v.brand AS brand,
    v.category_id AS category_id,
    v.category_code AS category_code,
    string_split(v.category_code, '.')[1] AS category_level_1,
    string_split(v.category_code, '.')[2] AS category_level_2,
    string_split(v.category_code, '.')[3] AS category_level_3,
    string_split(v.category_code, '.')[4] AS category_level_4,
    v.price AS price,
    min(e.price) AS lowest_price,
    max(e.price) AS highest_price,
    min(time) AS first_seen_at,
    max(time) AS last_seen_at,
    count(*) FILTER (type = 'view') AS view_count,
    count(*) FILTER (type = 'cart') AS cart_count,
    count(*) FILTER (type = 'remove_from_cart') AS remove_from_cart_count,
    count(*) FILTER (type = 'purchase') AS purchase_count,
    count(DISTINCT "user") FILTER (type = 'purchase') AS buyer_count,
    CASE WHEN view_count > 0 THEN purchase_count::DOUBLE / view_count END AS conversion_rate,
    NULL::VARCHAR AS name,
    NULL::DECIMAL(12, 2) AS catalogue_price,
    NULL::BIGINT AS stock,
    (SELECT max(date) FROM events) AS as_of_date
FROM events e JOIN versions v ON v.product_id = e.product AND v.valid_to IS NULL
GROUP BY ALL
ORDER BY product_id
"""

QUERIES = {"dim_users": USERS, "dim_products": PRODUCTS, "dim_product_versions": VERSIONS}


def recount(objects: Iterable[Path]) -> dict[str, list[dict[str, Any]]]:
    """The rows that the dimensions should have, by table, in the order of their keys.

    Args:
        objects: CSV objects of landing; of the dates that have ended, and no others.
    """
    with duckdb.connect() as database:
        database.execute(EVENTS, [[str(path) for path in objects]])
        return {
            table: database.execute(query).to_arrow_table().to_pylist()
            for table, query in QUERIES.items()
        }
