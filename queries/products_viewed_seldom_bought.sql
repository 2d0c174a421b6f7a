-- Which products are viewed most and convert least? Ordered by the upper end of the 95 % Wilson
-- interval of all dates together, so that few views alone put no product here.
WITH sums AS (
  SELECT
    product_id,
    SUM(view_session_count) AS view_sessions,
    CAST(SUM(converted_session_count) AS DOUBLE) / NULLIF(SUM(view_session_count), 0) AS p,
    -- z * z / n, of which the interval is made; z is 1.96.
    CAST(3.8416 AS DOUBLE) / SUM(view_session_count) AS w
  FROM mart_products
  WHERE traffic = 'human'
  GROUP BY product_id
  HAVING SUM(view_session_count) >= 100
)
SELECT
  product_id,
  view_sessions,
  p AS converted,
  CAST(p + w * 0.5 + SQRT(w * (p * (1 - p) + w * 0.25)) AS DOUBLE) / (1 + w) AS converted_at_most
FROM sums
ORDER BY converted_at_most, view_sessions DESC
LIMIT 50
