-- What share of the sessions behaves like crawlers, and how would leaving them out change things?
SELECT
  event_date,
  SUM(CASE WHEN traffic = 'all' THEN unit_count ELSE 0 END) AS sessions_of_all,
  SUM(CASE WHEN traffic = 'human' THEN unit_count ELSE 0 END) AS sessions_without_crawlers,
  1 - CAST(SUM(CASE WHEN traffic = 'human' THEN unit_count ELSE 0 END) AS DOUBLE)
    / NULLIF(SUM(CASE WHEN traffic = 'all' THEN unit_count ELSE 0 END), 0) AS crawler_share
FROM mart_funnel
WHERE unit = 'session' AND breakdown = 'all'
GROUP BY event_date
ORDER BY event_date
