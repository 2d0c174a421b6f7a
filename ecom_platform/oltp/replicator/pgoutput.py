"""The messages of PostgreSQL's logical replication (plugin pgoutput, protocol version 1), decoded.

Belongs here: bytes into messages. Not here: where they come from, what becomes of them.

The layout is documented under "Logical Replication Message Formats" in PostgreSQL's manual.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

# A value as text; None is NULL. UNCHANGED: a long value that an update left alone is not sent.
Value = str | None
UNCHANGED = "\0unchanged"  # no text of PostgreSQL holds a NUL

_COMMIT = struct.Struct(">bqqq")
_OID = struct.Struct(">i")
_SHORT = struct.Struct(">h")
_COLUMN = struct.Struct(">ii")
# Seconds from 1970 to 2000, where PostgreSQL's time begins.
_EPOCH_MICROSECONDS = 946_684_800 * 1_000_000


class UnknownMessageError(ValueError):
    """A message of a kind or shape that protocol version 1 does not have."""


@dataclass(frozen=True)
class SourceColumn:
    """A column of a source table: `type_oid` and `modifier` as in pg_attribute."""

    name: str
    type_oid: int
    modifier: int
    is_key: bool


@dataclass(frozen=True)
class Relation:
    """A source table as it is from here on.

    Of a table whose identity is the whole row every column is said to be of the key.
    """

    oid: int
    schema: str
    table: str
    is_whole_row: bool
    columns: tuple[SourceColumn, ...]


@dataclass(frozen=True)
class Begin:
    """A transaction follows."""


@dataclass(frozen=True)
class Commit:
    """It was committed: at microseconds since 1970; `end_lsn` is where the next one may begin."""

    end_lsn: int
    committed_us: int


@dataclass(frozen=True)
class RowChange:
    """A row was inserted, updated or deleted.

    Attributes:
        oid: Of the table.
        kind: I, U or D.
        old: The row before: None if it is not sent, the key alone, or everything.
        old_is_whole: Whether `old` is everything (REPLICA IDENTITY FULL).
        new: The row after; None for D.
    """

    oid: int
    kind: str
    old: tuple[Value, ...] | None
    old_is_whole: bool
    new: tuple[Value, ...] | None


@dataclass(frozen=True)
class Truncate:
    """Tables were emptied."""

    oids: tuple[int, ...]


Message = Relation | Begin | Commit | RowChange | Truncate


def decode(data: bytes) -> Message | None:
    """Decode one message; None for those that say nothing about rows (types, origins).

    Raises:
        UnknownMessageError: it is none of protocol version 1.
    """
    kind = data[:1]
    try:
        if kind in b"IUD" and kind:
            return _row_change(chr(kind[0]), data)
        if kind == b"B":
            return Begin()
        if kind == b"C":
            _, _, end_lsn, committed = _COMMIT.unpack_from(data, 1)
            return Commit(end_lsn, committed + _EPOCH_MICROSECONDS)
        if kind == b"R":
            return _relation(data)
        if kind == b"T":
            (count,) = _OID.unpack_from(data, 1)
            return Truncate(struct.unpack_from(f">{count}i", data, 6))
    except (struct.error, IndexError, ValueError) as fault:
        raise UnknownMessageError(f"message {kind!r} is cut or malformed: {fault}") from None
    if kind in (b"Y", b"O"):
        return None
    raise UnknownMessageError(f"message {kind!r} is none of pgoutput's protocol version 1")


def _row_change(kind: str, data: bytes) -> RowChange:
    (oid,) = _OID.unpack_from(data, 1)
    at, old, whole, new = 5, None, False, None
    if data[at : at + 1] in (b"K", b"O"):
        whole = data[at : at + 1] == b"O"
        old, at = _tuple(data, at + 1)
    if kind != "D":
        if data[at : at + 1] != b"N":
            raise ValueError(f"no new row at byte {at}")
        new, at = _tuple(data, at + 1)
    if at != len(data):
        raise ValueError(f"{len(data) - at} bytes are left over")
    return RowChange(oid, kind, old, whole, new)


def _tuple(data: bytes, at: int) -> tuple[tuple[Value, ...], int]:
    """A row of text values, and where it ends."""
    (count,) = _SHORT.unpack_from(data, at)
    at += 2
    values: list[Value] = []
    for _ in range(count):
        form = data[at]
        at += 1
        if form == 0x74:  # t: text
            (length,) = _OID.unpack_from(data, at)
            at += 4
            values.append(data[at : at + length].decode())
            at += length
        elif form == 0x6E:  # n: null
            values.append(None)
        elif form == 0x75:  # u: unchanged
            values.append(UNCHANGED)
        else:
            raise ValueError(f"a value of form {chr(form)!r}")
    return tuple(values), at


def _relation(data: bytes) -> Relation:
    (oid,) = _OID.unpack_from(data, 1)
    schema, at = _text(data, 5)
    table, at = _text(data, at)
    is_whole_row = data[at : at + 1] == b"f"
    (count,) = _SHORT.unpack_from(data, at + 1)
    at += 3
    columns = []
    for _ in range(count):
        is_key = bool(data[at] & 1)
        name, at = _text(data, at + 1)
        type_oid, modifier = _COLUMN.unpack_from(data, at)
        at += _COLUMN.size
        columns.append(SourceColumn(name, type_oid, modifier, is_key))
    return Relation(oid, schema or "pg_catalog", table, is_whole_row, tuple(columns))


def _text(data: bytes, at: int) -> tuple[str, int]:
    end = data.index(b"\0", at)
    return data[at:end].decode(), end + 1
