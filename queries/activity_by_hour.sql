-- When is the shop busy? Events by weekday and hour (UTC), as the mean over the dates there are.
WITH weekdays AS (
  SELECT day_of_week, COUNT(DISTINCT event_date) AS dates
  FROM mart_activity
  WHERE traffic = 'all'
  GROUP BY day_of_week
)
SELECT
  day_of_week,
  hour_of_day,
  event_type,
  CAST(SUM(event_count) AS DOUBLE) / MAX(dates) AS mean_events
FROM mart_activity
JOIN weekdays USING (day_of_week)
WHERE traffic = 'human'
GROUP BY day_of_week, hour_of_day, event_type
ORDER BY event_type, day_of_week, hour_of_day
