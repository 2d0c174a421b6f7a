"""What the reader hands out: blocks of events and rejected lines, and how they are put together.

Belongs here: collecting outcomes into tables of bounded size. Not here: parsing.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from ecom_platform.landing.block_parser import ParsedLine
from ecom_platform.landing.columns import EVENTS_SCHEMA, REJECTED_SCHEMA
from ecom_platform.landing.line_parser import Event
from ecom_platform.landing.rejections import Rejection

_MAX_UTF8_BYTES = 4


@dataclass(frozen=True)
class ParsedBlock:
    """Consecutive lines of an object, each with exactly one fate.

    `lines == events.num_rows + rejected.num_rows`, always.

    Attributes:
        events: Lines that are events (`EVENTS_SCHEMA`), in the order of the object.
        rejected: Lines that are none (`REJECTED_SCHEMA`), in the order of the object.
        lines: Physical lines of the object that this block accounts for.
        compressed_bytes_read: How far the object was read, in its bytes as they lie in landing.
    """

    events: pa.Table
    rejected: pa.Table
    lines: int
    compressed_bytes_read: int


class BlockBuilder:
    """Collects outcomes in the order of the lines until they are handed out as one block.

    Args:
        stored_line_chars: Characters of a rejected line that are kept.
    """

    def __init__(self, stored_line_chars: int) -> None:
        self._stored_line_chars = stored_line_chars
        self._tables: list[pa.Table] = []
        self._events: list[tuple[object, ...]] = []
        self._rejected: list[tuple[object, ...]] = []
        self.line_count = 0

    def add(self, outcome: pa.Table | ParsedLine) -> None:
        """Take the outcome of the next lines."""
        if isinstance(outcome, pa.Table):
            self._flush_events()
            self._tables.append(outcome)
            self.line_count += outcome.num_rows
            return
        if isinstance(outcome.outcome, Event):
            self._events.append((*outcome.outcome, outcome.row))
        else:
            self._rejected.append(self._record(outcome.row, outcome.line, outcome.outcome))
        self.line_count += 1

    def build(self, compressed_bytes_read: int) -> ParsedBlock:
        """Hand out what was collected, and begin anew."""
        self._flush_events()
        block = ParsedBlock(
            # One chunk per column: a block of thousands of small pieces is slow to work with.
            events=pa.concat_tables(self._tables or [EVENTS_SCHEMA.empty_table()]).combine_chunks(),
            rejected=_table(self._rejected, REJECTED_SCHEMA),
            lines=self.line_count,
            compressed_bytes_read=compressed_bytes_read,
        )
        self._tables, self._rejected, self.line_count = [], [], 0
        return block

    def _flush_events(self) -> None:
        if self._events:
            self._tables.append(_table(self._events, EVENTS_SCHEMA))
            self._events = []

    def _record(self, row: int, line: bytes, rejection: Rejection) -> tuple[object, ...]:
        shown = line[: self._stored_line_chars * _MAX_UTF8_BYTES].decode(
            "utf-8", "backslashreplace"
        )[: self._stored_line_chars]
        return rejection.event_date, row, rejection.reason, rejection.detail, shown


def _table(rows: list[tuple[object, ...]], schema: pa.Schema) -> pa.Table:
    """A table from rows whose values stand in the order of the schema."""
    columns = zip(*rows, strict=True) if rows else [() for _ in schema]
    arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)
