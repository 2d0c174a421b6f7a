-- What do categories cost on the newest date, and how did prices move in a week?
SELECT
  event_date,
  breakdown_value AS category_name,
  product_count,
  mean_usd,
  median_usd,
  spread_usd,
  previous_week_median_usd,
  matched_product_count,
  price_change
FROM mart_prices
WHERE traffic = 'all' AND breakdown = 'category'
  AND event_date = (SELECT MAX(event_date) FROM mart_prices)
ORDER BY product_count DESC, category_name
LIMIT 50
