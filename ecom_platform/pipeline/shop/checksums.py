"""Rows and a checksum of oltp_<table>, by date, as the lake holds them.

Belongs here: SQL over published files, that says what PostgreSQL says of the same rows. Not here:
PostgreSQL, comparing the two.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from ecom_platform.contracts.oltp import CURRENT_OLTP, SHOP_TABLES

if TYPE_CHECKING:
    from ecom_platform.contracts.oltp.shop import ShopTable
    from ecom_platform.contracts.table import TableContract
    from ecom_platform.lake.lake import Lake

# The time that the sums of a table are by; the others have none that stays.
DATE_OF = {"events": "event_time", "sessions": "started_at", "users": "created_at"}
Sums = dict[str, tuple[int, int]]


def sums_by_date(lake: Lake, table: str) -> Sums:
    """Rows and checksum by date; the date of tables without one is `all`."""
    query = "SELECT {date}, count(*), sum({checksum}) FROM {table} GROUP BY 1"
    rows = ask_rows(lake, table, CURRENT_OLTP, query)
    return {date: (count, int(checksum)) for date, count, checksum in rows}


def checksums_by_key(lake: Lake, table: str, date: str) -> dict[str, int]:
    """The checksum of every row of a date, by its key as text."""
    query = "SELECT {key}, {checksum} FROM {table} WHERE {date} = ?"
    return dict(ask_rows(lake, table, CURRENT_OLTP, query, [date]))


def ask_rows(
    lake: Lake, table: str, among: Mapping[str, TableContract], query: str, values: Any = ()
) -> list[Any]:
    """Ask for rows of a table of the shop, as the lake holds them.

    Args:
        lake: the lake.
        table: the shop's table.
        among: the lake's tables of the shop, by the shop's name.
        query: names the table `{table}`, a row's key as text `{key}`, the date that it is counted
            by `{date}`, and its checksum `{checksum}`.
        values: of the query, by their order or by their names.
    """
    # Loading the definitions, of which a check compares, needs no DuckDB.
    from ecom_platform.lake.sql import connect

    shop_table = SHOP_TABLES[table]
    key = ", ".join(f"CAST({column} AS VARCHAR)" for column in shop_table.key)
    # All parts are made from contracts.
    written = query.format(
        table=among[table].name,
        key=f"concat_ws(' ', {key})",
        date=_date(table),
        checksum=_checksum(shop_table),
    )
    with connect(lake, only=[among[table].name]) as connection:
        return connection.execute(written, values).fetchall()


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
