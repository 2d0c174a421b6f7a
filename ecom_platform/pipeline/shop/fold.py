"""The tables oltp_<table>: stale ones folded from their changes, audited and published.

Belongs here: what a table is built from, when it is stale, its ledger. Not here: row logic.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
from pyiceberg.expressions import EqualTo

from ecom_platform.contracts.oltp import (
    CHANGE_LEDGER,
    CURRENT_OLTP,
    RAW_OLTP,
    SHOP_TABLES,
)
from ecom_platform.lake.audit import Equation
from ecom_platform.lake.slices import StaleDate, digest
from ecom_platform.lake.staging import COMPRESSION
from ecom_platform.pipeline.publishing import (
    commit_slice,
    describe_publication,
    describe_snapshot,
)
from ecom_platform.pipeline.reading import read_files
from ecom_platform.pipeline.shop.increment import Fates, fold_increment
from ecom_platform.pipeline.slice_build import Rebuilt, SliceBuild, Source, Workplace
from ecom_platform.transforms.oltp.fold import count_fates, fold_changes, judge_changes

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from ecom_platform.lake.dms_objects import DmsOutcome
    from ecom_platform.lake.lake import Lake
    from ecom_platform.lake.table import TableFile

# Part of every fingerprint: raise it when folding changes what it gives.
LOGIC_VERSION = "2"
_WHOLE = 0


@dataclass(frozen=True)
class ChangesOf:
    """What a table is folded from.

    Attributes:
        table: the shop's table.
        files: all files of its changes.
        objects: the versions of the objects that brought them.
        load_began_at: when its present full load began, if there was one before it.
    """

    table: str
    files: Sequence[TableFile]
    objects: Sequence[DmsOutcome]
    load_began_at: dt.datetime | None

    @property
    def fingerprint(self) -> str:
        """Identifies what the table is built from."""
        return self.fingerprint_of(
            (o.source_object, o.object_version) for o in self.objects if o.row_count
        )

    def fingerprint_of(self, versions: Iterable[tuple[str, str]]) -> str:
        """Identifies what the table is built from, were it only these versions of objects."""
        objects = sorted(f"{name}@{version}" for name, version in versions)
        return digest([LOGIC_VERSION, str(self.load_began_at), *objects])

    @property
    def as_of(self) -> dt.date:
        """The date of the newest object."""
        return max(o.written_at or o.modified_at for o in self.objects).date()

    @property
    def row_count(self) -> int:
        """Changes, from the manifests."""
        return sum(file.row_count for file in self.files)

    def judged(self, work: Workplace) -> DataFrame:
        """The changes, each with its fate."""
        rows = read_files(work, RAW_OLTP[self.table], self.files)
        return judge_changes(rows, SHOP_TABLES[self.table].key, self.load_began_at)


def changes_of(lake: Lake, table: str) -> ChangesOf:
    """What a table of the shop is folded from now."""
    history = [o for o in lake.dms_objects.history() if o.shop_table == table]
    visible = {o.source_object: o for o in history if o.status == "ingested"}
    files = lake.table(RAW_OLTP[table].name).files()
    return ChangesOf(table, files, list(visible.values()), _load_began_at(history))


def _load_began_at(history: Sequence[DmsOutcome]) -> dt.datetime | None:
    """When the present full load began: the first of its first parts.

    A load that does not tell its time has that of its store, which a copy changes: it counts only
    where an older load is known, from which it must be told apart.
    """
    loads = [o for o in history if o.begins_load and o.status == "ingested" and o.written_at]
    newest = {o.source_object: o for o in loads}
    if not newest:
        return None
    if len(loads) == len(newest) and not all(o.is_told for o in newest.values()):
        return None
    return min(o.written_at for o in newest.values() if o.written_at)


def find_stale_table(lake: Lake, table: str, *, rebuild: bool = False) -> StaleDate | None:
    """What to fold a table to; None if nothing changed, or nothing of it has arrived."""
    if lake.holds.of(CURRENT_OLTP[table].name):
        return None
    changes = changes_of(lake, table)
    if not changes.objects:
        return None
    published = lake.publications.published_whole(CURRENT_OLTP[table].name)
    target = {_WHOLE: changes.fingerprint}
    if published and published.fingerprints == target and not rebuild:
        return None
    return StaleDate(changes.as_of, None, target)


def find_stale_tables(lake: Lake) -> dict[str, StaleDate]:
    """The tables of the shop that are to be folded anew; looking creates none."""
    exists = lake.existing_tables()
    arrived = [table for table, raw in RAW_OLTP.items() if raw.name in exists]
    found = {table: find_stale_table(lake, table) for table in arrived}
    return {table: stale for table, stale in found.items() if stale}


def rebuild_table(
    work: Workplace, table: str, slice_: StaleDate, *, rebuild: bool = False
) -> Rebuilt:
    """Fold the changes of a table, and count their fates.

    Args:
        work: lake, engine and run id.
        table: the shop's table.
        slice_: what to fold it to.
        rebuild: fold all changes, whatever the table holds.

    Raises:
        AuditFailed: a blocking rule refused the rows; the last good version stays visible.
        FilesLost: a file of the changes is not there.
        PublishConflict: another run published the table meanwhile.
    """
    contract = CURRENT_OLTP[table]
    build = SliceBuild(work, contract.name, slice_)
    changes = changes_of(work.lake, table)
    folded = None if rebuild else fold_increment(work, build.version, changes)
    rows, fates = folded or _fold_all(work, changes)
    staged = build.stage(rows, Source(rows, changes.row_count))
    gone = {
        f"{fate} changes": sum(row[f"{fate}_count"] for row in fates)
        for fate in ("superseded", "deleted")
    }
    parts = {contract.name: staged.row_count, **gone}
    equation = Equation(RAW_OLTP[table].name, changes.row_count, parts)
    counts, findings = build.audit(staged, equation)
    snapshot = commit_slice(build.version, slice_, build.replaced(), staged, work.run_id)
    _write_ledger(work, table, fates)
    published = describe_publication(contract.name, slice_, snapshot, staged, counts)
    work.lake.publications.record(published, work.run_id)
    return build.rebuilt(counts, staged, findings)


def _fold_all(work: Workplace, changes: ChangesOf) -> tuple[DataFrame, Fates]:
    judged = changes.judged(work)
    fates = [row.asDict() for row in count_fates(judged).collect()]
    return fold_changes(judged, CURRENT_OLTP[changes.table].column_names), fates


def _write_ledger(work: Workplace, table: str, fates: Fates) -> None:
    """Replace the rows of a table in the ledger of changes."""
    version, mine = work.lake.table(CHANGE_LEDGER.name), EqualTo("shop_table", table)
    rows = [{**row, "shop_table": table} for row in fates]
    stage = work.lake.stage(CHANGE_LEDGER.name)
    schema = CHANGE_LEDGER.arrow_schema
    with stage.parquet_writer("rows.parquet", schema, compression=COMPRESSION) as writer:
        writer.write_table(pa.Table.from_pylist(rows, schema))
    old = [file for file in version.files(where=mine) if file.only("shop_table") == table]
    staged = stage.collect()
    if old or staged.files:
        properties = describe_snapshot(CHANGE_LEDGER.name, table, work.run_id)
        version.commit(remove=old, add=staged.uris, replaces=mine, properties=properties)
