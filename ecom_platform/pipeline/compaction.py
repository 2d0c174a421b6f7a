"""Compaction: closed dates that lie in many small files, rewritten into few large ones.

Belongs here: the commit and its record. Not here: which files (fragments.py), copying rows.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyiceberg.expressions import And, BooleanExpression, In

from ecom_platform.errors import PublishConflict
from ecom_platform.lake.changes import COMPACT, OPERATION
from ecom_platform.lake.publications import Publication
from ecom_platform.lake.rewriting import RowsDiffer, rewrite
from ecom_platform.pipeline.publishing import DATES_OF_A_SNAPSHOT, describe_snapshot, label_of

if TYPE_CHECKING:
    from ecom_platform.lake.lake import Lake
    from ecom_platform.lake.publications import PublishedDate
    from ecom_platform.lake.staging import StagedFiles
    from ecom_platform.lake.table import Snapshot, TableVersion
    from ecom_platform.pipeline.fragments import Fragments


@dataclass
class CompactionReport:
    """What a compaction did to one table.

    Attributes:
        compacted: dates that were rewritten.
        skipped: dates that another run published meanwhile; the next compaction takes them.
        faults: what must not be; nothing of it was committed.
    """

    compacted: list[dt.date] = field(default_factory=list)
    skipped: list[dt.date] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def compact(
    lake: Lake, version: TableVersion, fragments: Sequence[Fragments], run_id: str
) -> CompactionReport:
    """Rewrite fragments of a table's version, some dates in a snapshot.

    Rows and fingerprints stay, so nothing that is built from them becomes stale.
    """
    report = CompactionReport()
    by_date: dict[dt.date, list[Fragments]] = defaultdict(list)
    for one in fragments:
        by_date[one.event_date].append(one)
    dates = sorted(by_date)
    for first in range(0, len(dates), DATES_OF_A_SNAPSHOT):
        some = {date: by_date[date] for date in dates[first : first + DATES_OF_A_SNAPSHOT]}
        _compact_together(lake, version, some, run_id, report)
    return report


def _compact_together(
    lake: Lake,
    version: TableVersion,
    by_date: Mapping[dt.date, Sequence[Fragments]],
    run_id: str,
    report: CompactionReport,
) -> None:
    name = version.contract.name
    staged: dict[dt.date, list[StagedFiles]] = {}
    for date, fragments in by_date.items():
        try:
            staged[date] = [_rewrite(lake, version, one) for one in fragments]
        except RowsDiffer as fault:
            report.faults.append(str(fault))
        except FileNotFoundError:  # another maintenance has compacted the date, and cleaned up
            report.skipped.append(date)
    if not staged:
        return
    done = [one for date in staged for one in by_date[date]]
    try:
        snapshot = version.commit(
            remove=[file for one in done for file in one.files],
            add=[uri for files in staged.values() for one in files for uri in one.uris],
            replaces=_rows_of(done),
            properties={
                **describe_snapshot(name, label_of(sorted(staged)), run_id),
                OPERATION: COMPACT,
            },
        )
    except PublishConflict:
        report.skipped += sorted(staged)  # the files that were written go with the unreferenced
        return
    report.compacted += sorted(staged)
    _record(lake, name, done, staged, snapshot)


def _record(
    lake: Lake,
    table_name: str,
    done: Sequence[Fragments],
    staged: Mapping[dt.date, Sequence[StagedFiles]],
    snapshot: Snapshot,
) -> None:
    """Record that dates lie in files of more than an hour now."""
    published = lake.publications.published(table_name, staged)
    # Tables that are replaced by object have no files of one hour that a record would tell.
    whole = [one for one in done if one.source_object is None and one.event_date in published]
    saved = {
        date: sum(f.byte_count for one in whole if one.event_date == date for f in one.files)
        - sum(files.byte_count for files in staged[date])
        for date in {one.event_date for one in whole}
    }
    records = [_whole(table_name, published[date], saved[date], snapshot) for date in saved]
    for run in {published[date].run_id for date in saved}:
        mine = [record for record in records if published[record.event_date].run_id == run]
        lake.publications.record(mine, run)


def _rewrite(lake: Lake, version: TableVersion, fragments: Fragments) -> StagedFiles:
    paths = [file.path for file in fragments.files]
    stage = lake.stage(version.contract.name)
    name = f"{fragments.event_date}.parquet"
    return rewrite(lake.storage, paths, version.contract, stage, name)


def _rows_of(fragments: Sequence[Fragments]) -> BooleanExpression:
    """What another run must not have changed."""
    dates = In("event_date", sorted({one.event_date.isoformat() for one in fragments}))
    objects = {one.source_object for one in fragments}
    if None in objects:
        return dates
    return And(dates, In("source_object", {name for name in objects if name}))


def _whole(
    table_name: str, state: PublishedDate, saved_bytes: int, snapshot: Snapshot
) -> Publication:
    """The record that a date lies in files of more than an hour now; all else is as it was."""
    return Publication(
        table_name=table_name,
        event_date=state.event_date,
        hour=None,
        fingerprints=state.fingerprints,
        row_count=state.row_count,
        byte_count=max(0, state.byte_count - saved_bytes),
        measures=state.measures,
        snapshot=snapshot,
    )
