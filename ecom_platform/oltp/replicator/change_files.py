"""Transactions into files of changes: which change goes into which file, in which order.

Belongs here: one file a table, layout and folder; names and sequences that only grow. Not here:
writing one file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ecom_platform.oltp.replicator.columns import Layout
from ecom_platform.oltp.replicator.files import DmsFile, FileRow
from ecom_platform.oltp.replicator.names import changes_folder, changes_name, moment
from ecom_platform.oltp.replicator.options import DmsSettings
from ecom_platform.oltp.replicator.transactions import Transaction


@dataclass(frozen=True)
class LastChange:
    """What the next names and sequences must exceed."""

    stamp: int
    sequence: int
    sequence_us: int


@dataclass
class _Group:
    """Rows of one file."""

    table: str
    layout: Layout
    folder: str
    rows: list[FileRow]


class ChangeFiles:
    """The files of one flush.

    Args:
        folder: Of the schema.
        settings: Of the task.
        last: Where the flush before this one ended; `last` moves on with what is written.
    """

    def __init__(self, folder: Path, settings: DmsSettings, last: LastChange) -> None:
        self._folder = folder
        self._settings = settings
        self.last = last

    def write(self, transactions: Iterable[Transaction]) -> int:
        """Write the changes of transactions; the same ones always give the same files.

        Returns:
            How many rows were written.
        """
        written = 0
        for group in self._groups(transactions):
            stamp = self.last.stamp + 1
            self.last = LastChange(stamp, self.last.sequence, self.last.sequence_us)
            name = changes_name(stamp, self._settings)
            path = self._folder / group.table / group.folder / name
            file = DmsFile(path, group.layout, self._settings, full_load=False)
            file.write(group.rows)
            file.finish()
            written += len(group.rows)
        return written

    def _groups(self, transactions: Iterable[Transaction]) -> Sequence[_Group]:
        """Files in the order of their first change; a new layout or date of a table is a new one.

        A table's open file takes the next change only if nothing of another layout or folder came
        between, so that the names of a table's files are in the order of their changes.
        """
        groups: list[_Group] = []
        latest: dict[str, _Group] = {}
        for table, layout, folder, row in self._rows(transactions):
            group = latest.get(table)
            if group is None or (group.layout, group.folder) != (layout, folder):
                group = latest[table] = _Group(table, layout, folder, [])
                groups.append(group)
            group.rows.append(row)
        return groups

    def _rows(
        self, transactions: Iterable[Transaction]
    ) -> Iterator[tuple[str, Layout, str, FileRow]]:
        ops = self._settings.ops_of_changes
        for transaction in transactions:
            at = transaction.committed_us
            folder = changes_folder(at, self._settings)
            for change in transaction.changes:
                sequence = self._next_sequence(at)
                if change.op in ops:
                    row = FileRow(change.op, at, sequence, change.values)
                    yield change.table, change.layout, folder, row

    def _next_sequence(self, committed_us: int) -> str:
        """35 digits like those of AR_H_CHANGE_SEQ: a time to the hundredth, and a counter.

        Commits may stand in the log in another order than that of their times: the time that is
        written never goes back.
        """
        self.last = LastChange(
            self.last.stamp, self.last.sequence + 1, max(self.last.sequence_us, committed_us)
        )
        at = moment(self.last.sequence_us)
        return f"{at:%Y%m%d%H%M%S}{at.microsecond // 10_000:02d}{self.last.sequence:019d}"
