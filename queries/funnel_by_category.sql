-- Where do products get lost on the way? By category, one product in one session a unit.
SELECT
  breakdown_value AS category_name,
  SUM(viewed_count) AS viewed,
  SUM(strict_cart_count) AS carted_after_view,
  SUM(strict_purchase_count) AS purchased_after_cart,
  CAST(SUM(strict_purchase_count) AS DOUBLE) / NULLIF(SUM(viewed_count), 0) AS view_to_purchase
FROM mart_funnel
WHERE traffic = 'all' AND unit = 'product_session' AND breakdown = 'category'
GROUP BY breakdown_value
ORDER BY viewed DESC
LIMIT 50
