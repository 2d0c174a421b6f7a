"""Manifests: the lists of files in which a table's versions are written down.

Belongs here: what only manifests know of files, and keeping them few. Not here: data files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyiceberg.exceptions import CommitFailedException

if TYPE_CHECKING:
    from pyiceberg.table import Table

# Reading a version takes as long as its manifests are many; a commit adds two or three of them.
MANY_MANIFESTS = 20


def count_manifests(table: Table) -> int:
    """How many manifests the table's version consists of."""
    snapshot = table.current_snapshot()
    return len(snapshot.manifests(table.io)) if snapshot else 0


def committed_in(table: Table) -> dict[str, int]:
    """For every file of the table's version, by location, the sequence number of its snapshot.

    The larger the number, the later the file was committed.
    """
    snapshot = table.current_snapshot()
    return {
        str(entry.data_file.file_path): entry.sequence_number or 0
        for manifest in (snapshot.manifests(table.io) if snapshot else ())
        for entry in manifest.fetch_manifest_entry(table.io, discard_deleted=True)
    }


def merge_manifests(table: Table, properties: dict[str, str]) -> bool:
    """Write many manifests into few, in a snapshot that changes no file.

    Overwrites never merge theirs, and keep those that only say what was removed long ago; an
    append merges, also one of nothing. It conflicts with no other commit.

    Args:
        table: the table.
        properties: written into the snapshot.

    Returns:
        Whether there were many, and they were merged.
    """
    if count_manifests(table) < MANY_MANIFESTS:
        return False
    transaction = table.transaction()
    transaction.update_snapshot(snapshot_properties=properties).merge_append().commit()
    try:
        transaction.commit_transaction()
    except CommitFailedException:
        return False  # others commit all the time; next time
    return True
