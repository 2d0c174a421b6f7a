"""History: the versions of a table that are still there, and what each of them changed.

Belongs here: looking versions up. Not here: putting them back, showing them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from pyiceberg.expressions import EqualTo

from ecom_platform.contracts import TABLES
from ecom_platform.contracts.clean import CLEAN_EVENTS
from ecom_platform.contracts.raw import REJECTED_EVENTS
from ecom_platform.errors import CannotRollBack
from ecom_platform.lake.changes import OPERATION, files_at
from ecom_platform.lake.expiry import in_order

if TYPE_CHECKING:
    from pyiceberg.table.snapshots import Snapshot

    from ecom_platform.contracts.table import TableContract
    from ecom_platform.lake.lake import Lake
    from ecom_platform.lake.table import TableVersion

PUBLISH = "publish"


@dataclass(frozen=True)
class Change:
    """One version of a table.

    Attributes:
        snapshot_id: identifies it.
        committed_at: when it became visible.
        operation: publish, compact, merge manifests, rollback or release.
        slice_label: which dates or objects, in words.
        run_id: the run that committed it.
        rows_added, rows_removed: rows in files that came and went.
        row_count: rows of the table since then.
        is_current: whether it is what readers see now.
        kept_until: until when it can be read and put back; None for the current one, and for
            one that a hold needs: it stays until the release.
        note: why it was put back, and by whom.
    """

    snapshot_id: int
    committed_at: dt.datetime
    operation: str
    slice_label: str
    run_id: str
    rows_added: int
    rows_removed: int
    row_count: int
    is_current: bool
    kept_until: dt.datetime | None
    note: str


def table_history(
    lake: Lake, table_name: str, event_date: dt.date | None = None, limit: int | None = None
) -> list[Change]:
    """The versions of a table, the newest first.

    Args:
        lake: the lake.
        table_name: the table.
        event_date: only versions that changed the files of this date.
        limit: at most so many.

    Raises:
        CannotRollBack: there is no such table, or nothing was published in it.
    """
    return list(islice(_changes(lake, existing(lake, table_name), event_date), limit))


def contract_of(table_name: str) -> TableContract:
    """The contract of a table that a person named.

    Raises:
        CannotRollBack: there is none of this name.
    """
    if table_name not in TABLES:
        raise CannotRollBack(f"there is no table {table_name!r}; `ecom status` lists them")
    return TABLES[table_name]


def existing(lake: Lake, table_name: str) -> TableVersion:
    """A table that has a history.

    Raises:
        CannotRollBack: there is none of this name.
    """
    contract_of(table_name)
    version = lake.existing_tables().get(table_name)
    if version is None or not version.iceberg.snapshots():
        raise CannotRollBack(f"nothing was published in {table_name} yet; `ecom run` does")
    return version


def version_at(version: TableVersion, moment: dt.datetime) -> Snapshot | None:
    """The version that was current at a time; None if there was none yet, or it is forgotten.

    Versions between those that are still there may be forgotten: the last one before the time is
    it only if the next one followed upon it.
    """
    snapshots = in_order(version.iceberg.snapshots())
    until = moment.timestamp() * 1000
    earlier = [snapshot for snapshot in snapshots if snapshot.timestamp_ms <= until]
    if not earlier:
        return None
    found, later = earlier[-1], snapshots[len(earlier) :]
    follows = not later or later[0].parent_snapshot_id == found.snapshot_id
    return found if follows else None


def version_beside(rejected: TableVersion, clean: Snapshot) -> Snapshot | None:
    """The version of rejected_events that goes with one of clean_events; it is committed first."""
    before = [s for s in rejected.iceberg.snapshots() if s.timestamp_ms <= clean.timestamp_ms]
    return in_order(before)[-1] if before else None


def held_versions(lake: Lake, table_name: str) -> set[int]:
    """The versions that the holds of a table name: what is held, and what it took the place of."""
    holds = lake.holds.of(table_name).values()
    return {i for hold in holds for i in (hold.snapshot_id, hold.replaced_snapshot_id)}


def needed_versions(lake: Lake, version: TableVersion) -> set[int]:
    """The versions of a table that stay whatever their age.

    Those that holds name, and those of rejected_events that go with a version of clean_events
    that is still there.
    """
    needed = held_versions(lake, version.contract.name)
    if version.contract.name == REJECTED_EVENTS.name:
        clean = lake.existing_tables().get(CLEAN_EVENTS.name)
        found = [version_beside(version, s) for s in clean.iceberg.snapshots()] if clean else []
        needed |= {snapshot.snapshot_id for snapshot in found if snapshot}
    return needed


def _changes(lake: Lake, version: TableVersion, event_date: dt.date | None) -> Iterator[Change]:
    kept = dt.timedelta(days=lake.settings.snapshot_days)
    held = held_versions(lake, version.contract.name)
    snapshots = in_order(version.iceberg.snapshots())
    successors = [*snapshots[1:], None]
    for number in reversed(range(len(snapshots))):
        snapshot, successor = snapshots[number], successors[number]
        if event_date is not None:
            before = snapshots[number - 1] if number else None
            if not _touches(version, before, snapshot, event_date):
                continue
        ends = successor is not None and snapshot.snapshot_id not in held
        kept_until = _time(successor) + kept if successor and ends else None
        yield _describe(snapshot, kept_until, is_current=successor is None)


def _touches(
    version: TableVersion, before: Snapshot | None, after: Snapshot, event_date: dt.date
) -> bool:
    if version.contract.partition_by is None:
        return True
    rows = EqualTo("event_date", event_date.isoformat())
    table = version.iceberg
    return files_at(table, before, rows).keys() != files_at(table, after, rows).keys()


def _describe(snapshot: Snapshot, kept_until: dt.datetime | None, *, is_current: bool) -> Change:
    summary = snapshot.summary
    said = summary.additional_properties if summary else {}
    by = f"({said['ecom.user']})" if "ecom.user" in said else ""
    return Change(
        snapshot_id=snapshot.snapshot_id,
        committed_at=_time(snapshot),
        operation=said.get(OPERATION, PUBLISH),
        slice_label=said.get("ecom.slice", ""),
        run_id=said.get("ecom.run_id", ""),
        rows_added=int(said.get("added-records", 0)),
        rows_removed=int(said.get("deleted-records", 0)),
        row_count=int(said.get("total-records", 0)),
        is_current=is_current,
        kept_until=kept_until,
        note=f"{said.get('ecom.reason', '')} {by}".strip(),
    )


def _time(snapshot: Snapshot) -> dt.datetime:
    return dt.datetime.fromtimestamp(snapshot.timestamp_ms / 1000, tz=dt.UTC)
