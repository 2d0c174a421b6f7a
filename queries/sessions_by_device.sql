-- How do devices and channels differ? Sums over dates; percentiles exist by date only.
SELECT
  breakdown,
  breakdown_value,
  SUM(session_count) AS session_count,
  CAST(SUM(event_count) AS DOUBLE) / NULLIF(SUM(session_count), 0) AS events_per_session,
  CAST(SUM(bounce_count) AS DOUBLE) / NULLIF(SUM(session_count), 0) AS bounce_rate,
  CAST(SUM(duration_seconds) AS DOUBLE) / NULLIF(SUM(session_count), 0) AS mean_seconds
FROM mart_sessions
WHERE traffic = 'human' AND cut = 'given' AND breakdown IN ('device_type', 'source_channel')
GROUP BY breakdown, breakdown_value
ORDER BY breakdown, session_count DESC
