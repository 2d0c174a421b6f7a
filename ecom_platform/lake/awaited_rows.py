"""Records of rows that are to be judged at a point in the log of the shop's database.

Belongs here: what is kept of such a point between two looks. Not here: comparing, judging.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
from pyiceberg.exceptions import CommitFailedException, ValidationException
from pyiceberg.expressions import EqualTo

from ecom_platform.errors import PublishConflict

if TYPE_CHECKING:
    from ecom_platform.lake.table import TableVersion

# What all rows of a table have in common.
_SHARED = ("point", "point_at", "awaited_from")


@dataclass(frozen=True)
class Awaited:
    """Rows of a table that the lake did not hold as the shop did at a point.

    Attributes:
        point: the place in the database's log.
        point_at: the database's time there.
        awaited_from: its time at the first point that could not be judged since one was.
        rows: the row's checksum in the shop, None where it had no such row, by the date that the
            row is counted by and the digest of its key.
    """

    point: str
    point_at: dt.datetime
    awaited_from: dt.datetime
    rows: Mapping[tuple[str, str], int | None]


class AwaitedRecords:
    """What is awaited, table by table."""

    def __init__(self, open_table: Callable[[], TableVersion]) -> None:
        """Make the records.

        Args:
            open_table: gives the newest version of their table.
        """
        self._open_table = open_table

    def of(self, shop_table: str) -> Awaited | None:
        """What is awaited of a table of the shop; None if nothing is."""
        mine = EqualTo("shop_table", shop_table)
        entries = self._open_table().iceberg.scan(row_filter=mine).to_arrow().to_pylist()
        if not entries:
            return None
        rows = {
            (entry["counted_under"], entry["key_digest"]): entry["checksum"] for entry in entries
        }
        shared = {name: entries[0][name] for name in _SHARED}
        return Awaited(rows=rows, **shared)

    def replace(self, shop_table: str, awaited: Awaited | None) -> None:
        """Record what is awaited of a table from now on, in one commit.

        Raises:
            PublishConflict: another look at the table was recorded at the same time.
        """
        version, mine = self._open_table(), EqualTo("shop_table", shop_table)
        entries = []
        if awaited:
            shared = {
                "shop_table": shop_table,
                **{name: getattr(awaited, name) for name in _SHARED},
            }
            entries = [
                {**shared, "counted_under": date, "key_digest": key, "checksum": checksum}
                for (date, key), checksum in awaited.rows.items()
            ]
        rows = pa.Table.from_pylist(entries, schema=version.contract.arrow_schema)
        try:
            if version.iceberg.scan(mine, selected_fields=("shop_table",)).count():
                version.iceberg.overwrite(rows, overwrite_filter=mine)
            else:
                version.iceberg.append(rows)
        except (CommitFailedException, ValidationException):
            raise PublishConflict(
                f"awaited_rows of {shop_table}: another look at the shop was recorded at the same "
                "time; execute the check again"
            ) from None
