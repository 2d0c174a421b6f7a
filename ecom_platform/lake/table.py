"""A table of the lake: the files that make up its published version, and commits to it.

Belongs here: reading manifests and committing files. Not here: which files should change.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from pyiceberg.conversions import from_bytes
from pyiceberg.exceptions import CommitFailedException, ValidationException
from pyiceberg.expressions import AlwaysTrue, And, BooleanExpression, In
from pyiceberg.io.pyarrow import parquet_file_to_data_file
from pyiceberg.types import DateType, TimestamptzType
from pyiceberg.utils.datetime import days_to_date, micros_to_timestamptz

from ecom_platform.errors import PublishConflict
from ecom_platform.lake.changes import COMPACT, OPERATION, after_compaction, changes_since

if TYPE_CHECKING:
    from pyiceberg.manifest import DataFile
    from pyiceberg.schema import Schema
    from pyiceberg.table import Table
    from pyiceberg.table.snapshots import Summary
    from pyiceberg.types import IcebergType, PrimitiveType

    from ecom_platform.contracts.table import TableContract

# Each is repeated by the library a few times, too, while others commit to the same table.
_MOST_ATTEMPTS = 3
_REMEDY = "run it again to publish what is still stale"


@dataclass(frozen=True)
class TableFile:
    """One data file of a published version, with what its manifest knows of it."""

    data_file: DataFile
    schema: Schema

    @property
    def location(self) -> str:
        """Where the file lies, as the catalog records it."""
        return str(self.data_file.file_path)

    @property
    def path(self) -> str:
        """Where the file lies, as engines on this machine read it."""
        return str(self.data_file.file_path).removeprefix("file://")

    @property
    def row_count(self) -> int:
        """Rows in the file."""
        return int(self.data_file.record_count)

    @property
    def byte_count(self) -> int:
        """Size of the file in bytes."""
        return int(self.data_file.file_size_in_bytes)

    @cached_property
    def event_date(self) -> dt.date | None:
        """The date of its rows: the file's partition."""
        value = self.data_file.partition[0]
        return days_to_date(value) if isinstance(value, int) else value

    @cached_property
    def columns(self) -> frozenset[str]:
        """The columns that the file has; one that was written before a column came has it not."""
        counted = self.data_file.value_counts or {}
        return frozenset(f.name for f in self.schema.fields if f.field_id in counted)

    def bounds(self, column: str) -> tuple[Any, Any]:
        """The smallest and largest value of a column in the file; (None, None) if all null."""
        field = self.schema.find_field(column)
        lower = (self.data_file.lower_bounds or {}).get(field.field_id)
        upper = (self.data_file.upper_bounds or {}).get(field.field_id)
        if lower is None or upper is None:
            return None, None
        return _decode(field.field_type, lower), _decode(field.field_type, upper)

    @cached_property
    def hours(self) -> tuple[int, ...]:
        """The hours of its date that the file may hold, from the bounds of event_time."""
        first, last = self.bounds("event_time")
        return tuple(range(first.hour, last.hour + 1)) if first else ()

    def only(self, column: str) -> Any:
        """The one value that a column has throughout the file, or None if there are several."""
        lower, upper = self.bounds(column)
        return lower if lower == upper else None


@dataclass(frozen=True)
class Snapshot:
    """One committed version of a table."""

    snapshot_id: int
    sequence_number: int


class TableVersion:
    """A table as it stood when this object was made; commits are checked against that version.

    Whoever replaces rows takes the version before reading the inputs: if another run replaces
    the same slice in between, the commit is refused instead of undoing that run's work.
    """

    def __init__(self, table: Table, contract: TableContract) -> None:
        self._table = table
        self.contract = contract

    @property
    def iceberg(self) -> Table:
        """The pyiceberg table, for what has no wrapper here."""
        return self._table

    def files(
        self,
        dates: Iterable[dt.date] | None = None,
        where: BooleanExpression | None = None,
        snapshot_id: int | None = None,
    ) -> list[TableFile]:
        """The data files of this version, from its manifests alone.

        Args:
            dates: only files of these event dates; None for all.
            where: a further filter, decided by the files' bounds.
            snapshot_id: an older version; None for this one.
        """
        condition: BooleanExpression = where or AlwaysTrue()
        if dates is not None:
            wanted = sorted(set(dates))
            if not wanted:
                return []
            condition = And(condition, In("event_date", [d.isoformat() for d in wanted]))
        schema = self._table.schema()
        plan = self._table.scan(row_filter=condition, snapshot_id=snapshot_id).plan_files()
        return [TableFile(task.file, schema) for task in plan]

    def commit(
        self,
        *,
        remove: Iterable[TableFile],
        add: Iterable[str],
        replaces: BooleanExpression,
        properties: dict[str, str],
        restore: Iterable[TableFile] = (),
    ) -> Snapshot:
        """Replace files in one snapshot: readers see all of it or nothing.

        Args:
            remove: files of this version that go.
            add: paths of staged Parquet files that come.
            replaces: what the change is about; another run's change to it is a conflict.
            properties: written into the snapshot (run, asset, partition).
            restore: files of an older version that come back.

        A compaction of the same slice is no conflict: its rows are what they were. Nor is a commit
        that the catalog refused while nothing of the slice changed: it is tried again a few times.

        Raises:
            PublishConflict: another run changed the same slice since this version.
        """
        base = self._table.current_snapshot()
        removed, added = [file.data_file for file in remove], list(add)
        restored = [file.data_file for file in restore]
        attempts = 0
        while True:
            attempts += 1
            try:
                return self._try_to_commit(removed, added, restored, replaces, properties)
            except (CommitFailedException, ValidationException) as conflict:
                changes = changes_since(self._table.refresh(), base, replaces)
                if not changes and attempts < _MOST_ATTEMPTS:
                    continue
                files = None
                # Two compactions of the same files would only do the same work twice.
                if properties.get(OPERATION) != COMPACT and _are_compactions(changes):
                    files = after_compaction(self._table, base, replaces, removed)
                if files is None:
                    runs = [change["ecom.run_id"] or "unknown" for change in changes]
                    told = self._conflict_message(properties, runs, conflict)
                    raise PublishConflict(told) from conflict
                removed, base = files, self._table.current_snapshot()

    def _try_to_commit(
        self,
        remove: Iterable[DataFile],
        add: Iterable[str],
        restore: Iterable[DataFile],
        replaces: BooleanExpression,
        properties: dict[str, str],
    ) -> Snapshot:
        transaction = self._table.transaction()
        update = transaction.update_snapshot(snapshot_properties=properties).overwrite()
        for file in remove:
            update.delete_data_file(file)
        for file in restore:
            update.append_data_file(file)
        for path in add:
            update.append_data_file(
                parquet_file_to_data_file(self._table.io, self._table.metadata, path)
            )
        update.delete_by_predicate(replaces)
        update.commit()
        transaction.commit_transaction()
        committed = self._table.metadata.snapshot_by_id(update.snapshot_id)
        assert committed is not None  # the commit above has just made it
        return Snapshot(committed.snapshot_id, committed.sequence_number or 0)

    def _conflict_message(
        self, properties: dict[str, str], others: list[str], cause: Exception
    ) -> str:
        run, slice_ = f"run {properties.get('ecom.run_id')}", properties.get("ecom.slice")
        if others:
            named = " and ".join(f"run {other}" for other in dict.fromkeys(others))
            what = f"{run} and {named} published {slice_} at the same time; the former gave way, "
        else:
            what = f"{run} could not publish {slice_}, because the catalog refused it: {cause}; "
        return f"{self.contract.name}: {what}nothing is lost: {_REMEDY}"


def _are_compactions(changes: Sequence[Summary]) -> bool:
    return bool(changes) and all(change[OPERATION] == COMPACT for change in changes)


def _decode(kind: IcebergType, encoded: bytes) -> Any:
    value: Any = from_bytes(cast("PrimitiveType", kind), encoded)
    if isinstance(kind, TimestamptzType):
        return micros_to_timestamptz(value)
    return days_to_date(value) if isinstance(kind, DateType) else value
