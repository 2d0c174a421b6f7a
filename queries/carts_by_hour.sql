-- At which hour (UTC) are products put into carts that are then abandoned?
SELECT
  CAST(breakdown_value AS INTEGER) AS hour_of_day,
  SUM(carted_count) AS carted_product_count,
  SUM(abandoned_count) AS abandoned_product_count,
  CAST(SUM(abandoned_count) AS DOUBLE) / NULLIF(SUM(carted_count), 0) AS cart_abandonment_rate,
  SUM(abandoned_usd) AS abandoned_usd
FROM mart_carts
WHERE traffic = 'all' AND breakdown = 'hour_of_day'
GROUP BY breakdown_value
ORDER BY hour_of_day
