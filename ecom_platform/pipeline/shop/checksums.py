"""Rows and a checksum of oltp_<table>, by date, as the lake holds them.

Belongs here: SQL over published files, that says what PostgreSQL says of the same rows. Not here:
PostgreSQL, comparing the two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from ecom_platform.contracts.oltp import CURRENT_OLTP, SHOP_TABLES

if TYPE_CHECKING:
    from ecom_platform.contracts.oltp.shop import ShopTable
    from ecom_platform.lake.lake import Lake

# The time that the sums of a table are by; the others have none that stays.
DATE_OF = {"events": "event_time", "sessions": "started_at", "users": "created_at"}
Sums = dict[str, tuple[int, int]]


def sums_by_date(lake: Lake, table: str) -> Sums:
    """Rows and checksum by date; the date of tables without one is `all`."""
    total = f"count(*), sum({_checksum(SHOP_TABLES[table])})"
    rows = _ask(lake, table, f"{_date(table)}, {total}", "GROUP BY 1")
    return {date: (count, int(checksum)) for date, count, checksum in rows}


def checksums_by_key(lake: Lake, table: str, date: str) -> dict[str, int]:
    """The checksum of every row of a date, by its key as text."""
    keys = ", ".join(f"CAST({column} AS VARCHAR)" for column in SHOP_TABLES[table].key)
    columns = f"concat_ws(' ', {keys}), {_checksum(SHOP_TABLES[table])}"
    rows = _ask(lake, table, columns, f"WHERE {_date(table)} = ?", date)
    return {key: int(checksum) for key, checksum in rows}


def _ask(lake: Lake, table: str, columns: str, rest: str, *values: str) -> list[Any]:
    # Loading the definitions, of which a check compares, needs no DuckDB.
    from ecom_platform.lake.sql import connect

    name = CURRENT_OLTP[table].name
    with connect(lake) as connection:
        # All parts are made from contracts.
        query = f"SELECT {columns} FROM {name} {rest}"  # noqa: S608
        return connection.execute(query, list(values)).fetchall()


def _date(table: str) -> str:
    column = DATE_OF.get(table)
    return f"strftime({column} AT TIME ZONE 'UTC', '%Y-%m-%d')" if column else "'all'"


def _checksum(shop_table: ShopTable) -> str:
    parts = []
    for field in shop_table.schema:
        text = f"CAST({field.name} AS VARCHAR)"
        if pa.types.is_timestamp(field.type):
            text = f"strftime({field.name} AT TIME ZONE 'UTC', '%Y-%m-%d %H:%M:%S.%f')"
        parts.append(f"coalesce(length({text}) || ':' || {text}, '-')")
    return f"CAST('0x' || substr(md5({' || '.join(parts)}), 1, 15) AS BIGINT)"
