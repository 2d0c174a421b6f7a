-- Of the products that sessions look at, how many are carted and purchased? By date, in order.
SELECT
  event_date,
  SUM(unit_count) AS product_session_count,
  SUM(viewed_count) AS viewing_product_session_count,
  SUM(strict_cart_count) AS strict_cart_product_session_count,
  SUM(strict_purchase_count) AS strict_purchase_product_session_count,
  CAST(SUM(strict_cart_count) AS DOUBLE) / NULLIF(SUM(viewed_count), 0)
    AS product_session_strict_view_to_cart_rate,
  CAST(SUM(purchased_count) AS DOUBLE) / NULLIF(SUM(unit_count), 0)
    AS product_session_conversion_rate
FROM mart_funnel
WHERE traffic = 'all' AND unit = 'product_session' AND breakdown = 'all'
GROUP BY event_date
ORDER BY event_date
