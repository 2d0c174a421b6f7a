"""The profile once more, by DuckDB from the text of landing objects alone.

Belongs here: SQL that shares nothing with the platform but the meaning of the columns. Not here:
comparing, making objects.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

ARRIVED = """
CREATE TABLE arrived AS
SELECT
    replace(event_time, ' UTC', '')::TIMESTAMP AS event_time,
    event_type,
    product_id::BIGINT AS product_id,
    category_id::BIGINT AS category_id,
    category_code,
    brand,
    price::DECIMAL(12, 2) AS price,
    user_id::BIGINT AS user_id,
    user_session
FROM read_csv(?, header = true, all_varchar = true, delim = ',', quote = '"',
              strict_mode = false, ignore_errors = true)
"""

COLUMNS = (
    "event_time event_type product_id category_id category_code brand price user_id user_session"
).split()
NAMED = ("event_type", "product_id", "category_id", "category_code", "brand", "price")
SHARES = {"p1": 0.01, "p5": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95, "p99": 0.99}
BINS = (
    (0, "0 or less", "price <= 0"),
    (1, "under 1", "price > 0 AND price < 1"),
    *(
        (number, f"{low} to {high}", f"price >= {low} AND price < {high}")
        for number, low, high in (
            (2, 1, 2),
            (3, 2, 5),
            (4, 5, 10),
            (5, 10, 20),
            (6, 20, 50),
            (7, 50, 100),
            (8, 100, 200),
            (9, 200, 500),
            (10, 500, 1000),
            (11, 1000, 2000),
            (12, 2000, 5000),
        )
    ),
    (13, "5000 or more", "price >= 5000"),
)

# (column, statistic, rank) -> (item, count, amount)
Statistics = dict[tuple[str, str, int], tuple[str | None, int | None, Decimal | None]]


def recount(objects: Iterable[Path], where: str = "true") -> Statistics:
    """The statistics that a profile should have.

    Args:
        objects: CSV objects of landing, without lines that are no event.
        where: the rows that are profiled, in SQL.
    """
    with duckdb.connect() as database:
        database.execute(ARRIVED, [[str(path) for path in objects]])
        database.execute(f"CREATE VIEW rows AS SELECT * FROM arrived WHERE {where}")

        def one(sql: str) -> Any:
            return database.execute(f"SELECT {sql} FROM rows").fetchone()[0]

        found: Statistics = {}
        total = one("count(*)")
        distinct = database.execute("SELECT count(*) FROM (SELECT DISTINCT * FROM rows)").fetchone()
        found["row", "row_count", 0] = (None, total, None)
        found["row", "duplicate_count", 0] = (None, total - distinct[0], None)
        for column in COLUMNS:
            per_value = database.execute(
                f"SELECT {column}::VARCHAR, count(*) FROM rows WHERE {column} IS NOT NULL "
                "GROUP BY ALL ORDER BY 2 DESC, 1"
            ).fetchall()
            counts = [count for _, count in per_value]
            found[column, "null_count", 0] = (None, total - sum(counts), None)
            found[column, "distinct_count", 0] = (None, len(counts), None)
            found[column, "single_count", 0] = (None, counts.count(1), None)
            found[column, "most_frequent_count", 0] = (None, max(counts, default=0), None)
            if column in NAMED:
                for rank, (value, count) in enumerate(per_value[:20], start=1):
                    found[column, "value_count", rank] = (value, count, None)
        for hour in range(24):
            if rows := one(f"count(*) FILTER (hour(event_time) = {hour})"):
                found["event_time", "hour_count", hour] = (f"{hour:02d}", rows, None)
        for rank, name, condition in BINS:
            if rows := one(f"count(*) FILTER ({condition})"):
                found["price", "histogram_count", rank] = (name, rows, None)
        amounts = {"minimum": one("min(price)"), "maximum": one("max(price)")}
        amounts["mean"] = Decimal(str(round(float(one("sum(price)")) / one("count(price)"), 4)))
        amounts |= {n: one(f"quantile_disc(price, {share})") for n, share in SHARES.items()}
        for name, amount in amounts.items():
            found["price", name, 0] = (None, None, amount)
        return found
