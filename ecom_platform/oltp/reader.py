"""Reading the shop's database as it is at one moment, to count its rows.

Belongs here: opening it for whoever compares. Not here: SQL of the counts (checksums.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from ecom_platform.oltp.connection import connect

if TYPE_CHECKING:
    import psycopg

    from ecom_platform.oltp.checksums import CheckedTable
    from ecom_platform.settings import Settings

Described = Sequence[Mapping[str, Any]]


class ShopReader:
    """Sums and checksums of the shop's tables, as one connection sees them.

    Args:
        connection: sees them all at one moment.
        tables: the fields of a `CheckedTable` each; a column is its name and its kind.
    """

    def __init__(self, connection: psycopg.Connection[Any], tables: Described) -> None:
        from ecom_platform.oltp.checksums import CheckedColumn, CheckedTable

        self._connection = connection
        self._tables: dict[str, CheckedTable] = {}
        for fields in tables:
            columns = [CheckedColumn(*column) for column in fields["columns"]]
            table = CheckedTable(**{**fields, "columns": columns})
            self._tables[table.name] = table

    def sums_by_date(self, table: str) -> dict[str, tuple[int, int]]:
        """Rows and checksum by date; the date of tables without one is `all`."""
        from ecom_platform.oltp import checksums
        from ecom_platform.oltp.migrate import SCHEMA

        return checksums.sums_by_date(self._connection, SCHEMA, self._tables[table])

    def checksums_by_key(self, table: str, date: str) -> dict[str, int]:
        """The checksum of every row of a date, by its key as text."""
        from ecom_platform.oltp import checksums
        from ecom_platform.oltp.migrate import SCHEMA

        return checksums.checksums_by_key(self._connection, SCHEMA, self._tables[table], date)


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
