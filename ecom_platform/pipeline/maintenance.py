"""Maintenance: keeping a lake quick and small without changing what it says.

Belongs here: the order of compacting, forgetting and deleting. Not here: how each is done.
"""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ecom_platform.lake.changes import OPERATION
from ecom_platform.lake.expiry import (
    expire_snapshots,
    expired_snapshots,
    unreferenced_files,
)
from ecom_platform.lake.manifests import MANY_MANIFESTS, count_manifests, merge_manifests
from ecom_platform.pipeline.compaction import CompactionReport, compact
from ecom_platform.pipeline.fragments import find_fragments
from ecom_platform.pipeline.history import needed_versions
from ecom_platform.pipeline.overview import Totals, totals
from ecom_platform.pipeline.progress import Reporter, silent
from ecom_platform.pipeline.publishing import describe_snapshot

if TYPE_CHECKING:
    from ecom_platform.lake.lake import Lake
    from ecom_platform.lake.table import TableVersion

# A journal of fewer files than this is read quickly enough.
_FOLD_AT_FILES = 8


@dataclass
class TableUpkeep:
    """What maintenance did to one table, or would do.

    Attributes:
        name: the table.
        before, after: the size of its published version.
        dates_compacted: dates that were rewritten into fewer files.
        dates_skipped: dates that another run published meanwhile.
        manifests_before, manifests_after: lists of files that its version consists of.
        snapshots_expired: versions that were forgotten.
        files_removed, bytes_freed: unreferenced files, and their size.
        seconds: how long it took.
    """

    name: str
    before: Totals
    after: Totals
    dates_compacted: int = 0
    dates_skipped: int = 0
    manifests_before: int = 0
    manifests_after: int = 0
    snapshots_expired: int = 0
    files_removed: int = 0
    bytes_freed: int = 0
    seconds: float = 0.0


@dataclass
class MaintenanceReport:
    """What maintenance did to a lake.

    Attributes:
        tables: what it did to each.
        faults: what must not be, for a person; nothing was changed where one was found.
    """

    tables: list[TableUpkeep] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def total(self, name: str) -> int:
        """The sum of a count over all tables, by the name of its attribute."""
        return sum(int(getattr(table, name)) for table in self.tables)


def maintain(
    lake: Lake,
    now: dt.datetime,
    run_id: str,
    reporter: Reporter = silent,
    *,
    dry_run: bool = False,
) -> MaintenanceReport:
    """Compact closed dates, merge manifests, forget old snapshots, delete what nothing mentions.

    It changes no row and no fingerprint, and may run beside anything: a date that another run
    publishes meanwhile is left to the next maintenance; a file is deleted only when no version
    of its table has mentioned it for a while, and when it is older than any run.

    Args:
        lake: the lake.
        now: decides which dates are closed, and what is old.
        run_id: recorded in the snapshots.
        reporter: told of tables done.
        dry_run: only say what would be done. Files that become unreferenced by it do not count.
    """
    report = MaintenanceReport()
    tables = lake.existing_tables()
    work = _Maintenance(lake, now, run_id, dry_run)
    for done, (name, version) in enumerate(tables.items(), start=1):
        started = time.monotonic()
        upkeep = work.upkeep(version, report.faults)
        upkeep.seconds = round(time.monotonic() - started, 3)
        report.tables.append(upkeep)
        reporter(f"maintenance {name}", done, len(tables), "tables")
    return report


@dataclass(frozen=True)
class _Maintenance:
    lake: Lake
    now: dt.datetime
    run_id: str
    dry_run: bool

    def upkeep(self, version: TableVersion, faults: list[str]) -> TableUpkeep:
        name, table = version.contract.name, version.iceberg
        before = totals(version)
        done = TableUpkeep(name, before, before, manifests_before=count_manifests(table))
        if name in self.lake.journals:
            if not self.dry_run and before.files >= _FOLD_AT_FILES:
                self.lake.journals[name].fold()
        else:
            self._compact(version, done, faults)
        if not self.dry_run:
            merge_manifests(table.refresh(), self._says(name))
        self._expire(version, done)
        self._remove(version, done)
        newest = self.lake.table(name)
        done.after = totals(newest)
        done.manifests_after = count_manifests(newest.iceberg)
        if self.dry_run and done.manifests_before >= MANY_MANIFESTS:
            done.manifests_after = 1
        return done

    def _compact(self, version: TableVersion, done: TableUpkeep, faults: list[str]) -> None:
        fragments = find_fragments(self.lake, version, self.now)
        if self.dry_run:
            done.dates_compacted = len({one.event_date for one in fragments})
            return
        report: CompactionReport = compact(self.lake, version, fragments, self.run_id)
        done.dates_compacted = len(report.compacted)
        done.dates_skipped = len(report.skipped)
        faults += report.faults

    def _expire(self, version: TableVersion, done: TableUpkeep) -> None:
        before = self.now - dt.timedelta(days=self.lake.settings.snapshot_days)
        keep = needed_versions(self.lake, version)
        if self.dry_run:
            expired = expired_snapshots(version.iceberg.metadata, before, keep)
            done.snapshots_expired = len(expired)
        else:
            done.snapshots_expired = expire_snapshots(version.iceberg, before, keep)

    def _remove(self, version: TableVersion, done: TableUpkeep) -> None:
        min_age = dt.timedelta(hours=self.lake.settings.unreferenced_hours)
        files = unreferenced_files(self.lake.storage, version.iceberg, self.now, min_age)
        if not self.dry_run:
            self.lake.storage.delete(file.path for file in files)
        done.files_removed, done.bytes_freed = len(files), sum(file.size for file in files)

    def _says(self, table_name: str) -> dict[str, str]:
        said = describe_snapshot(table_name, "manifests", self.run_id)
        return {**said, OPERATION: "merge manifests"}
