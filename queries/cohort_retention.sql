-- Of the users who first came in a week, how many came again in each week after it?
SELECT
  cohort_start_date,
  week_number,
  cohort_user_count,
  active_user_count,
  retention_rate,
  is_complete
FROM mart_cohorts
WHERE traffic = 'all'
ORDER BY cohort_start_date, week_number
