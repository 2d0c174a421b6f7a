-- How many sessions, how long, how many events? By date; by their id, and cut at 30 minutes.
SELECT
  event_date,
  cut,
  session_count,
  difference_count AS more_than_by_id,
  events_per_session,
  bounce_rate,
  mean_seconds,
  median_seconds,
  p95_seconds
FROM mart_sessions
WHERE traffic = 'all' AND breakdown = 'all'
ORDER BY event_date, cut
