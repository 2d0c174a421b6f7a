-- Which brands lead on the newest date, and which gained or lost places in a week?
SELECT
  event_date,
  revenue_rank,
  breakdown_value AS brand,
  revenue_usd,
  unit_count,
  buyer_count,
  average_order_value_usd,
  previous_week_rank,
  rank_change,
  revenue_change
FROM mart_sales
WHERE breakdown = 'brand'
  AND event_date = (SELECT MAX(event_date) FROM mart_sales)
ORDER BY revenue_rank
LIMIT 50
