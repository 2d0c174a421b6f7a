"""The marts of events once more, in SQL over the tables of mart_recount.py.

Belongs here: marts by the date of events. Not here: sessions that are counted whole, users.
"""

from __future__ import annotations


def _pairs(of: str = "") -> str:
    return f"""
LATERAL (SELECT unnest(pairs).b AS breakdown, unnest(pairs).v AS value FROM (SELECT [
    {{'b': 'all', 'v': 'all'}},
    {{'b': 'category', 'v': {of}category_code}},
    {{'b': 'category_level_1', 'v': string_split({of}category_code, '.')[1]}},
    {{'b': 'brand', 'v': {of}brand}},
    {{'b': 'device_type', 'v': 'unknown'}},
    {{'b': 'source_channel', 'v': 'unknown'}}
] AS pairs))
"""


_TRAFFIC = """
LATERAL (SELECT unnest(CASE WHEN crawls THEN ['all'] ELSE ['all', 'human'] END) AS traffic)
"""

SALES = f"""
WITH sales AS (
    SELECT date, breakdown, value,
        sum(price)::DECIMAL(18, 2) AS revenue,
        count(*) AS units,
        count(DISTINCT ("user", session)) AS orders,
        count(DISTINCT "user") AS buyers,
        row_number() OVER (PARTITION BY date, breakdown ORDER BY sum(price) DESC, value) AS place
    FROM events, {_pairs()}
    WHERE type = 'purchase' GROUP BY date, breakdown, value
)
SELECT s.date AS event_date, s.breakdown, s.value AS breakdown_value,
    s.revenue AS revenue_usd, s.units AS unit_count, s.orders AS order_count,
    s.buyers AS buyer_count,
    s.revenue::DOUBLE / s.orders AS average_order_value_usd,
    s.place AS revenue_rank,
    b.revenue AS previous_week_revenue_usd,
    s.revenue::DOUBLE / b.revenue - 1 AS revenue_change,
    b.place AS previous_week_rank,
    b.place - s.place AS rank_change
FROM sales s LEFT JOIN sales b
    ON b.date = s.date - 7 AND b.breakdown = s.breakdown AND b.value = s.value
ORDER BY event_date, s.breakdown, breakdown_value
"""

# Of the states that a product shows in its last second of a date, the smallest by this order.
PRODUCTS = f"""
CREATE TABLE products AS
WITH ends AS (SELECT date, product, max(time) AS time FROM events GROUP BY ALL),
last AS (
    SELECT date, product, min({{
        'price': price, 'category_id': category_id, 'category_code': category_code, 'brand': brand
    }}) AS state
    FROM events JOIN ends USING (date, product, time) GROUP BY ALL
),
by_session AS (
    SELECT e.date, traffic, product, "user", session,
        count(*) FILTER (type = 'view') AS views,
        count(*) FILTER (type = 'cart') AS carts,
        count(*) FILTER (type = 'purchase') AS units,
        coalesce(sum(price) FILTER (type = 'purchase'), 0) AS usd
    FROM events e JOIN session_dates s USING ("user", session, date), {_TRAFFIC}
    GROUP BY ALL
)
SELECT date, traffic, product,
    state.category_code AS category_code, state.brand AS brand, state.price AS price,
    count(*) FILTER (views > 0) AS viewers,
    count(*) FILTER (carts > 0) AS carters,
    count(*) FILTER (units > 0) AS purchasers,
    count(*) FILTER (views > 0 AND units > 0) AS converted,
    sum(views)::BIGINT AS views,
    sum(units)::BIGINT AS units,
    sum(usd)::DECIMAL(18, 2) AS usd
FROM by_session JOIN last USING (date, product)
GROUP BY ALL
"""

# The interval by another form of the formula: the roots of (rate - p)^2 = z^2 p (1 - p) / n.
MART_PRODUCTS = """
WITH rates AS (
    SELECT *, viewers >= 100 AS enough, converted / nullif(viewers, 0) AS rate,
        1 + 1.96 ^ 2 / nullif(viewers, 0) AS a,
        2 * (converted / nullif(viewers, 0)) + 1.96 ^ 2 / nullif(viewers, 0) AS b
    FROM products
),
ends AS (
    SELECT *, greatest(0, (b - sqrt(b ^ 2 - 4 * a * rate ^ 2)) / (2 * a)) AS low,
        least(1, (b + sqrt(b ^ 2 - 4 * a * rate ^ 2)) / (2 * a)) AS high
    FROM rates
)
SELECT date AS event_date, traffic, product AS product_id, category_code AS category_name, brand,
    price AS last_price_usd, viewers AS view_session_count, carters AS cart_session_count,
    purchasers AS purchase_session_count, converted AS converted_session_count,
    views AS view_count, units AS unit_count, usd AS revenue_usd,
    rate AS conversion_rate,
    CASE WHEN viewers > 0 THEN low END AS conversion_low,
    CASE WHEN viewers > 0 THEN high END AS conversion_high,
    row_number() OVER (PARTITION BY date, traffic ORDER BY viewers DESC, product) AS view_rank,
    enough AS has_enough_views,
    CASE WHEN enough THEN row_number() OVER (
        PARTITION BY date, traffic, enough ORDER BY round(high, 12), viewers DESC, product)
    END AS least_converting_rank
FROM ends ORDER BY event_date, traffic, product_id
"""

PRICES = f"""
WITH usual AS (
    SELECT date, traffic, category_code, avg(price::DOUBLE) AS usual FROM products GROUP BY ALL
),
priced AS (
    SELECT p.date, p.traffic, breakdown, value, p.price, u.usual, b.price AS before
    FROM products p
    JOIN usual u
        ON u.date = p.date AND u.traffic = p.traffic AND u.category_code = p.category_code
    LEFT JOIN products b
        ON b.date = p.date - 7 AND b.traffic = p.traffic AND b.product = p.product,
    {_pairs("p.")}
    WHERE breakdown NOT IN ('device_type', 'source_channel')
),
prices AS (
    SELECT date, traffic, breakdown, value, count(*) AS n, list_sort(list(price)) AS p,
        sum(price) AS sum, sum(usual) AS usual, count(before) AS matched,
        sum(price) FILTER (before IS NOT NULL) AS now, sum(before) AS before
    FROM priced GROUP BY ALL
)
SELECT p.date AS event_date, p.traffic, p.breakdown, p.value AS breakdown_value,
    p.n AS product_count, p.sum::DOUBLE / p.n AS mean_usd,
    p.p[1] AS lowest_usd, p.p[(p.n + 3) // 4] AS p25_usd, p.p[(p.n + 1) // 2] AS median_usd,
    p.p[(p.n * 3 + 3) // 4] AS p75_usd, p.p[p.n] AS highest_usd,
    p.p[(p.n * 3 + 3) // 4] - p.p[(p.n + 3) // 4] AS spread_usd,
    100 * p.sum::DOUBLE / p.usual AS price_index,
    b.p[(b.n + 1) // 2] AS previous_week_median_usd,
    p.matched AS matched_product_count,
    p.now::DOUBLE / p.before - 1 AS price_change
FROM prices p LEFT JOIN prices b ON b.date = p.date - 7 AND b.traffic = p.traffic
    AND b.breakdown = p.breakdown AND b.value = p.value
ORDER BY event_date, p.traffic, p.breakdown, breakdown_value
"""

ACTIVITY = f"""
WITH counted AS (
    SELECT e.date, traffic, type, hour(time)::INT AS hour, count(*) AS n
    FROM events e JOIN session_dates s USING ("user", session, date), {_TRAFFIC}
    GROUP BY ALL
),
grid AS (
    SELECT date, traffic, type, hour FROM counted
    UNION SELECT date + 7, traffic, type, hour FROM counted
    WHERE date + 7 IN (SELECT date FROM counted)
)
SELECT g.date AS event_date, g.traffic, g.type AS event_type, g.hour AS hour_of_day,
    isodow(g.date)::INT AS day_of_week,
    strftime(g.date, '%G-W%V') AS iso_week,
    coalesce(c.n, 0) AS event_count,
    CASE WHEN g.date - 7 IN (SELECT date FROM counted) THEN coalesce(b.n, 0)
        END AS previous_week_event_count,
    coalesce(c.n, 0) / b.n - 1 AS event_change
FROM grid g
LEFT JOIN counted c
    ON c.date = g.date AND c.traffic = g.traffic AND c.type = g.type AND c.hour = g.hour
LEFT JOIN counted b
    ON b.date = g.date - 7 AND b.traffic = g.traffic AND b.type = g.type AND b.hour = g.hour
ORDER BY event_date, g.traffic, event_type, hour_of_day
"""

QUERIES_OF_EVENTS = {
    "mart_sales": SALES,
    "mart_products": MART_PRODUCTS,
    "mart_prices": PRICES,
    "mart_activity": ACTIVITY,
}
