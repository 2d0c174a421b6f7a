-- What is left in carts, and what is it worth? By category, over all dates.
SELECT
  breakdown_value AS category_name,
  SUM(carted_count) AS carted_product_count,
  SUM(abandoned_count) AS abandoned_product_count,
  CAST(SUM(abandoned_count) AS DOUBLE) / NULLIF(SUM(carted_count), 0) AS cart_abandonment_rate,
  SUM(abandoned_usd) AS abandoned_usd
FROM mart_carts
WHERE traffic = 'all' AND breakdown = 'category'
GROUP BY breakdown_value
ORDER BY abandoned_usd DESC, category_name
LIMIT 50
