"""Rows and a checksum of the shop's tables, by date, as one connection sees them.

Belongs here: SQL that PostgreSQL answers. Not here: the same of the lake, comparing the two.

The checksum of a row is that of its columns as text, each with its length, so that no two rows look
alike; those of a date are added up, so that no order matters.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from psycopg import sql

if TYPE_CHECKING:
    import psycopg

_BLOCK = 64
Kind = Literal["plain", "time", "hidden"]


@dataclass(frozen=True)
class CheckedColumn:
    """A column and how it is written: as text, as a time, or as the hash that the lake holds."""

    name: str
    kind: Kind


@dataclass(frozen=True)
class CheckedTable:
    """A table to be summed up.

    Attributes:
        name: of the table.
        columns: all of them.
        key: columns of its key.
        date: a time whose date the sums are by; None for one sum.
        hash_key: of the hashes.
    """

    name: str
    columns: Sequence[CheckedColumn]
    key: Sequence[str]
    date: str | None
    hash_key: bytes


def sums_by_date(
    reader: psycopg.Connection[Any], schema: str, table: CheckedTable
) -> dict[str, tuple[int, int]]:
    """Rows and checksum by date; the date of tables without one is `all`."""
    query = sql.SQL("SELECT {}, count(*), sum({}) FROM {} GROUP BY 1").format(
        _date(table), _checksum(table), sql.Identifier(schema, table.name)
    )
    return {date: (rows, int(total)) for date, rows, total in reader.execute(query).fetchall()}


def checksums_by_key(
    reader: psycopg.Connection[Any], schema: str, table: CheckedTable, date: str
) -> dict[str, int]:
    """The checksum of every row of a date, by its key as text."""
    keys = [sql.SQL("{}::text").format(sql.Identifier(name)) for name in table.key]
    query = sql.SQL("SELECT concat_ws(' ', {}), {} FROM {} WHERE {} = {}").format(
        sql.SQL(", ").join(keys),
        _checksum(table),
        sql.Identifier(schema, table.name),
        _date(table),
        sql.Literal(date),
    )
    return {key: int(checksum) for key, checksum in reader.execute(query).fetchall()}


def _date(table: CheckedTable) -> sql.Composable:
    if table.date is None:
        return sql.Literal("all")
    return sql.SQL("to_char({}, 'YYYY-MM-DD')").format(sql.Identifier(table.date))


def _checksum(table: CheckedTable) -> sql.Composable:
    parts = [
        sql.SQL("coalesce(length({0}) || ':' || {0}, '-')").format(_text(column, table.hash_key))
        for column in table.columns
    ]
    digest = sql.SQL("md5({})").format(sql.SQL(" || ").join(parts))
    return sql.SQL("('x' || substr({}, 1, 15))::bit(60)::bigint").format(digest)


def _text(column: CheckedColumn, hash_key: bytes) -> sql.Composable:
    name = sql.Identifier(column.name)
    if column.kind == "time":
        return sql.SQL("to_char({}, 'YYYY-MM-DD HH24:MI:SS.US')").format(name)
    if column.kind == "hidden":
        return _hmac(name, hash_key)
    return sql.SQL("{}::text").format(name)


def _hmac(name: sql.Identifier, key: bytes) -> sql.Composable:
    """HMAC-SHA-256 (RFC 2104) of a text, which PostgreSQL has no function for, in hexadecimal."""
    if len(key) > _BLOCK:
        key = hashlib.sha256(key).digest()
    padded = key.ljust(_BLOCK, b"\0")
    inner, outer = (bytes(byte ^ pad for byte in padded) for pad in (0x36, 0x5C))
    return sql.SQL("encode(sha256({} || sha256({} || convert_to({}, 'UTF8'))), 'hex')").format(
        sql.Literal(outer), sql.Literal(inner), name
    )
