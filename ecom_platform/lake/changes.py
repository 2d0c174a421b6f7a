"""Changes: what became of some rows of a table since one of its versions.

Belongs here: comparing the files of snapshots. Not here: committing, or what follows from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyiceberg.expressions import BooleanExpression
    from pyiceberg.manifest import DataFile
    from pyiceberg.table import Table
    from pyiceberg.table.snapshots import Snapshot, Summary

# What a snapshot says of its kind; without it, it is a publication.
OPERATION = "ecom.operation"
COMPACT = "compact"
ROLL_BACK = "rollback"


def files_at(
    table: Table, snapshot: Snapshot | None, rows: BooleanExpression
) -> dict[str, DataFile]:
    """The files that may hold some rows at a snapshot, by location."""
    if snapshot is None:
        return {}
    plan = table.scan(row_filter=rows, snapshot_id=snapshot.snapshot_id).plan_files()
    return {str(task.file.file_path): task.file for task in plan}


def changes_since(table: Table, base: Snapshot | None, rows: BooleanExpression) -> list[Summary]:
    """What the snapshots say of themselves that changed some rows after another one."""
    before = files_at(table, base, rows).keys()
    changes = []
    for snapshot in table.snapshots():
        if base is None or (snapshot.sequence_number or 0) > (base.sequence_number or 0):
            after = files_at(table, snapshot, rows).keys()
            if after != before and snapshot.summary:
                changes.append(snapshot.summary)
            before = after
    return changes


def after_compaction(
    table: Table,
    base: Snapshot | None,
    rows: BooleanExpression,
    remove: Sequence[DataFile],
) -> list[DataFile] | None:
    """The files to be removed now that a compaction has put some of them together.

    Args:
        table: at its newest version.
        base: the version that the files are of.
        rows: what was to be replaced.
        remove: the files that were to be removed.

    Returns:
        None if the new files hold other rows too, or rows that were not to be removed.
    """
    before = files_at(table, base, rows)
    after = files_at(table, table.current_snapshot(), rows)
    gone = [file for path, file in before.items() if path not in after]
    new = [file for path, file in after.items() if path not in before]
    going = {str(file.file_path) for file in remove}
    if not going.issuperset(str(file.file_path) for file in gone) or _rows(gone) != _rows(new):
        return None
    return [file for file in remove if str(file.file_path) in after] + new


def _rows(files: Iterable[DataFile]) -> int:
    return sum(file.record_count for file in files)
