"""The marts of users once more, in SQL over the tables of mart_recount.py.

Belongs here: mart_users, mart_daily_users, mart_cohorts. Not here: marts by date.
"""

from __future__ import annotations

_AS_OF = "(SELECT max(date) FROM events)"


def _score(column: str) -> str:
    """How many bounds of fifths of the buyers a value exceeds."""
    return " + ".join(
        f"({column} > list_sort((SELECT list({column}) FROM users WHERE purchases > 0))"
        f"[(SELECT (count(*) * {n} + 4) // 5 FROM users WHERE purchases > 0)])::INT"
        for n in range(1, 5)
    )


USERS = f"""
WITH durations AS (
    SELECT "user", count(*) AS sessions, sum(seconds)::BIGINT AS seconds
    FROM (SELECT "user", session, (epoch_us(max(time)) - epoch_us(min(time))) // 1000000 AS seconds
        FROM events GROUP BY ALL)
    GROUP BY "user"
),
users AS (
    SELECT "user",
        min(date) AS first, max(date) AS last, count(DISTINCT date) AS days, count(*) AS events,
        count(*) FILTER (type = 'purchase') AS purchases,
        count(DISTINCT (session, date)) FILTER (type = 'purchase') AS orders,
        coalesce(sum(price) FILTER (type = 'purchase'), 0)::DECIMAL(18, 2) AS revenue,
        min(date) FILTER (type = 'purchase') AS first_bought,
        max(date) FILTER (type = 'purchase') AS last_bought,
        ({_AS_OF} - max(date) FILTER (type = 'purchase'))::INT AS since
    FROM events GROUP BY "user"
)
SELECT "user" AS user_id,
    "user" IN (SELECT "user" FROM session_dates WHERE crawls) AS is_crawler_like,
    first AS first_event_date, last AS last_event_date,
    (SELECT min(date) FROM session_dates s WHERE s."user" = users."user" AND NOT crawls)
        AS first_human_date,
    ({_AS_OF} - last)::INT AS recency_days, days AS active_days, days > 1 AS is_returning,
    sessions AS session_count, seconds AS session_seconds,
    seconds / sessions AS mean_session_seconds, events AS event_count,
    purchases AS purchase_count, orders AS order_count, revenue AS revenue_usd,
    first_bought AS first_purchase_date, last_bought AS last_purchase_date,
    since AS purchase_recency_days,
    CASE WHEN purchases > 0 THEN 5 - ({_score("since")}) END AS recency_score,
    CASE WHEN purchases > 0 THEN 1 + {_score("orders")} END AS frequency_score,
    CASE WHEN purchases > 0 THEN 1 + {_score("revenue")} END AS monetary_score,
    {_AS_OF} AS as_of_date
FROM users JOIN durations USING ("user") ORDER BY user_id
"""

_VISITS = """
visits AS (
    SELECT DISTINCT e.date, traffic, "user", type = 'purchase' AS bought
    FROM events e JOIN session_dates s USING ("user", session, date),
    LATERAL (SELECT unnest(CASE WHEN crawls THEN ['all'] ELSE ['all', 'human'] END) AS traffic)
)
"""

DAILY_USERS = f"""
WITH {_VISITS}
SELECT date AS event_date, traffic, count(DISTINCT "user") AS user_count,
    count(DISTINCT "user") FILTER (date = first) AS new_user_count,
    count(DISTINCT "user") FILTER (date > first) AS returning_user_count,
    count(DISTINCT "user") FILTER (bought) AS buyer_count,
    count(DISTINCT "user") FILTER (date = first_bought) AS new_buyer_count,
    {_AS_OF} AS as_of_date
FROM visits JOIN (
    SELECT traffic, "user", min(date) AS first, min(date) FILTER (bought) AS first_bought
    FROM visits GROUP BY ALL) USING (traffic, "user")
GROUP BY date, traffic ORDER BY event_date, traffic
"""

COHORTS = f"""
WITH {_VISITS},
weeks AS (
    SELECT traffic, "user", date_trunc('week', date)::DATE AS week, bought,
        min(date_trunc('week', date)::DATE) OVER (PARTITION BY traffic, "user") AS cohort
    FROM visits
),
paid AS (
    SELECT traffic, cohort, date_trunc('week', e.date)::DATE AS week, sum(price) AS usd
    FROM events e
    JOIN (SELECT DISTINCT traffic, "user", cohort FROM weeks) USING ("user")
    WHERE type = 'purchase' GROUP BY ALL
),
active AS (
    SELECT cohort, traffic, week, ((week - cohort) // 7)::INT AS number,
        count(DISTINCT "user") AS users, count(DISTINCT "user") FILTER (bought) AS buyers
    FROM weeks GROUP BY ALL
)
SELECT a.cohort AS cohort_start_date, a.traffic, a.number AS week_number,
    s.users AS cohort_user_count, a.users AS active_user_count,
    a.users / s.users AS retention_rate, a.buyers AS buyer_count,
    coalesce(usd, 0)::DECIMAL(18, 2) AS revenue_usd,
    a.week + 6 <= {_AS_OF} AS is_complete, {_AS_OF} AS as_of_date
FROM active a
JOIN active s ON s.cohort = a.cohort AND s.traffic = a.traffic AND s.number = 0
LEFT JOIN paid p ON p.traffic = a.traffic AND p.cohort = a.cohort AND p.week = a.week
ORDER BY cohort_start_date, a.traffic, week_number
"""

QUERIES_OF_USERS = {
    "mart_users": USERS,
    "mart_daily_users": DAILY_USERS,
    "mart_cohorts": COHORTS,
}
