"""Lateness records: how long after they happened the events of every object were delivered.

Belongs here: recording and looking up lateness. Not here: measuring it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
from pyiceberg.exceptions import CommitFailedException, ValidationException
from pyiceberg.expressions import In

from ecom_platform.errors import PublishConflict
from ecom_platform.lake.journal import FOLD_AT_FILES

if TYPE_CHECKING:
    from ecom_platform.lake.table import TableVersion

# Runs that ingest other objects at the same time may be quicker; each attempt sees their rows.
_ATTEMPTS = 10


@dataclass(frozen=True)
class Lateness:
    """How late the rows of one version of an object for one event date were delivered."""

    source_object: str
    object_version: str
    event_date: dt.date
    row_count: int
    is_late: bool
    first_event_at: dt.datetime
    last_event_at: dt.datetime
    modified_at: dt.datetime
    ingested_at: dt.datetime
    delay_min_seconds: int
    delay_median_seconds: int
    delay_p95_seconds: int
    delay_max_seconds: int


class LatenessRecords:
    """The lateness of what is visible: an object's rows are replaced when it is read again."""

    def __init__(self, open_table: Callable[[], TableVersion]) -> None:
        """Make the records.

        Args:
            open_table: gives the newest version of the table.
        """
        self._open_table = open_table

    def replace(self, objects: Collection[str], entries: Iterable[Lateness]) -> None:
        """Record the lateness of some objects in place of what is recorded of them, in one commit.

        Args:
            objects: their keys, also of those that have no events any more.
            entries: their lateness by date.

        Raises:
            PublishConflict: other runs were quicker every time.
        """
        if not objects:
            return
        listed = [asdict(entry) for entry in entries]
        for _ in range(_ATTEMPTS):
            version = self._open_table()
            try:
                self._write(version, set(objects), listed)
            except (CommitFailedException, ValidationException):
                continue
            return
        raise PublishConflict(
            "landing_lateness: other runs recorded theirs at the same time, again and again; "
            "the objects stay pending: run it again"
        )

    def recorded(self, objects: Collection[str] | None = None) -> list[Lateness]:
        """What is recorded, by object and date.

        Args:
            objects: only of these keys; None for all.
        """
        table = self._open_table().iceberg
        scan = table.scan() if objects is None else table.scan(In("source_object", set(objects)))
        found = [Lateness(**row) for row in scan.to_arrow().to_pylist()]
        return sorted(found, key=lambda entry: (entry.source_object, entry.event_date))

    @staticmethod
    def _write(version: TableVersion, objects: set[str], entries: list[dict[str, object]]) -> None:
        table, schema = version.iceberg, version.contract.arrow_schema
        rows = pa.Table.from_pylist(entries, schema=schema)
        mine = In("source_object", objects)
        snapshot = table.current_snapshot()
        files = snapshot.summary["total-data-files"] if snapshot and snapshot.summary else None
        if int(files or 0) >= FOLD_AT_FILES:
            kept = [
                row
                for row in table.scan().to_arrow().to_pylist()
                if row["source_object"] not in objects
            ]
            table.overwrite(pa.concat_tables([pa.Table.from_pylist(kept, schema=schema), rows]))
        elif table.scan(mine, selected_fields=("source_object",)).count():
            table.overwrite(rows, overwrite_filter=mine)
        elif entries:
            table.append(rows)
