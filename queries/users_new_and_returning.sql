-- How many users come, for the first time or again? Users do not add up over dates.
SELECT
  event_date,
  user_count,
  new_user_count,
  returning_user_count,
  buyer_count,
  new_buyer_count
FROM mart_daily_users
WHERE traffic = 'all'
ORDER BY event_date
