"""Expiry: versions of a table that nobody needs any more, and files that nothing mentions.

Belongs here: forgetting snapshots, finding unreferenced files. Not here: when, deleting.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from pyiceberg.exceptions import CommitFailedException
from pyiceberg.serializers import FromInputFile

if TYPE_CHECKING:
    from pyiceberg.table import Table
    from pyiceberg.table.metadata import TableMetadata
    from pyiceberg.table.snapshots import Snapshot

    from ecom_platform.lake.storage import Storage, StoredFile

# Whoever took a version of a table may still read its files, and a rollback may bring them back:
# they are kept for this long after the version was forgotten.
GRACE = dt.timedelta(hours=1)
_ATTEMPTS = 5


def expired_snapshots(
    metadata: TableMetadata, before: dt.datetime, keep: Collection[int] = ()
) -> list[int]:
    """The snapshots that were replaced before a time: no reader as of a later time needs them.

    The time when a snapshot was made does not matter: one that was made long ago may have been
    the current one until yesterday.

    Args:
        metadata: of the table.
        before: the time.
        keep: snapshots that stay whatever their age.
    """
    protected = {ref.snapshot_id for ref in metadata.refs.values()} | set(keep)
    limit = before.timestamp() * 1000
    return [
        snapshot.snapshot_id
        for snapshot, successor in pairwise(in_order(metadata.snapshots))
        if successor.timestamp_ms < limit and snapshot.snapshot_id not in protected
    ]


def in_order(snapshots: Iterable[Snapshot]) -> list[Snapshot]:
    """Snapshots in the order in which they were committed."""
    return sorted(snapshots, key=lambda snapshot: snapshot.sequence_number or 0)


def expire_snapshots(table: Table, before: dt.datetime, keep: Collection[int] = ()) -> int:
    """Forget the snapshots that were replaced before a time; their files stay where they are.

    Returns:
        How many were forgotten.
    """
    for _ in range(_ATTEMPTS):
        expired = expired_snapshots(table.refresh().metadata, before, keep)
        if not expired:
            return 0
        # Another process may commit, or forget the same ones, at the same moment: look again.
        with contextlib.suppress(CommitFailedException, ValueError):
            table.maintenance.expire_snapshots().by_ids(expired).commit()
            return len(expired)
    return 0  # others are at it; what is left is for the next time


def unreferenced_files(
    storage: Storage, table: Table, now: dt.datetime, min_age: dt.timedelta
) -> list[StoredFile]:
    """Files of a table that no version of it mentions, nor did within the grace.

    Files of runs that were killed, refused files that were kept for inspection, files of
    forgotten snapshots, metadata that other commits replaced.

    Args:
        storage: where the files lie.
        table: the table.
        now: the present time.
        min_age: younger files may be those of a run that is about to commit them.
    """
    # Listed first: what is committed after that is mentioned by the metadata that are read next.
    below = f"{storage.root}/{table.name()[-1]}"
    stored = [file for file in storage.list(below) if now - file.modified_at >= min_age]
    if not stored:
        return []
    versions = _recent_versions(table.refresh(), now)
    if versions is None:
        return []
    mentioned = _mentioned(table, versions)
    return [file for file in stored if storage.uri(file.path) not in mentioned]


def _recent_versions(table: Table, now: dt.datetime) -> list[TableMetadata] | None:
    """The metadata of a table as they are, and as they were within the grace.

    Returns:
        None if the log of metadata does not reach back so far: then the table is too busy to say
        what somebody may still need.
    """
    log = table.metadata.metadata_log
    made = [*(entry.timestamp_ms for entry in log), table.metadata.last_updated_ms]
    since = (now - GRACE).timestamp() * 1000
    kept = int(table.properties.get("write.metadata.previous-versions-max", "100"))
    if len(log) >= kept and made[0] >= since:
        return None
    versions = [table.metadata]
    for entry, replaced_at in zip(log, made[1:], strict=True):
        if replaced_at >= since:
            try:
                versions.append(
                    FromInputFile.table_metadata(table.io.new_input(entry.metadata_file))
                )
            except FileNotFoundError:
                return None  # a commit has just removed it
    return versions


def _mentioned(table: Table, versions: Iterable[TableMetadata]) -> set[str]:
    """The locations of all files that some versions of a table's metadata mention."""
    locations = {table.metadata_location}
    snapshots: dict[int, Snapshot] = {}
    for version in versions:
        locations |= {entry.metadata_file for entry in version.metadata_log}
        snapshots |= {snapshot.snapshot_id: snapshot for snapshot in version.snapshots}
    return locations | set(_files_of(table, snapshots.values()))


def _files_of(table: Table, snapshots: Iterable[Snapshot]) -> Iterator[str]:
    seen: set[str] = set()
    for snapshot in snapshots:
        yield snapshot.manifest_list
        for manifest in snapshot.manifests(table.io):
            if manifest.manifest_path in seen:
                continue
            seen.add(manifest.manifest_path)
            yield manifest.manifest_path
            for entry in manifest.fetch_manifest_entry(table.io, discard_deleted=True):
                yield str(entry.data_file.file_path)
