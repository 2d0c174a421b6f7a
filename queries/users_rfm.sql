-- How are buyers spread over recency, frequency and monetary value?
SELECT
  recency_score,
  frequency_score,
  monetary_score,
  COUNT(*) AS buyers,
  SUM(revenue_usd) AS revenue
FROM mart_users
WHERE purchase_count > 0
GROUP BY recency_score, frequency_score, monetary_score
ORDER BY recency_score DESC, frequency_score DESC, monetary_score DESC
