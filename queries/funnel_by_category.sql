-- Where do products get lost on the way? By category, one product in one session a unit.
SELECT
  breakdown_value AS category_name,
  SUM(viewed_count) AS viewing_product_session_count,
  SUM(strict_cart_count) AS strict_cart_product_session_count,
  SUM(strict_purchase_count) AS strict_purchase_product_session_count,
  CAST(SUM(strict_purchase_count) AS DOUBLE) / NULLIF(SUM(viewed_count), 0)
    AS product_session_strict_view_to_purchase_rate
FROM mart_funnel
WHERE traffic = 'all' AND unit = 'product_session' AND breakdown = 'category'
GROUP BY breakdown_value
ORDER BY viewing_product_session_count DESC
LIMIT 50
