"""The raw step: pending landing objects become raw_events, exactly once, object by object.

Belongs here: the order of read, stage, commit and record. Not here: parsing, listing, dates.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from pyiceberg.expressions import And, EqualTo, In

from ecom_platform.contracts.raw import RAW_EVENTS, REJECTED_EVENTS
from ecom_platform.errors import LakeUnavailable
from ecom_platform.lake.audit import AuditFailed
from ecom_platform.lake.objects import ObjectOutcome
from ecom_platform.lake.publications import Publication
from ecom_platform.landing.objects import ObjectChangedError
from ecom_platform.pipeline.ingest_report import IngestReport
from ecom_platform.pipeline.object_batches import staged_batches
from ecom_platform.pipeline.progress import Reporter, silent
from ecom_platform.pipeline.publishing import describe_snapshot
from ecom_platform.pipeline.staleness import raw_fingerprints

if TYPE_CHECKING:
    from ecom_platform.lake.lake import Lake
    from ecom_platform.lake.table import Snapshot, TableFile
    from ecom_platform.landing.objects import LandingObject, LandingStore
    from ecom_platform.pipeline.object_staging import StagedObject


def find_candidates(lake: Lake, store: LandingStore) -> list[LandingObject]:
    """The landing objects that are new, or of another size or time than when last read.

    Nothing is opened. Whether the content differs is for `ingest`.
    """
    return not_recorded(lake, store.list())


def not_recorded(lake: Lake, listed: Iterable[LandingObject]) -> list[LandingObject]:
    """Those of some listed objects that are new, or of another size or time than when last read."""
    known = lake.objects.current()
    return [
        found
        for found in listed
        if found.key not in known or not _is_as_recorded(found, known[found.key])
    ]


def _is_as_recorded(found: LandingObject, record: ObjectOutcome) -> bool:
    """Whether an object is the recorded one, as far as a listing tells."""
    if found.version is not None:
        return found.version == record.object_version
    return (found.size, found.modified_at) == (record.size_bytes, record.modified_at)


def contributors(lake: Lake, store: LandingStore, dates: Iterable[dt.date]) -> list[LandingObject]:
    """The landing objects that hold rows of some dates, for reading them again."""
    keys = {file.only("source_object") for file in lake.table(RAW_EVENTS.name).files(dates)}
    return [found for found in store.list() if found.key in keys] if keys else []


def ingest(
    lake: Lake,
    store: LandingStore,
    objects: Sequence[LandingObject],
    run_id: str,
    reporter: Reporter = silent,
    reread: bool = False,
) -> IngestReport:
    """Ingest landing objects: all rows of each become visible in one snapshot, or none.

    A newer version of an object replaces the rows of the older one; an object whose content is
    the recorded one is only recorded again. An object that is refused changes nothing but its
    record, and the others go on.

    Args:
        lake: the lake.
        store: the landing area.
        objects: what to read.
        run_id: recorded with everything that is written.
        reporter: told of bytes read.
        reread: read objects again although their content is the recorded one.

    Raises:
        AuditFailed: lines of an object are unaccounted for; the others are published.
        LakeUnavailable: the store failed while objects were read; these stay pending, and the
            others are published as far as the store answered.
        PublishConflict: another run ingested one of the objects meanwhile.
    """
    report = IngestReport()
    known = {} if reread else lake.objects.current()
    unchanged: list[ObjectOutcome] = []
    to_read = []
    for found in objects:
        record = known.get(found.key)
        try:
            version = found.version or store.version(found.key)
        except ObjectChangedError:
            report.changed.append(found.key)
            continue
        except PermissionError:
            report.forbidden(found.key)
            continue
        versioned = replace(found, version=version)
        if record and record.object_version == version:
            unchanged.append(replace(record, modified_at=found.modified_at))
        else:
            to_read.append(versioned)
    for batch in staged_batches(lake, store, to_read, report, reporter):
        publish_objects(lake, batch, run_id, report)
    lake.objects.record([*unchanged, *report.refused], run_id)
    if report.defects:
        raise AuditFailed("; ".join(report.defects))
    if report.unread:
        raise LakeUnavailable("; ".join(report.unread))
    return report


def publish_objects(
    lake: Lake, batch: list[StagedObject], run_id: str, report: IngestReport
) -> None:
    """Replace the rows of some objects, in one snapshot a table, and record them.

    Args:
        lake: the lake.
        batch: the objects as they are now.
        run_id: recorded with everything that is written.
        report: told of them.

    Raises:
        PublishConflict: another run ingested one of the objects meanwhile.
    """
    _replace(lake, REJECTED_EVENTS.name, batch, run_id)
    removed, snapshot = _replace(lake, RAW_EVENTS.name, batch, run_id)
    touched = {file.event_date for file in removed if file.event_date}
    for staged in batch:
        touched |= {date for date in staged.rows_by_date if date}
        report.outcomes.append(staged.outcome)
        report.warnings += staged.warnings
        report.malformed_by_reason.update(staged.malformed_by_reason)
        report.undated_malformed += staged.malformed_by_date.get(None, 0)
    named = {date for staged in batch for date in staged.malformed_by_date if date}
    files = _files_by_date(lake, touched | named)
    _describe_dates(lake, batch, files, report)
    if snapshot:
        _publish_dates(lake, {date: files[date] for date in touched}, snapshot, run_id)
    lateness = [one for staged in batch for one in staged.lateness]
    report.include(lateness)
    lake.lateness.replace({staged.outcome.source_object for staged in batch}, lateness)
    # Last: an object that is not on record is read again, whatever was interrupted before.
    lake.objects.record([staged.outcome for staged in batch], run_id)


def _replace(
    lake: Lake, table_name: str, batch: list[StagedObject], run_id: str
) -> tuple[list[TableFile], Snapshot | None]:
    """Replace the rows of some objects in one table, in one snapshot."""
    keys = {staged.outcome.source_object for staged in batch}
    mine = In("source_object", keys)
    if table_name == REJECTED_EVENTS.name:
        mine = And(mine, EqualTo("layer", "raw"))
    version = lake.table(table_name)
    old = [file for file in version.files(where=mine) if file.only("source_object") in keys]
    old = [f for f in old if table_name == RAW_EVENTS.name or f.only("layer") == "raw"]
    new = [uri for staged in batch for uri in staged.files[table_name].uris]
    if not old and not new:
        return [], None
    label = ", ".join(sorted(keys)[:5]) + (" and others" if len(keys) > 5 else "")
    properties = describe_snapshot(table_name, label, run_id)
    return old, version.commit(remove=old, add=new, replaces=mine, properties=properties)


def _describe_dates(
    lake: Lake,
    batch: list[StagedObject],
    files: Mapping[dt.date, list[TableFile]],
    report: IngestReport,
) -> None:
    """Tell what a batch did to dates, also to those that only malformed lines name."""
    known = lake.publications.published("clean_events", files)
    for date, of_date in files.items():
        entry = report.touch(date)
        arrived = sum(staged.rows_by_date.get(date, 0) for staged in batch)
        entry.rows_in += arrived
        entry.late += arrived if date in known else 0
        entry.malformed += sum(staged.malformed_by_date.get(date, 0) for staged in batch)
        entry.row_count = sum(file.row_count for file in of_date)
        entry.byte_count = sum(file.byte_count for file in of_date)
        entry.objects = _objects(of_date)


def _publish_dates(
    lake: Lake, files: Mapping[dt.date, list[TableFile]], snapshot: Snapshot, run_id: str
) -> None:
    publications = [
        Publication(
            table_name=RAW_EVENTS.name,
            event_date=date,
            hour=None,
            fingerprints=raw_fingerprints(files[date]).get(date, {}),
            row_count=sum(file.row_count for file in files[date]),
            byte_count=sum(file.byte_count for file in files[date]),
            measures={"objects": _objects(files[date])},
            snapshot=snapshot,
        )
        for date in sorted(files)
    ]
    lake.publications.record(publications, run_id)


def _objects(files: Iterable[TableFile]) -> int:
    return len({file.only("source_object") for file in files})


def _files_by_date(lake: Lake, dates: set[dt.date]) -> dict[dt.date, list[TableFile]]:
    files: dict[dt.date, list[TableFile]] = {date: [] for date in dates}
    for file in lake.table(RAW_EVENTS.name).files(dates):
        if file.event_date in files:
            files[file.event_date].append(file)
    return files
