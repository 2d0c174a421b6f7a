-- Which channel, and which device, converts? Campaigns are judged by it. Human traffic only.
SELECT
  breakdown,
  breakdown_value,
  SUM(unit_count) AS session_count,
  CAST(SUM(strict_cart_count) AS DOUBLE) / NULLIF(SUM(viewed_count), 0)
    AS strict_view_to_cart_rate,
  CAST(SUM(strict_purchase_count) AS DOUBLE) / NULLIF(SUM(strict_cart_count), 0)
    AS strict_cart_to_purchase_rate,
  CAST(SUM(purchased_count) AS DOUBLE) / NULLIF(SUM(unit_count), 0) AS conversion_rate
FROM mart_funnel
WHERE traffic = 'human' AND unit = 'session' AND breakdown IN ('source_channel', 'device_type')
GROUP BY breakdown, breakdown_value
ORDER BY breakdown, session_count DESC
