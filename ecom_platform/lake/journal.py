"""Journals: small append-only tables in which the platform records what it did.

Belongs here: appending, reading and folding entries. Not here: what an entry means.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyiceberg.exceptions import CommitFailedException, ValidationException
from pyiceberg.expressions import AlwaysTrue
from pyiceberg.expressions.visitors import bind
from pyiceberg.io.pyarrow import ArrowScan, expression_to_pyarrow

if TYPE_CHECKING:
    from pyiceberg.expressions import BooleanExpression
    from pyiceberg.table import FileScanTask, Table

    from ecom_platform.lake.table import TableVersion

Entry = dict[str, Any]

# Every append leaves one small file. Reading stays quick while they are few.
FOLD_AT_FILES = 64

# A run that is just appending needs the version that it began with; it takes a moment.
KEPT_VERSIONS = 16


@dataclass(frozen=True)
class _Read:
    """What was read of a version: its files, and their entries."""

    version: str
    files: frozenset[str]
    entries: pa.Table


class Journal:
    """A table of entries that are only ever added; the newest entry of a key counts.

    Appends never conflict, so runs that work side by side need not wait for each other.
    """

    def __init__(
        self,
        open_table: Callable[[], TableVersion],
        still_counts: Callable[[list[Entry]], list[Entry]],
        remembered: Callable[[list[Entry]], list[Entry]] | None = None,
    ) -> None:
        """Make a journal.

        Args:
            open_table: gives the newest version of the journal's table.
            still_counts: keeps the entries that still say something.
            remembered: keeps those that folding must not drop; by default what still counts.
        """
        self._open_table = open_table
        self._still_counts = still_counts
        self._remembered = remembered or still_counts
        self._read: _Read | None = None

    def read(self, where: BooleanExpression | None = None) -> list[Entry]:
        """The entries that still count, in the order they were written."""
        return self._still_counts(self.read_all(where))

    def read_all(self, where: BooleanExpression | None = None) -> list[Entry]:
        """The entries that were not dropped yet, also those that newer ones have replaced."""
        iceberg = self._open_table().iceberg
        content = self._content(iceberg)
        if where is not None:
            bound = bind(iceberg.schema(), where, case_sensitive=True)
            content = content.filter(expression_to_pyarrow(bound))
        entries: list[Entry] = content.to_pylist()
        return entries

    def _content(self, iceberg: Table) -> pa.Table:
        """All entries of a version.

        A run asks for them a hundred times, and a scan costs thirty times what it costs to ask
        the catalog for the newest version. Most versions only add a file to the one before.
        """
        version, kept = iceberg.metadata_location, self._read
        if kept is None or kept.version != version:
            scan = iceberg.scan()
            tasks = {task.file.file_path: task for task in scan.plan_files()}
            if kept and kept.files <= tasks.keys():
                new = [task for path, task in tasks.items() if path not in kept.files]
                both = [kept.entries, _read(iceberg, new)]
                entries = pa.concat_tables(both, promote_options="permissive")
            else:
                entries = _read(iceberg, tasks.values())
            kept = self._read = _Read(version, frozenset(tasks), entries.combine_chunks())
        return kept.entries

    def append(self, entries: Sequence[Entry]) -> None:
        """Add entries in one commit."""
        if not entries:
            return
        version = self._open_table()
        version.iceberg.append(self._to_arrow(version, entries))
        snapshot = version.iceberg.current_snapshot()
        files = snapshot.summary["total-data-files"] if snapshot and snapshot.summary else None
        if int(files or 0) >= FOLD_AT_FILES:
            self.fold()

    def fold(self) -> None:
        """Write the entries that are remembered into one file, and forget older versions.

        Every version makes the next commit slower, and nobody reads a journal as it was.
        Another run may append meanwhile: then its entry wins and folding waits for next time.
        """
        version = self._open_table()
        entries = self._remembered(version.iceberg.scan().to_arrow().to_pylist())
        try:
            version.iceberg.overwrite(self._to_arrow(version, entries))
            versions = sorted(version.iceberg.snapshots(), key=lambda s: s.sequence_number or 0)
            older = [s.snapshot_id for s in versions[:-KEPT_VERSIONS]]
            version.iceberg.maintenance.expire_snapshots().by_ids(older).commit()
        except (CommitFailedException, ValidationException):
            return

    @staticmethod
    def _to_arrow(version: TableVersion, entries: Sequence[Entry]) -> pa.Table:
        return pa.Table.from_pylist(list(entries), schema=version.contract.arrow_schema)


def _read(iceberg: Table, tasks: Iterable[FileScanTask]) -> pa.Table:
    """The entries of some files."""
    return ArrowScan(iceberg.metadata, iceberg.io, iceberg.schema(), AlwaysTrue()).to_table(tasks)
