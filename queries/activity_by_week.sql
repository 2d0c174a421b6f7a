-- How does each ISO week compare with the week before? A change is that of the sums, and only
-- of dates that have one seven days before.
SELECT
  iso_week,
  event_type,
  COUNT(DISTINCT event_date) AS dates,
  SUM(event_count) AS event_count,
  CAST(SUM(CASE WHEN previous_week_event_count IS NOT NULL THEN event_count END) AS DOUBLE)
    / NULLIF(SUM(previous_week_event_count), 0) - 1 AS change
FROM mart_activity
WHERE traffic = 'all'
GROUP BY iso_week, event_type
ORDER BY iso_week, event_type
