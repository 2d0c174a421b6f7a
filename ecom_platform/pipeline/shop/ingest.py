"""DMS's objects become raw_oltp_<table>, exactly once, object by object.

Belongs here: what is pending, read, stage, commit, record. Not here: reading one object, folding.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
from pyiceberg.expressions import In

from ecom_platform.contracts.oltp import RAW_OLTP, SHOP_TABLES
from ecom_platform.lake.dms_objects import DmsOutcome
from ecom_platform.lake.staging import COMPRESSION, StagedFiles
from ecom_platform.landing.dms.keys import PREFIX, DmsKey, parse_key
from ecom_platform.landing.dms.reader import read_dms
from ecom_platform.landing.objects import ObjectChangedError
from ecom_platform.landing.rejections import ObjectRefused
from ecom_platform.pipeline.publishing import describe_snapshot
from ecom_platform.pipeline.shop.privacy import hide_profiles

if TYPE_CHECKING:
    from ecom_platform.lake.lake import Lake
    from ecom_platform.landing.objects import LandingObject, LandingStore

# Small files are what DMS writes by default: many share a commit.
_OBJECTS_OF_A_COMMIT = 200
_ROWS_OF_A_COMMIT = 5_000_000


@dataclass
class ChangesReport:
    """What an ingest did.

    Attributes:
        outcomes: of every object that was read or refused.
        unchanged: objects whose content is what is on record, only written again.
        left_alone: why objects were not read, each with its key; they stay pending.
    """

    outcomes: list[DmsOutcome] = field(default_factory=list)
    unchanged: list[DmsOutcome] = field(default_factory=list)
    left_alone: list[str] = field(default_factory=list)

    @property
    def refused(self) -> list[DmsOutcome]:
        """Objects of which nothing is published."""
        return [outcome for outcome in self.outcomes if outcome.status == "refused"]


@dataclass(frozen=True)
class _Staged:
    outcome: DmsOutcome
    files: StagedFiles


def find_changes(lake: Lake, store: LandingStore) -> list[LandingObject]:
    """Objects of DMS that are new, or of another size or time than when last read."""
    return changes_among(lake, store.list(PREFIX))


def all_changes(store: LandingStore) -> list[LandingObject]:
    """All objects of DMS that landing holds, for reading them again."""
    return [found for found in store.list(PREFIX) if parse_key(found.key)]


def changes_among(lake: Lake, listed: Iterable[LandingObject]) -> list[LandingObject]:
    """Those of some listed objects that are new, or of another size or time than when last read."""
    known = lake.dms_objects.current()
    return [
        found
        for found in listed
        if parse_key(found.key)
        and not (found.key in known and _is_as_recorded(found, known[found.key]))
    ]


def _is_as_recorded(found: LandingObject, record: DmsOutcome) -> bool:
    if found.version is not None:
        return found.version == record.object_version
    return (found.size, found.modified_at) == (record.size_bytes, record.modified_at)


def ingest_changes(
    lake: Lake,
    store: LandingStore,
    objects: Sequence[LandingObject],
    run_id: str,
    *,
    reread: bool = False,
) -> ChangesReport:
    """Ingest objects: all rows of each become visible in one snapshot, or none.

    A newer version of an object replaces the rows of the older one. An object that is refused
    changes nothing but its record, and the others go on.

    Args:
        lake: the lake.
        store: the landing area.
        objects: what to read.
        run_id: recorded with everything that is written.
        reread: read objects again although their content is the recorded one.

    Raises:
        PublishConflict: another run ingested one of the objects meanwhile.
    """
    report = ChangesReport()
    waiting: dict[str, list[_Staged]] = defaultdict(list)
    known = {} if reread else lake.dms_objects.current()
    for staged in _staged(lake, store, objects, report, known):
        of_table = waiting[staged.outcome.shop_table]
        of_table.append(staged)
        rows = sum(one.outcome.row_count for one in of_table)
        if len(of_table) >= _OBJECTS_OF_A_COMMIT or rows >= _ROWS_OF_A_COMMIT:
            _commit(lake, waiting.pop(staged.outcome.shop_table), run_id)
    for of_table in waiting.values():
        _commit(lake, of_table, run_id)
    lake.dms_objects.record([*report.unchanged, *report.refused], run_id)
    return report


def _staged(
    lake: Lake,
    store: LandingStore,
    objects: Sequence[LandingObject],
    report: ChangesReport,
    known: Mapping[str, DmsOutcome],
) -> Iterator[_Staged]:
    for listed in objects:
        key = parse_key(listed.key)
        assert key is not None  # find_changes names no others
        record = known.get(listed.key)
        try:
            version = listed.version or store.version(listed.key)
            found = replace(listed, version=version)
            if record and record.object_version == version:
                report.unchanged.append(
                    replace(record, size_bytes=found.size, modified_at=found.modified_at)
                )
                continue
            staged = _stage(lake, store, found, key)
        except ObjectChangedError as fault:
            report.left_alone.append(str(fault))
            continue
        except PermissionError:
            report.left_alone.append(f"{listed.key} may not be read")
            continue
        except ObjectRefused as refusal:
            report.outcomes.append(_refused(found, key, refusal))
            continue
        report.outcomes.append(staged.outcome)
        yield staged


def _refused(found: LandingObject, key: DmsKey, refusal: ObjectRefused) -> DmsOutcome:
    return replace(
        _outcome(found, key), status="refused", reason=refusal.reason, detail=refusal.detail
    )


def _outcome(found: LandingObject, key: DmsKey) -> DmsOutcome:
    return DmsOutcome(
        source_object=found.key,
        object_version=found.version or "",
        shop_table=key.table,
        status="ingested",
        begins_load=key.begins_load,
        size_bytes=found.size,
        modified_at=found.modified_at,
    )


def _stage(lake: Lake, store: LandingStore, found: LandingObject, key: DmsKey) -> _Staged:
    """Read one object and stage its rows.

    Raises:
        ObjectRefused: it cannot be read as a whole, or is of no table of the shop.
        ObjectChangedError: it changed while it was read.
    """
    shop_table = SHOP_TABLES.get(key.table)
    if shop_table is None:
        known = ", ".join(SHOP_TABLES)
        raise ObjectRefused("unknown_table", f"{key.table} is no table of the shop: {known}")
    with store.open(found.key, found) as stream:
        read = read_dms(stream, key, shop_table)
    store.verify_unchanged(found)
    first = pc.min(read.rows["committed_at"]).as_py() if read.rows.num_rows else None
    told = key.written_at or first
    written_at: dt.datetime = told or found.modified_at
    outcome = replace(
        _outcome(found, key),
        written_at=written_at,
        is_told=told is not None,
        row_count=read.rows.num_rows,
        additional_columns=", ".join(read.additional) or None,
    )
    rows = hide_profiles(read.rows, key.table, lake.settings)
    return _Staged(outcome, _write(lake, key, outcome, rows))


def _write(lake: Lake, key: DmsKey, outcome: DmsOutcome, rows: pa.Table) -> StagedFiles:
    contract = RAW_OLTP[key.table]
    utc = pa.timestamp("us", "UTC")
    beside: dict[str, Any] = {
        "is_full_load": pa.scalar(key.is_full_load),
        "written_at": pa.scalar(outcome.written_at, utc),
        "source_object": pa.scalar(outcome.source_object),
        "object_version": pa.scalar(outcome.object_version),
        "ingested_at": pa.scalar(dt.datetime.now(tz=dt.UTC), utc),
    }
    for name, value in beside.items():
        rows = rows.append_column(name, pa.repeat(value, rows.num_rows))
    rows = rows.select(contract.column_names).cast(contract.arrow_schema)
    stage = lake.stage(contract.name)
    with stage.parquet_writer("rows.parquet", contract.arrow_schema, compression=COMPRESSION) as to:
        to.write_table(rows)
    return stage.collect()


def _commit(lake: Lake, batch: Sequence[_Staged], run_id: str) -> None:
    """Replace the rows of some objects of one table in one snapshot, then record the objects."""
    name = RAW_OLTP[batch[0].outcome.shop_table].name
    keys = {staged.outcome.source_object for staged in batch}
    mine = In("source_object", keys)
    version = lake.table(name)
    old = [file for file in version.files(where=mine) if file.only("source_object") in keys]
    new = [uri for staged in batch for uri in staged.files.uris]
    if old or new:
        label = ", ".join(sorted(keys)[:5]) + (" and others" if len(keys) > 5 else "")
        properties = describe_snapshot(name, label, run_id)
        version.commit(remove=old, add=new, replaces=mine, properties=properties)
    # Last: an object that is not on record is read again, whatever was interrupted before.
    lake.dms_objects.record([staged.outcome for staged in batch], run_id)
