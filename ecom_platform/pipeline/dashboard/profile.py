"""The profile of the whole lake: what arrived, column by column, in all rows and in a sample.

Belongs here: what the page shows of eda_profile_lake. Not here: by day (cubes.py), computing it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecom_platform.contracts.marts.profile import (
    COLUMN_STATISTICS,
    PERSONAL_COLUMNS,
    PRICE_STATISTICS,
    ROW,
    SCOPES,
)
from ecom_platform.contracts.raw import SOURCE_COLUMNS
from ecom_platform.pipeline.dashboard.reading import Json, records

if TYPE_CHECKING:
    import duckdb

MOST_FREQUENT = 10


def read_profile(connection: duckdb.DuckDBPyConnection) -> Json:
    """The profile by scope; no value of users or sessions."""
    rows = records(connection, _PROFILE)
    by_scope = {scope: [row for row in rows if row["scope"] == scope] for scope in SCOPES}
    return {
        "as_of": rows[0]["as_of_date"] if rows else None,
        "scopes": {scope: _of_scope(found) for scope, found in by_scope.items() if found},
    }


def _of_scope(rows: list[Json]) -> Json:
    single = {(row["column_name"], row["statistic"]): row for row in rows if row["rank"] == 0}

    def count(column: str, statistic: str) -> int:
        return int(single.get((column, statistic), {}).get("counted") or 0)

    def listed(column: str, statistic: str) -> list[Json]:
        found = (r for r in rows if (r["column_name"], r["statistic"]) == (column, statistic))
        return [{"item": row["item"], "counted": row["counted"]} for row in found]

    ranked = [row for row in rows if row["statistic"] == "value_count"]
    return {
        "row_count": count(ROW, "row_count"),
        "duplicate_count": count(ROW, "duplicate_count"),
        "columns": [
            {"column_name": column} | {name: count(column, name) for name in COLUMN_STATISTICS}
            for column in SOURCE_COLUMNS
        ],
        "prices": {
            name: single[("price", name)]["amount_usd"]
            for name in PRICE_STATISTICS
            if ("price", name) in single
        },
        "event_types": listed("event_type", "value_count"),
        "histogram": listed("price", "histogram_count"),
        "hours": listed("event_time", "hour_count"),
        "frequent": [
            {name: row[name] for name in ("column_name", "item", "counted")}
            for row in ranked
            if row["rank"] <= MOST_FREQUENT and row["column_name"] not in PERSONAL_COLUMNS
        ],
    }


_PROFILE = """
SELECT scope, column_name, statistic, rank, item, counted, amount_usd, as_of_date
FROM eda_profile_lake ORDER BY scope, column_name, statistic, rank
"""
