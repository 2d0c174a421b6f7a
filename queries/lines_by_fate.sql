-- What became of every line that arrived, by the date of its event?
SELECT
  event_date,
  SUM(line_count) AS lines_read,
  SUM(fact_count) AS in_the_fact,
  SUM(duplicate_count) AS duplicates,
  SUM(rejected_count) AS rejected,
  SUM(malformed_count) AS no_event,
  SUM(superseded_count) AS superseded,
  SUM(pending_count) AS on_their_way
FROM row_ledger
GROUP BY event_date
ORDER BY event_date
