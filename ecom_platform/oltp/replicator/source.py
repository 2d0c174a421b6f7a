"""The database as the replicator sees it: its tables, its slot, its log.

Belongs here: SQL of replication, and faults with a remedy. Not here: files.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import psycopg
from psycopg import sql

from ecom_platform.errors import OltpFailed
from ecom_platform.oltp.connection import connect
from ecom_platform.oltp.replicator.pgoutput import SourceColumn

_LOCK_SECONDS = 15
# Values as text must not depend on what the server or the user chose.
_OPTIONS = "-c datestyle=ISO -c timezone=UTC -c extra_float_digits=3"
_COLUMNS = """
SELECT attname, atttypid::int8, atttypmod, EXISTS (
    SELECT FROM pg_index WHERE indrelid = attrelid AND indisprimary AND attnum = ANY (indkey))
FROM pg_attribute
WHERE attrelid = format('%%I.%%I', %s::text, %s::text)::regclass AND attnum > 0 AND NOT attisdropped
ORDER BY attnum
"""
_PEEK = """
SELECT data FROM pg_logical_slot_peek_binary_changes(
    %s, %s::pg_lsn, %s, 'proto_version', '1', 'publication_names', %s)
"""


def lsn_text(lsn: int) -> str:
    """A place in the log as PostgreSQL writes it: 0/16B3748."""
    return f"{lsn >> 32:X}/{lsn & 0xFFFFFFFF:X}"


def lsn_number(text: str) -> int:
    """A place in the log as a number."""
    high, low = text.split("/")
    return int(high, 16) << 32 | int(low, 16)


class Source:
    """One connection, with the lock that keeps a second replicator off the same slot.

    Args:
        url: Address of the database.
        slot: Name of the slot, of the publication, and of the lock.
        schema: Schema of the tables.

    Raises:
        OltpFailed: another replicator has the lock.
        OltpUnavailable: there is no connection.
    """

    def __init__(self, url: str, slot: str, schema: str) -> None:
        self._url, self.slot, self.schema = url, slot, schema
        self._connection = connect(url, autocommit=True, options=_OPTIONS)
        self._database = self._connection.info.dbname
        self._lock()

    def close(self) -> None:
        """End the connection, and so release the lock."""
        self._connection.close()

    def identity(self) -> str:
        """What tells this database from any other."""
        server = self.one("SELECT system_identifier FROM pg_control_system()")
        return f"{server}/{self._database}"

    def one(self, query: Any, *values: Any) -> Any:
        """The first value of a query's first row; None if there is none.

        Raises:
            OltpFailed: the server refuses.
        """
        rows = self._rows(query, values)
        return rows[0][0] if rows else None

    def tables(self) -> list[str]:
        """The tables of the schema.

        Raises:
            OltpFailed: there are none, or one has no key.
        """
        rows = self._rows(
            """SELECT relname::text, EXISTS (
                SELECT FROM pg_index WHERE indrelid = pg_class.oid AND indisprimary)
            FROM pg_class JOIN pg_namespace ON relnamespace = pg_namespace.oid
            WHERE nspname = %s AND relkind IN ('r', 'p') ORDER BY relname""",
            (self.schema,),
        )
        if not rows:
            raise OltpFailed(
                f"there is no table in the schema {self.schema!r}; first: ecom oltp up"
            )
        if keyless := [name for name, has_key in rows if not has_key]:
            raise OltpFailed(f"{', '.join(keyless)}: no primary key, so changes name no row")
        return [name for name, _ in rows]

    def columns(self, table: str) -> tuple[SourceColumn, ...]:
        """The columns of a table as they are now."""
        return tuple(SourceColumn(*row) for row in self._rows(_COLUMNS, (self.schema, table)))

    def key(self, table: str) -> frozenset[str]:
        """The columns of a table's primary key."""
        return frozenset(column.name for column in self.columns(table) if column.is_key)

    def publish(self, tables: Sequence[str]) -> None:
        """Let the log say of these tables what pgoutput is to send."""
        self._rows(sql.SQL("DROP PUBLICATION IF EXISTS {}").format(sql.Identifier(self.slot)))
        names = sql.SQL(", ").join(sql.Identifier(self.schema, table) for table in tables)
        self._rows(
            sql.SQL("CREATE PUBLICATION {} FOR TABLE {}").format(sql.Identifier(self.slot), names)
        )

    def confirmed_lsn(self) -> int | None:
        """How far the slot was advanced; None if there is none."""
        text = self.one(
            "SELECT confirmed_flush_lsn::text FROM pg_replication_slots WHERE slot_name = %s",
            self.slot,
        )
        return None if text is None else lsn_number(text)

    def drop_slot(self) -> None:
        """Remove the slot if there is one."""
        self._rows(
            """SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots
            WHERE slot_name = %s""",
            (self.slot,),
        )

    def new_slot(self) -> AbstractContextManager[tuple[int, psycopg.Connection[Any]]]:
        """Make the slot; gives where its changes begin, and a connection that sees the rows there.

        What the connection reads and what the slot will send have no gap and no overlap.
        """
        return _exported(self._url, f'"{self.slot}"')

    def peek(self, most: int, up_to: int | None = None) -> list[bytes]:
        """Messages of whole transactions after the slot's place, which stays.

        Args:
            most: Stop after the transaction in which so many changes are reached.
            up_to: Stop after the transaction that ends here or later.
        """
        place = None if up_to is None else lsn_text(up_to)
        with self._connection.cursor(binary=True) as cursor:
            try:
                cursor.execute(_PEEK, (self.slot, place, most, self.slot))
            except psycopg.Error as fault:
                raise _failed(fault) from None
            return [data for (data,) in cursor]

    def advance(self, lsn: int) -> None:
        """Let the server forget the log up to a place."""
        self._rows("SELECT pg_replication_slot_advance(%s, %s)", (self.slot, lsn_text(lsn)))

    def flushed_lsn(self) -> int:
        """How far the log is written."""
        return lsn_number(self.one("SELECT pg_current_wal_flush_lsn()::text"))

    def _lock(self) -> None:
        self._rows("SELECT set_config('lock_timeout', %s, false)", (f"{_LOCK_SECONDS}s",))
        try:
            self._connection.execute(
                "SELECT pg_advisory_lock(hashtextextended(%s, 0))", (self.slot,)
            )
        except psycopg.errors.LockNotAvailable:
            raise OltpFailed(
                f"another replicator runs on the slot {self.slot!r}; stop it, or choose --slot"
            ) from None

    def _rows(self, query: Any, values: Sequence[Any] | None = None) -> list[tuple[Any, ...]]:
        try:
            cursor = self._connection.execute(query, values)
            return cursor.fetchall() if cursor.description else []
        except psycopg.Error as fault:
            raise _failed(fault) from None


def frozen(url: str) -> AbstractContextManager[tuple[int, psycopg.Connection[Any]]]:
    """A point in the log, and a connection that sees the database as it was there.

    Whatever is committed meanwhile lies behind the point and is not seen.
    """
    # The server forgets a temporary slot when the connection that made it ends.
    return _exported(url, f'"frozen_{uuid.uuid4().hex}" TEMPORARY')


@contextmanager
def _exported(url: str, slot: str) -> Iterator[tuple[int, psycopg.Connection[Any]]]:
    # psycopg has no replication protocol; one command of it is plain text.
    with connect(url, autocommit=True, replication="database") as walsender:
        command = f"CREATE_REPLICATION_SLOT {slot} LOGICAL pgoutput (SNAPSHOT 'export')"
        try:
            made = psycopg.ClientCursor(walsender).execute(command.encode()).fetchone()
        except psycopg.Error as fault:
            raise _failed(fault) from None
        assert made is not None
        _, begins_at, snapshot, _ = (
            value.decode() if isinstance(value, bytes) else value for value in made
        )
        with connect(url, options=_OPTIONS) as reader:
            reader.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            reader.execute(sql.SQL("SET TRANSACTION SNAPSHOT {}").format(sql.Literal(snapshot)))
            yield lsn_number(begins_at), reader


def _failed(fault: psycopg.Error) -> OltpFailed:
    return OltpFailed(f"PostgreSQL refuses: {' '.join(str(fault).split())}")
