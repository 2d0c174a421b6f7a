-- How many sessions has a user, and how long are they? No user is named.
SELECT
  session_count AS sessions_of_a_user,
  COUNT(*) AS users,
  AVG(mean_session_seconds) AS mean_of_their_mean_seconds
FROM mart_users
WHERE NOT is_crawler_like
GROUP BY session_count
ORDER BY session_count
