"""Reading the shop's database as it is at one point in its log, to count its rows.

Belongs here: opening it for whoever compares. Not here: SQL of the counts (checksums.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from ecom_platform.errors import OltpFailed
from ecom_platform.oltp.connection import connect

if TYPE_CHECKING:
    import datetime as dt

    import psycopg

    from ecom_platform.oltp.checksums import CheckedTable
    from ecom_platform.settings import Settings

Described = Sequence[Mapping[str, Any]]

# A server that follows another one has no place in the log of its own, and refuses.
_POINT = "SELECT pg_current_wal_lsn()::text, clock_timestamp()"


class ShopReader:
    """Sums and checksums of the shop's tables, as one connection sees them.

    Attributes:
        point: the place in the log up to which it sees what was committed.
        point_at: the database's time there.
    """

    def __init__(
        self, connection: psycopg.Connection[Any], tables: Described, point: str | None = None
    ) -> None:
        """Take the point, and with it the view that everything else is counted in.

        Args:
            connection: sees all tables at one moment; nothing was asked of it yet.
            tables: the fields of a `CheckedTable` each; a column is its name and its kind.
            point: where the connection is known to be in the log; None to ask.

        Raises:
            OltpFailed: the server only follows another one, or refuses.
        """
        from ecom_platform.oltp.checksums import CheckedColumn, CheckedTable

        self._connection = connection
        with _told():
            found = connection.execute(_POINT).fetchone()
        assert found is not None
        self.point: str = point or found[0]
        self.point_at: dt.datetime = found[1]
        self._tables: dict[str, CheckedTable] = {}
        for fields in tables:
            columns = [CheckedColumn(*column) for column in fields["columns"]]
            table = CheckedTable(**{**fields, "columns": columns})
            self._tables[table.name] = table

    def sums_by_date(self, table: str) -> dict[str, tuple[int, int]]:
        """Rows and checksum by date; the date of tables without one is `all`."""
        from ecom_platform.oltp import checksums
        from ecom_platform.oltp.migrate import SCHEMA

        with _told():
            return checksums.sums_by_date(self._connection, SCHEMA, self._tables[table])

    def checksums_by_key(self, table: str, date: str) -> dict[str, int]:
        """The checksum of every row of a date, by its key as text."""
        from ecom_platform.oltp import checksums
        from ecom_platform.oltp.migrate import SCHEMA

        with _told():
            return checksums.checksums_by_key(self._connection, SCHEMA, self._tables[table], date)


@contextmanager
def _told() -> Iterator[None]:
    """Let what the server refuses be one line."""
    import psycopg

    try:
        yield
    except psycopg.Error as fault:
        reason = " ".join(str(fault).split())
        raise OltpFailed(
            f"the shop's database cannot be compared: {reason}; ECOM_OLTP_URL must name the server "
            "that is written to, and a user who may read the schema shop"
        ) from None


def shop_opener(
    settings: Settings,
) -> Callable[[Described], AbstractContextManager[ShopReader]] | None:
    """What opens the database that ECOM_OLTP_URL names; None if it names none."""
    if settings.oltp_url is None:
        return None
    return partial(_open, settings.oltp_url.get_secret_value())


@contextmanager
def _open(url: str, tables: Described) -> Iterator[ShopReader]:
    with connect(url) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield ShopReader(connection, tables)
