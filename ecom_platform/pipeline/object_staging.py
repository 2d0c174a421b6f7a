"""Staging one landing object: its lines parsed and written where no reader sees them yet.

Belongs here: from an object's bytes to staged files of raw and rejected rows. Not here: commits.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow as pa

from ecom_platform.contracts.raw import RAW_EVENTS, REJECTED_EVENTS
from ecom_platform.lake.audit import AuditFailed, Equation
from ecom_platform.lake.date_files import DateFiles
from ecom_platform.lake.objects import ObjectOutcome
from ecom_platform.landing.columns import EVENTS_SCHEMA
from ecom_platform.landing.event_seconds import EventSeconds
from ecom_platform.landing.events_reader import EventsReader
from ecom_platform.landing.prefetch import ahead
from ecom_platform.landing.read_limits import ReadLimits
from ecom_platform.pipeline.lateness import measure_lateness

if TYPE_CHECKING:
    from ecom_platform.lake.lake import Lake
    from ecom_platform.lake.lateness import Lateness
    from ecom_platform.lake.staging import StagedFiles
    from ecom_platform.landing.objects import LandingObject, LandingStore
    from ecom_platform.landing.parsed_block import ParsedBlock
    from ecom_platform.pipeline.progress import Reporter

# Blocks are parsed on while a row group is compressed, which takes as long as some 18 of them.
_BLOCKS_AHEAD = 24
# One session has a few events, one row number has one; times repeat only beside each other.
_MANY_VALUES = ("event_time", "user_session", "source_row")


@dataclass(frozen=True)
class StagedObject:
    """One object, read to its end and staged, not yet visible.

    Attributes:
        outcome: what will be recorded of it once it is visible.
        files: staged files by table name.
        rows_by_date: events by date.
        malformed_by_date: rejected lines by date; None for lines that tell none.
        malformed_by_reason: rejected lines by reason.
        lateness: how late its events were delivered, by date.
        warnings: what was tolerated, for a person.
    """

    outcome: ObjectOutcome
    files: Mapping[str, StagedFiles]
    rows_by_date: Mapping[dt.date | None, int]
    malformed_by_date: Mapping[dt.date | None, int]
    malformed_by_reason: Counter[str]
    lateness: Sequence[Lateness]
    warnings: Sequence[str]


def stage_object(
    lake: Lake, store: LandingStore, found: LandingObject, reporter: Reporter
) -> StagedObject:
    """Read one object, whose version is known, to its end and stage its rows.

    Raises:
        ObjectRefused: the object as a whole cannot be read.
        ObjectChangedError: it changed while it was read.
    """
    with (
        store.open(found.key, found) as stream,
        DateFiles(lake.stage(RAW_EVENTS.name), _RAW_SCHEMA, _MANY_VALUES) as events,
        DateFiles(lake.stage(REJECTED_EVENTS.name), REJECTED_EVENTS.arrow_schema) as rejected,
    ):
        reader = EventsReader(
            stream,
            start_date=lake.settings.start_date,
            written_at=found.modified_at,
            limits=ReadLimits(max_line_bytes=lake.settings.max_line_bytes),
        )
        sink = _Sink(found, events, rejected)
        lines = sink.take_all(reader, reporter)
        store.verify_unchanged(found)
        files = {RAW_EVENTS.name: events.close(), REJECTED_EVENTS.name: rejected.close()}
    outcome = ObjectOutcome(
        source_object=found.key,
        object_version=found.version or "",
        status="ingested",
        size_bytes=found.size,
        modified_at=found.modified_at,
        line_count=lines,
        raw_count=files[RAW_EVENTS.name].row_count,
        malformed_count=files[REJECTED_EVENTS.name].row_count,
    )
    _reconcile(outcome)
    return StagedObject(
        outcome=outcome,
        files=files,
        rows_by_date=dict(events.rows_by_date),
        malformed_by_date=dict(rejected.rows_by_date),
        malformed_by_reason=sink.malformed_by_reason,
        lateness=measure_lateness(found, sink.event_seconds, sink.now),
        warnings=[f"{found.key}: {warning}" for warning in reader.warnings],
    )


@dataclass
class _Sink:
    """Where the rows of an object go, and what is counted on the way."""

    found: LandingObject
    events: DateFiles
    rejected: DateFiles
    now: dt.datetime = field(default_factory=lambda: dt.datetime.now(tz=dt.UTC))
    event_seconds: EventSeconds = field(default_factory=EventSeconds)
    malformed_by_reason: Counter[str] = field(default_factory=Counter)

    def take_all(self, reader: EventsReader, reporter: Reporter) -> int:
        """Write all blocks while the next ones are parsed; the number of lines."""
        found, lines = self.found, 0
        with closing(ahead(iter(reader), _BLOCKS_AHEAD)) as blocks:
            for block in blocks:
                lines += block.lines
                self._take(block)
                done = block.compressed_bytes_read
                reporter(f"raw_events {found.key}", done, found.size, "bytes")
        return lines

    def _take(self, block: ParsedBlock) -> None:
        self.event_seconds.add(block.events["event_time"])
        self.events.add(_with_provenance(block.events, self.found, self.now))
        if block.rejected.num_rows:
            self.rejected.add(_as_rejected(block.rejected, self.found, self.now))
            reasons = block.rejected["reason"].to_pylist()
            self.malformed_by_reason.update(str(reason) for reason in reasons)


def _reconcile(outcome: ObjectOutcome) -> None:
    """Refuse to publish an object unless every line of it was staged, by the files' footers."""
    parts = {"raw_events": outcome.raw_count, "malformed": outcome.malformed_count}
    equation = Equation("lines", outcome.line_count, parts)
    if equation.difference:
        raise AuditFailed(
            f"{outcome.source_object} is not published: of {outcome.line_count:,} lines "
            f"{outcome.raw_count:,} were staged as events and {outcome.malformed_count:,} as "
            f"malformed, {equation.difference:+,} are unaccounted for; this is a defect of the "
            "reader: keep the object and report it"
        )


def _with_provenance(events: pa.Table, found: LandingObject, now: dt.datetime) -> pa.Table:
    size = events.num_rows
    columns: dict[str, pa.Array] = {
        "source_object": _constant(found.key, size),
        "object_version": _constant(found.version or "", size),
        "ingested_at": pa.repeat(pa.scalar(now, pa.timestamp("us", "UTC")), size),
    }
    # Files tell no ids, devices and channels.
    columns |= {
        field.name: pa.nulls(size, field.type)
        for field in _RAW_SCHEMA
        if field.name not in (*events.column_names, *columns)
    }
    for name, values in columns.items():
        events = events.append_column(name, values)
    return events.select(_RAW_SCHEMA.names)


def _as_rejected(rejected: pa.Table, found: LandingObject, now: dt.datetime) -> pa.Table:
    size = rejected.num_rows
    columns: dict[str, pa.Array] = {
        "event_time": pa.nulls(size, pa.timestamp("us", "UTC")),
        "layer": pa.repeat(pa.scalar("raw"), size),
        "source_object": pa.repeat(pa.scalar(found.key), size),
        "object_version": pa.repeat(pa.scalar(found.version or ""), size),
        "rejected_at": pa.repeat(pa.scalar(now, pa.timestamp("us", "UTC")), size),
    }
    for name, values in columns.items():
        rejected = rejected.append_column(name, values)
    return rejected.select(REJECTED_EVENTS.column_names).cast(REJECTED_EVENTS.arrow_schema)


def _constant(value: str, size: int) -> pa.DictionaryArray:
    """One text in every row, stored once."""
    indices = pa.repeat(pa.scalar(0, pa.int32()), size)
    return pa.DictionaryArray.from_arrays(indices, pa.array([value]))


def _raw_schema() -> pa.Schema:
    """The schema of raw_events with the reader's dictionaries, which Parquet stores as text."""
    text = pa.dictionary(pa.int32(), pa.string())
    fields = []
    for column in RAW_EVENTS.columns:
        if column.name in EVENTS_SCHEMA.names:
            fields.append(EVENTS_SCHEMA.field(column.name))
        else:
            is_text = column.arrow_type == pa.string()
            fields.append(pa.field(column.name, text if is_text else column.arrow_type))
    return pa.schema(fields)


_RAW_SCHEMA = _raw_schema()
