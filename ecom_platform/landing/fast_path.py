"""The fast path: a piece of many lines parsed by Arrow, or None where that is not certainly right.

Belongs here: speed, and the proof that it changes no result. Not here: the rules themselves, which
are line_parser's; whatever is in doubt here is left to them.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from ecom_platform.landing.columns import EVENTS_SCHEMA, FEW_VALUES, SOURCE_COLUMNS
from ecom_platform.landing.distinct_values import (
    Uncertain,
    certain_ids,
    certain_prices,
    certain_times,
)
from ecom_platform.landing.line_blocks import NEWLINE
from ecom_platform.landing.line_parser import LineRules, split_fields

_UTF8_BOM = b"\xef\xbb\xbf"

# Everything is read as text, because Arrow's number parsers accept more than the rules do
# (" 1", "0x1F", "1e3"). Columns with few distinct values come as a dictionary: rules and casts
# then run once per distinct value.
_COLUMN_TYPES = {
    "event_time": FEW_VALUES,
    "event_type": FEW_VALUES,
    "product_id": pa.string(),
    "category_id": FEW_VALUES,
    "category_code": FEW_VALUES,
    "brand": FEW_VALUES,
    "price": FEW_VALUES,
    "user_id": pa.string(),
    "user_session": pa.string(),
}


@dataclass(frozen=True)
class Piece:
    """Whole lines inside a block: `data[start:stop]`, without a copy.

    Attributes:
        data: The block that holds the lines.
        start: Where the first line begins.
        stop: Where the last line ends, its line end included.
        first_row: Physical line number of the first line.
        line_count: How many lines there are.
    """

    data: bytes
    start: int
    stop: int
    first_row: int
    line_count: int


def parse_fast(piece: Piece, rules: LineRules) -> pa.Table | None:
    """All lines of a piece as events (`EVENTS_SCHEMA`), or None.

    A table is returned only where the line parser would certainly accept every line with the same
    values; None says nothing about the lines but that they need a closer look.
    """
    if not _is_plain_text(piece, rules.max_line_bytes):
        return None
    try:
        text = _read_csv(piece, rules)
        # With no line end but LF and CRLF, a row takes at least one line. As many rows as lines
        # means one each: no quote swallowed a line, no blank line was skipped. The one exception
        # is a quote left open in the last line, which Arrow closes at the end of the input.
        if text.num_rows != piece.line_count or _ends_in_a_quote(piece):
            return None
        return _typed(text, piece.first_row, rules)
    except (pa.ArrowInvalid, Uncertain):
        return None


def _is_plain_text(piece: Piece, max_line_bytes: int) -> bool:
    """Whether bytes that Arrow reads in its own way are absent, and every line is short enough."""
    data, start, stop = piece.data, piece.start, piece.stop
    if data.find(0, start, stop) >= 0 or data.startswith(_UTF8_BOM, start):
        return False  # Arrow drops a byte order mark at the beginning of what it is given.
    # If every window of half the limit has a newline, no line is longer than the limit.
    window = max(max_line_bytes // 2, 1)
    if stop - start > max_line_bytes and any(
        data.find(NEWLINE, at, at + window) < 0 for at in range(start, stop - window + 1, window)
    ):
        return False
    return _every_cr_belongs_to_a_crlf(piece) and _is_utf8(piece)


def _every_cr_belongs_to_a_crlf(piece: Piece) -> bool:
    """Arrow ends a line at a lone CR; by the rules it is a character of the line."""
    if piece.data.find(b"\r", piece.start, piece.stop) < 0:
        return True
    window = np.frombuffer(piece.data, np.uint8, piece.stop - piece.start, piece.start)
    after = np.flatnonzero(window == ord("\r")) + 1
    return bool(after[-1] < len(window) and (window[after] == NEWLINE[0]).all())


def _is_utf8(piece: Piece) -> bool:
    """Validate all bytes at once, those of columns that nobody reads included."""
    if piece.stop - piece.start == len(piece.data) and piece.data.isascii():
        return True  # The usual case: a whole block, and a check at a fraction of the cost.
    length = piece.stop - piece.start
    buffers = [None, pa.py_buffer(struct.pack("=ii", 0, length)), _buffer(piece)]
    try:
        pa.Array.from_buffers(pa.binary(), 1, buffers).cast(pa.string())
    except pa.ArrowInvalid:
        return False
    return True


def _ends_in_a_quote(piece: Piece) -> bool:
    """Whether the last line leaves a quoted field open."""
    if piece.data.find(b'"', piece.start, piece.stop) < 0:
        return False
    begin = piece.data.rfind(NEWLINE, piece.start, piece.stop - 1) + 1
    last = piece.data[max(begin, piece.start) : piece.stop]
    return split_fields(last.decode("utf-8")) is None


def _buffer(piece: Piece) -> pa.Buffer:
    return pa.py_buffer(piece.data).slice(piece.start, piece.stop - piece.start)


def _read_csv(piece: Piece, rules: LineRules) -> pa.Table:
    """The nine source columns as text; an empty field, quoted or not, is null."""
    names = [f"unread_{position}" for position in range(rules.field_count)]
    for name, position in zip(SOURCE_COLUMNS, rules.positions, strict=True):
        names[position] = name
    return csv.read_csv(
        _buffer(piece),  # type: ignore[arg-type]  # the stubs know no buffers here
        # One block, so that every column is one chunk. Threads are left to those who run us.
        read_options=csv.ReadOptions(
            use_threads=False, block_size=piece.stop - piece.start + 1, column_names=names
        ),
        convert_options=csv.ConvertOptions(
            column_types=_COLUMN_TYPES,
            include_columns=list(SOURCE_COLUMNS),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
            check_utf8=False,
        ),
    )


def _typed(text: pa.Table, first_row: int, rules: LineRules) -> pa.Table:
    """Events from text columns; raises Uncertain or ArrowInvalid where a value is in doubt."""
    # Any: the stubs do not know which columns are dictionaries.
    column: dict[str, Any] = {name: _one_chunk(text.column(name)) for name in SOURCE_COLUMNS}
    times, dates = certain_times(_dictionary(column["event_time"]), rules)
    when = column["event_time"].indices
    rows = np.arange(first_row, first_row + text.num_rows, dtype=np.int64)
    return pa.Table.from_arrays(
        [
            _take(times, when),
            _take(dates, when),
            column["event_type"],
            certain_ids(column["product_id"]),
            _take(certain_ids(_dictionary(column["category_id"])), column["category_id"].indices),
            column["category_code"],
            column["brand"],
            _take(certain_prices(_dictionary(column["price"])), column["price"].indices),
            certain_ids(column["user_id"]),
            column["user_session"],
            pa.array(rows),
        ],
        schema=EVENTS_SCHEMA,
    )


def _one_chunk(column: pa.ChunkedArray) -> Any:
    if column.num_chunks != 1:  # One block makes one chunk; another Arrow may do otherwise.
        raise Uncertain
    return column.chunk(0)


def _dictionary(column: pa.DictionaryArray) -> pa.Array:
    """The distinct values of a required column."""
    if column.null_count:
        raise Uncertain
    return column.dictionary


def _take(values: Any, indices: Any) -> Any:
    return pc.take(values, indices, boundscheck=False)
