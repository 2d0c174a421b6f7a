"""The reader of event objects: bytes of a landing object in, blocks of events and rejects out.

Belongs here: the order of the steps. Not here: any of the steps; tables, engines and runs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import closing
from typing import BinaryIO

from ecom_platform.landing.block_parser import ParsedLine, parse_block
from ecom_platform.landing.byte_source import ByteSource
from ecom_platform.landing.header import ObjectHeader, parse_header
from ecom_platform.landing.line_blocks import (
    NEWLINE,
    OversizedLine,
    read_line_blocks,
    without_line_end,
)
from ecom_platform.landing.line_parser import MAX_AFTER_WRITING, LineRules, too_long
from ecom_platform.landing.parsed_block import BlockBuilder, ParsedBlock
from ecom_platform.landing.prefetch import ahead
from ecom_platform.landing.read_limits import ReadLimits
from ecom_platform.landing.rejections import ObjectRefused, Rejection

_HEADER_ROW = 1
_BLOCKS_AHEAD = 2


class EventsReader:
    """Reads one CSV object (plain or gzip) of shop events once, in constant memory.

    Source format: REES46 "eCommerce behavior data" as on Kaggle, comma-separated UTF-8 with a
    header (nine columns, found by name). `docs/bad_input.md` says what every other input gets.

    Args:
        stream: The object's bytes; stays open. Only `read` is used, so a socket will do.
        start_date: First event date (UTC) that is accepted.
        written_at: When the object was written, with its zone. Events more than 24 hours later
            are rejected.
        limits: Bounds of memory.

    Raises:
        ObjectRefused: The object has no usable header; while iterating: its gzip is damaged.
        ValueError: `written_at` has no zone.
    """

    def __init__(
        self,
        stream: BinaryIO,
        *,
        start_date: dt.date,
        written_at: dt.datetime,
        limits: ReadLimits | None = None,
    ) -> None:
        if written_at.tzinfo is None:
            raise ValueError(f"written_at {written_at} has no zone; give an aware UTC time")
        self._limits = limits or ReadLimits()
        self._source = ByteSource(stream)
        self._begun = False
        self.header: ObjectHeader = parse_header(self._first_line())
        self._rules = LineRules(
            field_count=len(self.header.names),
            positions=self.header.positions,
            start_date=start_date,
            latest=written_at.astimezone(dt.UTC) + MAX_AFTER_WRITING,
            max_line_bytes=self._limits.max_line_bytes,
        )

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was tolerated in the object, for a person."""
        return self.header.warnings

    def __iter__(self) -> Iterator[ParsedBlock]:
        """Blocks in the order of the object; every line below the header is in exactly one.

        Publish nothing before the iterator ends without an error: a gzip that is cut at its end
        shows only there.

        Raises:
            ObjectRefused: `corrupt_gzip`.
            RuntimeError: The reader was iterated before; a stream can be read once.
        """
        if self._begun:
            raise RuntimeError("an EventsReader reads its stream once; open the object again")
        self._begun = True
        return self._blocks()

    def _first_line(self) -> bytes:
        limit = self._limits.max_line_bytes
        line = self._source.readline(limit)
        if not line:
            raise ObjectRefused("empty_object", "the object holds no bytes, not even a header")
        if len(line) == limit and not line.endswith(NEWLINE):
            raise ObjectRefused("no_header", f"line 1 is no header: {limit:,} bytes and no end")
        return without_line_end(line)

    def _blocks(self) -> Iterator[ParsedBlock]:
        builder = BlockBuilder(self._limits.stored_line_chars)
        lines = read_line_blocks(self._source, self._limits, _HEADER_ROW + 1)
        with closing(ahead(lines, _BLOCKS_AHEAD)) as blocks:
            for block in blocks:
                position = block.compressed_bytes_read
                if isinstance(block, OversizedLine):
                    builder.add(self._reject_oversized(block))
                else:
                    for outcome in parse_block(block, self._rules, self._limits.slow_piece_lines):
                        builder.add(outcome)
                        if builder.line_count >= self._limits.lines_per_block:
                            yield builder.build(position)
                if builder.line_count:
                    yield builder.build(position)

    def _reject_oversized(self, line: OversizedLine) -> ParsedLine:
        broken = too_long(line.length, self._limits.max_line_bytes)
        return ParsedLine(line.row, line.beginning, Rejection(broken.reason, broken.detail))
