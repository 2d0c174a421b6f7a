"""The marts of sessions once more, in SQL over the tables of mart_recount.py.

Belongs here: mart_sessions, mart_carts. Not here: events, other marts.
"""

from __future__ import annotations

SESSIONS = """
WITH ordered AS (
    SELECT s.date, s.crawls, e."user", e.session, time,
        coalesce(time - lag(time) OVER (PARTITION BY e."user", e.session ORDER BY time)
            > INTERVAL 30 MINUTE, false) AS after_silence
    FROM events e JOIN sessions s USING ("user", session)
),
parts AS (
    SELECT *, sum(after_silence::INT) OVER (
        PARTITION BY "user", session ORDER BY time RANGE UNBOUNDED PRECEDING) AS part
    FROM ordered
),
lengths AS (
    SELECT date, crawls, cut, count(*) AS events,
        (epoch_us(max(time)) - epoch_us(min(time))) // 1000000 AS seconds
    FROM (
        SELECT * REPLACE (0 AS part), 'given' AS cut FROM parts
        UNION ALL SELECT *, 'silence' FROM parts
    )
    GROUP BY date, crawls, cut, "user", session, part
),
counted AS (
    SELECT date, traffic, cut, count(*) AS n, sum(events)::BIGINT AS events,
        count(*) FILTER (events = 1) AS bounces, sum(seconds)::BIGINT AS seconds,
        list_sort(list(seconds)) AS durations
    FROM lengths,
    LATERAL (SELECT unnest(CASE WHEN crawls THEN ['all'] ELSE ['all', 'human'] END) AS traffic)
    GROUP BY ALL
)
SELECT c.date AS event_date, c.traffic, c.cut, d.breakdown, d.value AS breakdown_value,
    c.n AS session_count, c.events AS event_count, c.bounces AS bounce_count,
    c.seconds AS duration_seconds,
    c.seconds / c.n AS mean_seconds,
    c.durations[(c.n + 1) // 2] AS median_seconds,
    c.durations[(c.n * 95 + 99) // 100] AS p95_seconds,
    c.events / c.n AS events_per_session,
    c.bounces / c.n AS bounce_rate,
    g.n AS given_session_count,
    c.n - g.n AS difference_count,
    (c.n - g.n) / g.n AS difference_rate
FROM counted c JOIN counted g ON g.date = c.date AND g.traffic = c.traffic AND g.cut = 'given',
    (VALUES ('all', 'all'), ('device_type', 'unknown'), ('source_channel', 'unknown'))
    d(breakdown, value)
ORDER BY ALL
"""

CARTS = """
WITH units AS (
    SELECT s.date, s.crawls, e."user", e.session, product,
        min(time) FILTER (type = 'cart') AS first_in,
        max(time) FILTER (type = 'cart') AS last_in,
        max(time) FILTER (type = 'remove_from_cart') AS taken_out,
        count(*) FILTER (type = 'purchase') > 0 AS bought
    FROM events e JOIN sessions s USING ("user", session)
    GROUP BY ALL HAVING first_in IS NOT NULL
),
put_in AS (
    SELECT "user", session, product, time, price, category_code, row_number() OVER (
        PARTITION BY "user", session, product ORDER BY time DESC, price DESC, category_code DESC
    ) AS place
    FROM events WHERE type = 'cart'
),
products AS (
    SELECT u.*, price, category_code,
        CASE WHEN bought THEN 'purchased' WHEN taken_out >= last_in THEN 'removed'
            ELSE 'abandoned' END AS fate
    FROM units u JOIN put_in USING ("user", session, product) WHERE place = 1
),
by_session AS (
    SELECT date, traffic, breakdown, value, "user", session,
        count(*) AS carted,
        count(*) FILTER (fate = 'purchased') AS purchased,
        count(*) FILTER (fate = 'removed') AS removed,
        count(*) FILTER (fate = 'abandoned') AS abandoned,
        sum(price) AS usd,
        coalesce(sum(price) FILTER (fate = 'abandoned'), 0) AS abandoned_usd
    FROM products,
    LATERAL (SELECT unnest(CASE WHEN crawls THEN ['all'] ELSE ['all', 'human'] END) AS traffic),
    LATERAL (SELECT unnest(pairs).b AS breakdown, unnest(pairs).v AS value FROM (SELECT [
        {'b': 'all', 'v': 'all'},
        {'b': 'category', 'v': category_code},
        {'b': 'category_level_1', 'v': string_split(category_code, '.')[1]},
        {'b': 'hour_of_day', 'v': strftime(first_in, '%H')}
    ] AS pairs))
    GROUP BY ALL
)
SELECT date AS event_date, traffic, breakdown, value AS breakdown_value,
    sum(carted)::BIGINT AS carted_count,
    sum(purchased)::BIGINT AS purchased_count,
    sum(removed)::BIGINT AS removed_count,
    sum(abandoned)::BIGINT AS abandoned_count,
    sum(usd)::DECIMAL(18, 2) AS carted_usd,
    sum(abandoned_usd)::DECIMAL(18, 2) AS abandoned_usd,
    sum(abandoned) / sum(carted) AS abandonment_rate,
    count(*) AS session_count,
    count(*) FILTER (abandoned > 0 AND purchased = 0) AS abandoned_session_count,
    count(*) FILTER (abandoned > 0 AND purchased = 0) / count(*) AS session_abandonment_rate
FROM by_session GROUP BY ALL ORDER BY event_date, traffic, breakdown, breakdown_value
"""

QUERIES_OF_SESSIONS = {"mart_sessions": SESSIONS, "mart_carts": CARTS}
