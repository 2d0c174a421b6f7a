"""The step of the row ledger: a stale date, counted, held against its equations and published.

Belongs here: the order of count, judge and publish. Not here: counting, lines without a date.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from ecom_platform.contracts.raw import RAW_EVENTS, REJECTED_EVENTS
from ecom_platform.contracts.row_ledger import (
    COUNT_COLUMNS,
    MALFORMED_COLUMNS,
    REJECTED_COLUMNS,
    ROW_LEDGER,
    TOTALS,
    malformed_column,
)
from ecom_platform.errors import PublishConflict
from ecom_platform.lake.audit import NO_HOUR, AuditFailed, Finding
from ecom_platform.lake.slices import StaleDate
from ecom_platform.lake.staging import COMPRESSION
from ecom_platform.pipeline.ledger.counting import Fates, count_fates, judge_fates
from ecom_platform.pipeline.ledger.lines import judge_lines
from ecom_platform.pipeline.publishing import commit_slice, describe_publication
from ecom_platform.pipeline.slice_build import Rebuilt, SliceBuild, Workplace
from ecom_platform.pipeline.staleness import ledger_inputs
from ecom_platform.pipeline.stored import StoredTables
from ecom_platform.transforms.ledger import count_rejected

if TYPE_CHECKING:
    from ecom_platform.lake.lake import Lake
    from ecom_platform.lake.staging import StagedFiles
    from ecom_platform.lake.table import TableFile
    from ecom_platform.pipeline.ledger.inputs import LedgerInputs

LedgerRow = dict[str, Any]
Place = tuple[str, int | None]


@dataclass
class CountedDate:
    """A date, or hours of it, as the stored tables say now.

    Attributes:
        counts: the counts of the ledger by object and hour; None for lines without an hour.
        versions: the version of each object.
        findings: the verdicts on the equations.
    """

    counts: dict[Place, Counter[str]] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def count_date(work: Workplace, slice_: StaleDate, inputs: LedgerInputs | None) -> CountedDate:
    """Count a date anew from what is stored.

    Args:
        work: lake, engine and run id.
        slice_: which hours; NO_HOUR among them stands for lines that are no event.
        inputs: what is stored; None for nothing.
    """
    date, counted = slice_.event_date, CountedDate()
    hours = None if slice_.hours is None else tuple(h for h in slice_.hours if h != NO_HOUR)
    unsettled = inputs.unsettled if inputs else frozenset()
    fates = Fates()
    if hours is None or hours:
        build = SliceBuild(work, ROW_LEDGER.name, replace(slice_, hours=hours))
        fates = count_fates(build, unsettled)
    counted.counts |= {place: _completed(counts) for place, counts in fates.counts.items()}
    if slice_.hours is None or NO_HOUR in slice_.hours:
        counted.counts |= _count_malformed(work, date)
    for table in (REJECTED_EVENTS.name, RAW_EVENTS.name):
        for file in work.lake.table(table).files([date]):
            if file.only("source_object") is not None:
                counted.versions[file.only("source_object")] = str(file.only("object_version"))
    objects = set(counted.versions) | {key for key, _ in counted.counts}
    lines = judge_lines(work.lake, objects, work.lake.objects.ingested())
    counted.findings = [lines, *judge_fates(fates, date.isoformat())]
    return counted


def _count_malformed(work: Workplace, date: dt.date) -> dict[Place, Counter[str]]:
    stored = StoredTables(work, [date])
    files = stored.files(REJECTED_EVENTS.name, date)
    found: dict[Place, Counter[str]] = {}
    if not any(file.only("layer") == "raw" for file in files):
        return found
    rows = stored.rows(REJECTED_EVENTS.name, date).where("layer = 'raw'")
    for row in count_rejected(rows).collect():
        counts = found.setdefault((row["source_object"], None), Counter())
        counts[malformed_column(row["reason"])] += row["line_count"]
    return {place: _completed(counts) for place, counts in found.items()}


def _completed(counts: Counter[str]) -> Counter[str]:
    """Counts with the sums over reasons, of a place in the ledger."""
    counts["malformed_count"] = sum(counts[name] for name in MALFORMED_COLUMNS)
    if counts["malformed_count"]:
        counts["raw_count"] = 0
    counts["line_count"] = counts["raw_count"] + counts["malformed_count"]
    return counts


def rebuild_row_ledger(work: Workplace, slice_: StaleDate) -> Rebuilt:
    """Count the stale hours of a date anew and publish its ledger, if every equation holds.

    Hours that did not change keep their rows.

    Raises:
        AuditFailed: rows are unaccounted for; it names object, date and difference, and the last
            good version stays visible.
        PublishConflict: another run published what was being counted.
    """
    date = slice_.event_date
    whole = replace(slice_, hours=None)
    build = SliceBuild(work, ROW_LEDGER.name, whole)
    inputs = ledger_inputs(work.lake, [date]).get(date)
    counted = count_date(work, slice_, inputs)
    kept = [row for row in stored_rows(work.lake, [date]) if not _is_of(slice_, row)]
    rows = [*kept, *ledger_rows(counted, date, work.run_id)]
    staged = stage_rows(work.lake, rows)
    try:
        measured, findings = build.audit(staged, judge=lambda _: counted.findings)
    except AuditFailed:
        if ledger_inputs(work.lake, [date]).get(date) != inputs:
            raise PublishConflict(
                f"row_ledger {date}: another run published rows of the date while run "
                f"{work.run_id} counted them; nothing is lost: run it again"
            ) from None
        raise
    counts = {NO_HOUR: {"row_count": 0, **measured.get(NO_HOUR, {}), **total_of(rows)}}
    snapshot = commit_slice(build.version, whole, build.replaced(), staged, work.run_id)
    published = describe_publication(ROW_LEDGER.name, whole, snapshot, staged, counts)
    work.lake.publications.record(published, work.run_id)
    return build.rebuilt(counts, staged, findings)


def _is_of(slice_: StaleDate, row: LedgerRow) -> bool:
    hour = NO_HOUR if row["event_hour"] is None else row["event_hour"]
    return slice_.hours is None or hour in slice_.hours


def ledger_rows(counted: CountedDate, date: dt.date, run_id: str) -> list[LedgerRow]:
    """The rows of the ledger for what was counted; places without a line have none."""
    now = dt.datetime.now(tz=dt.UTC)
    return [
        {
            "source_object": key,
            "object_version": counted.versions.get(key),
            "object_status": "current",
            "event_date": date,
            "event_hour": hour,
            **{name: counts[name] for name in COUNT_COLUMNS},
            "run_id": run_id,
            "counted_at": now,
        }
        for (key, hour), counts in sorted(counted.counts.items(), key=str)
        if counts["line_count"]
    ]


def stored_rows(lake: Lake, dates: Iterable[dt.date]) -> list[LedgerRow]:
    """The published rows of some dates."""
    return read_rows(lake, lake.table(ROW_LEDGER.name).files(dates))


def read_rows(lake: Lake, files: Iterable[TableFile]) -> list[LedgerRow]:
    """Rows of the ledger's files; they are few."""
    rows: list[LedgerRow] = []
    for file in files:
        with lake.storage.open(file.path, file.byte_count) as stream:
            rows += pq.read_table(stream, schema=ROW_LEDGER.arrow_schema).to_pylist()
    return rows


def stage_rows(lake: Lake, rows: list[LedgerRow]) -> StagedFiles:
    """Write rows of the ledger where no reader sees them."""
    stage = lake.stage(ROW_LEDGER.name)
    table = pa.Table.from_pylist(rows, schema=ROW_LEDGER.arrow_schema)
    options = {"compression": COMPRESSION, "store_schema": False}
    with stage.parquet_writer("ledger.parquet", table.schema, **options) as writer:
        writer.write_table(table)
    return stage.collect()


def total_of(rows: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """The counts of rows of the ledger together; of reasons those that occur."""
    sums: Counter[str] = Counter()
    for row in rows:
        sums.update({name: row[name] for name in COUNT_COLUMNS if row[name]})
    reasons = (*MALFORMED_COLUMNS, *REJECTED_COLUMNS)
    return {name: sums[name] for name in (*TOTALS, *(r for r in reasons if sums[r]))}
