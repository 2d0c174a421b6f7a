-- Which categories sell most, over all dates?
SELECT
  breakdown_value AS category_name,
  SUM(revenue_usd) AS revenue_usd,
  SUM(unit_count) AS unit_count,
  SUM(order_count) AS order_count,
  CAST(SUM(revenue_usd) AS DOUBLE) / NULLIF(SUM(order_count), 0) AS average_order_value_usd,
  RANK() OVER (ORDER BY SUM(revenue_usd) DESC) AS revenue_rank
FROM mart_sales
WHERE breakdown = 'category'
GROUP BY breakdown_value
ORDER BY revenue_rank, category_name
LIMIT 50
