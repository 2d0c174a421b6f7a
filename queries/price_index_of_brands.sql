-- Which brands are dearer than the same categories? 120 is a fifth dearer.
SELECT
  event_date,
  breakdown_value AS brand,
  product_count,
  median_usd,
  price_index
FROM mart_prices
WHERE traffic = 'all' AND breakdown = 'brand' AND product_count >= 10
  AND event_date = (SELECT MAX(event_date) FROM mart_prices)
ORDER BY price_index DESC, brand
LIMIT 50
