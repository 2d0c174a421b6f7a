"""Event files for tests: one good line and its variations, and what a reader made of a file.

Belongs here: building and reading small files. Not here: expectations.
"""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pyarrow as pa

from ecom_platform.landing.columns import EVENTS_SCHEMA, SOURCE_COLUMNS
from ecom_platform.landing.events_reader import EventsReader
from ecom_platform.landing.line_parser import Event, LineRules, parse_line
from ecom_platform.landing.read_limits import ReadLimits
from ecom_platform.landing.rejections import Rejection

HEADER = ",".join(SOURCE_COLUMNS).encode()
START_DATE = dt.date(2019, 10, 1)
WRITTEN_AT = dt.datetime(2020, 5, 1, 6, 30, tzinfo=dt.UTC)

GOOD_FIELDS = {
    "event_time": "2020-04-01 00:00:05 UTC",
    "event_type": "view",
    "product_id": "2600001",
    "category_id": "2053013558000000123",
    "category_code": "electronics.headphone",
    "brand": "acme",
    "price": "149.90",
    "user_id": "512000111",
    "user_session": "0f4e2a6c-1b7d-4c55-9d3e-8a2f6b7c9d01",
}


def line(**changed: str) -> bytes:
    """A good line, without its line end, with some fields replaced by raw text."""
    return ",".join((GOOD_FIELDS | changed).values()).encode()


def file(*lines: bytes, header: bytes = HEADER, end: bytes = b"\n") -> bytes:
    """A whole file: header and lines, each with its line end."""
    return b"".join(one + end for one in (header, *lines))


def rules(**changed: Any) -> LineRules:
    """The rules of a file with the usual header."""
    usual = {
        "field_count": len(SOURCE_COLUMNS),
        "positions": tuple(range(len(SOURCE_COLUMNS))),
        "start_date": START_DATE,
        "latest": WRITTEN_AT + dt.timedelta(hours=24),
        "max_line_bytes": 1 << 20,
    }
    return LineRules(**(usual | changed))


def reader(data: bytes, **limits: int) -> EventsReader:
    """A reader of a file that lies in memory."""
    return EventsReader(
        io.BytesIO(data),
        start_date=START_DATE,
        written_at=WRITTEN_AT,
        limits=ReadLimits(**limits),
    )


def read(data: bytes, **limits: int) -> tuple[pa.Table, pa.Table]:
    """All events and all rejected lines of a file; the blocks must add up."""
    events, rejected = [], []
    for block in reader(data, **limits):
        assert block.lines == block.events.num_rows + block.rejected.num_rows > 0
        events.append(block.events)
        rejected.append(block.rejected)
    if not events:
        return EVENTS_SCHEMA.empty_table(), pa.table({"reason": pa.array([], pa.string())})
    return pa.concat_tables(events), pa.concat_tables(rejected)


def fates(data: bytes, **limits: int) -> list[tuple[Any, ...]]:
    """The fate of every line as the reader gives it, by physical line number."""
    events, rejected = read(data, **limits)
    accepted = [
        (row["source_row"], tuple(row[name] for name in Event._fields))
        for row in events.to_pylist()
    ]
    refused = [
        (row["source_row"], row["reason"], row["detail"], row["event_date"], row["line"])
        for row in rejected.to_pylist()
    ]
    return sorted(accepted + refused, key=lambda fate: fate[0])


def fates_by_line_parser(
    body: bytes, rules: LineRules, stored_line_chars: int
) -> list[tuple[Any, ...]]:
    """The fate of every line of a file without its header, by nothing but the line parser."""
    lines = body.split(b"\n")
    if not lines[-1]:
        lines.pop()
    found: list[tuple[Any, ...]] = []
    for row, one in enumerate(lines, start=2):
        text = one.removesuffix(b"\r")
        outcome = parse_line(text, rules)
        if isinstance(outcome, Event):
            found.append((row, tuple(outcome)))
        else:
            shown = text.decode("utf-8", "backslashreplace")[:stored_line_chars]
            found.append((row, outcome.reason, outcome.detail, outcome.event_date, shown))
    return found


def parse(text: bytes, **changed: Any) -> Event | Rejection:
    """What the line parser makes of a line."""
    return parse_line(text, rules(**changed))


def reason(text: bytes, **changed: Any) -> str:
    """The reason for which the line parser rejects a line."""
    outcome = parse(text, **changed)
    assert isinstance(outcome, Rejection), f"{text!r} was accepted"
    assert outcome.detail
    return outcome.reason


def event(text: bytes) -> Event:
    """The event that the line parser makes of a line."""
    outcome = parse(text)
    assert isinstance(outcome, Event), f"{text!r} was rejected: {outcome}"
    return outcome
