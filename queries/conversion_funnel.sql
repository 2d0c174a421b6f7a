-- How many sessions go from view to cart to purchase, by date? Loosely, and in order.
SELECT
  event_date,
  SUM(unit_count) AS session_count,
  SUM(viewed_count) AS viewing_session_count,
  SUM(loose_cart_count) AS loose_cart_session_count,
  SUM(loose_purchase_count) AS loose_purchase_session_count,
  SUM(strict_cart_count) AS strict_cart_session_count,
  SUM(strict_purchase_count) AS strict_purchase_session_count,
  SUM(purchased_count) AS purchasing_session_count,
  CAST(SUM(purchased_count) AS DOUBLE) / NULLIF(SUM(unit_count), 0) AS conversion_rate
FROM mart_funnel
WHERE traffic = 'all' AND unit = 'session' AND breakdown = 'all'
GROUP BY event_date
ORDER BY event_date
