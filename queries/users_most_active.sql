-- Who is most active, and what are they worth? Names users: not for everyone's eyes.
SELECT
  user_id,
  active_days,
  session_count AS sessions,
  event_count AS events,
  order_count AS orders,
  revenue_usd AS revenue,
  recency_score,
  frequency_score,
  monetary_score
FROM mart_users
WHERE NOT is_crawler_like
ORDER BY events DESC, user_id
LIMIT 100
