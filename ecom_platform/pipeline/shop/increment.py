"""Folding a table from what it holds and from the changes of the keys that have new ones.

Belongs here: when that gives what folding everything would, and the counts of fates then. Not
here: row logic (transforms/oltp/fold.py), publishing (fold.py).

A row of the table depends on the changes of its key and on nothing else. So the rows of keys that
nothing new speaks of stay, and of the others all changes are folded, early and late ones alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyiceberg.expressions import EqualTo

from ecom_platform.contracts.oltp import CHANGE_LEDGER, CURRENT_OLTP, RAW_OLTP, SHOP_TABLES
from ecom_platform.errors import FilesLost
from ecom_platform.pipeline.reading import read_files
from ecom_platform.transforms.oltp.fold import (
    FATES,
    count_fates,
    fold_changes,
    judge_changes,
    keep_others,
    of_keys,
)

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from ecom_platform.lake.table import TableFile, TableVersion
    from ecom_platform.pipeline.shop.fold import ChangesOf
    from ecom_platform.pipeline.slice_build import Workplace

# With more new rows than one in so many, everything is folded.
SMALLEST_SHARE = 4
_COUNTS = ("row_count", *(f"{fate}_count" for fate in FATES))
Fates = list[dict[str, Any]]


@dataclass(frozen=True)
class Increment:
    """What a table is folded from beside what it holds.

    Attributes:
        changes: everything that has arrived.
        version: the table, as it is.
        old: files of the changes that it was folded from.
        new: the other files of changes.
        counted: the fates of the rows of every object that it was folded from.
    """

    changes: ChangesOf
    version: TableVersion
    old: Sequence[TableFile]
    new: Sequence[TableFile]
    counted: Sequence[Mapping[str, Any]]

    def fold(self, work: Workplace) -> tuple[DataFrame, Fates]:
        """The rows of the table as they are now, and the fates of all changes.

        Raises:
            FilesLost: a file of the table, or of the changes, is not there.
        """
        table = self.changes.table
        key, raw = SHOP_TABLES[table].key, RAW_OLTP[table]
        contract = CURRENT_OLTP[table]
        new = read_files(work, raw, self.new)
        old = of_keys(read_files(work, raw, self.old), new, key)
        judged = judge_changes(old.unionByName(new), key, self.changes.load_began_at)
        before = judge_changes(old, key, self.changes.load_began_at)
        kept = keep_others(read_files(work, contract, self.version.files()), new, key)
        names = contract.column_names
        rows = kept.select(*names).unionByName(fold_changes(judged, names))
        return rows, _moved(self.counted, _fates(before), _fates(judged))


def increment_of(work: Workplace, version: TableVersion, changes: ChangesOf) -> Increment | None:
    """What is new since a table was folded; None where everything must be folded.

    It must be certain that the table is what folding the objects of the ledger gives: that it was
    published from just these, in the present generation, and was not written since by anybody.

    Args:
        work: the lake.
        version: the table, as it is.
        changes: everything that has arrived.
    """
    contract = version.contract
    published = work.lake.publications.published_whole(contract.name)
    snapshot = version.iceberg.current_snapshot()
    if not published or not snapshot or snapshot.sequence_number != published.sequence_number:
        return None
    ledger = work.lake.table(CHANGE_LEDGER.name).iceberg
    counted = ledger.scan(EqualTo("shop_table", changes.table)).to_arrow().to_pylist()
    versions = {row["source_object"]: row["object_version"] for row in counted}
    present = {o.source_object: o.object_version for o in changes.objects}
    if any(present.get(name) != found for name, found in versions.items()):
        return None
    if changes.fingerprint_of(versions.items()) not in published.fingerprints.values():
        return None
    old = [file for file in changes.files if file.only("source_object") in versions]
    new = [file for file in changes.files if file.only("source_object") not in versions]
    new_rows = sum(file.row_count for file in new)
    if not new_rows or new_rows * SMALLEST_SHARE > changes.row_count:
        return None
    return Increment(changes, version, old, new, counted)


def fold_increment(
    work: Workplace, version: TableVersion, changes: ChangesOf
) -> tuple[DataFrame, Fates] | None:
    """Fold only keys with new changes; None where everything must be folded.

    Args:
        work: lake and engine.
        version: the table, as it is.
        changes: everything that has arrived.
    """
    increment = increment_of(work, version, changes)
    try:
        return increment.fold(work) if increment else None
    except FilesLost:
        # Of the table, most likely; whatever it is, folding everything mends it or names it.
        return None


def _fates(judged: DataFrame) -> Fates:
    return [row.asDict() for row in count_fates(judged).collect()]


def _moved(counted: Iterable[Mapping[str, Any]], before: Fates, now: Fates) -> Fates:
    """Counts of all objects, after the rows of some keys have got other fates."""
    found = {row["source_object"]: dict(row) for row in counted}
    for sign, rows in ((-1, before), (1, now)):
        for row in rows:
            of = found.setdefault(row["source_object"], {**row, **dict.fromkeys(_COUNTS, 0)})
            of.update({name: of[name] + sign * row[name] for name in _COUNTS})
    return list(found.values())
