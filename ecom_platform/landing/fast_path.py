"""The fast path: a piece of many lines parsed by Arrow, and the proof that it changes no result.

Belongs here: speed. Not here: the rules themselves, which are line_parser's; whatever is in doubt
here is left to them.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from ecom_platform.landing.columns import EVENTS_SCHEMA, FEW_VALUES, SOURCE_COLUMNS
from ecom_platform.landing.line_parser import LineRules
from ecom_platform.landing.piece import Piece, ends_in_a_quote, is_plain_text
from ecom_platform.landing.values import parse_ids, parse_prices, parse_times

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
_REQUIRED = ("event_time", "product_id", "category_id", "price", "user_id")
# Beyond one doubtful line in eight, picking them out takes longer than parsing all line by line.
_DOUBTFUL_SHARE = 8


class FastLines(NamedTuple):
    """What is certain of a piece, and what is left to the line parser: together, every line.

    Attributes:
        events: Events (`EVENTS_SCHEMA`) that are just what the line parser would give.
        doubtful_rows: Physical line numbers of all other lines, ascending.
    """

    events: pa.Table
    doubtful_rows: np.ndarray


def parse_fast(piece: Piece, rules: LineRules) -> FastLines | None:
    """Parse a piece, or None where it is not certain which line a row came from."""
    if not is_plain_text(piece, rules.max_line_bytes):
        return None
    ragged: list[int] = []
    try:
        text = _read_csv(piece, rules, ragged)
    except pa.ArrowInvalid:  # No input is known to cause it; the line parser reads whatever does.
        return None
    # With no line end but LF and CRLF, a row takes at least one line, be it ragged or not. As
    # many rows as lines means one each: no quote swallowed a line, no blank line was skipped. The
    # one exception is a quote left open in the last line, which Arrow closes where the input ends.
    if text.num_rows + len(ragged) != piece.line_count or ends_in_a_quote(piece):
        return None
    rows = np.arange(piece.first_row, piece.first_row + piece.line_count, dtype=np.int64)
    events = _without_nulls(_typed(text, np.delete(rows, np.array(ragged, int) - 1), rules))
    if events.num_rows == piece.line_count:
        return FastLines(events, rows[:0])
    doubtful = np.setdiff1d(rows, events["source_row"].to_numpy(), assume_unique=True)
    if len(doubtful) * _DOUBTFUL_SHARE > piece.line_count:
        return FastLines(EVENTS_SCHEMA.empty_table(), rows)
    return FastLines(events, doubtful)


def _read_csv(piece: Piece, rules: LineRules, ragged: list[int]) -> pa.Table:
    """The nine source columns as text; an empty field, quoted or not, is null.

    Rows with another number of fields than the header are left out; their numbers in the piece,
    from 1, are added to `ragged`.
    """
    names = [f"unread_{position}" for position in range(rules.field_count)]
    for name, position in zip(SOURCE_COLUMNS, rules.positions, strict=True):
        names[position] = name

    def skip(row: csv.InvalidRow) -> Literal["skip", "error"]:
        if row.number is None:
            return "error"
        ragged.append(row.number)
        return "skip"

    return csv.read_csv(
        piece.buffer,  # type: ignore[arg-type]  # the stubs know no buffers here
        # One block, so that every column is one chunk. Only without threads are rows numbered.
        read_options=csv.ReadOptions(
            use_threads=False, block_size=piece.stop - piece.start + 1, column_names=names
        ),
        parse_options=csv.ParseOptions(invalid_row_handler=skip),
        convert_options=csv.ConvertOptions(
            column_types=_COLUMN_TYPES,
            include_columns=list(SOURCE_COLUMNS),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
            check_utf8=False,
        ),
    )


def _typed(text: pa.Table, rows: np.ndarray, rules: LineRules) -> pa.Table:
    """Events from text columns, with nulls where a required value is missing or in doubt."""
    # Any: the stubs do not know which columns are dictionaries.
    column: dict[str, Any] = {name: _only_chunk(text.column(name)) for name in SOURCE_COLUMNS}
    when, category, price = column["event_time"], column["category_id"], column["price"]
    times = parse_times(when.dictionary, rules)
    return pa.Table.from_arrays(
        [
            _take(times, when.indices),
            _take(times.cast(pa.date32()), when.indices),
            column["event_type"],
            parse_ids(column["product_id"]),
            _take(parse_ids(category.dictionary), category.indices),
            column["category_code"],
            column["brand"],
            _take(parse_prices(price.dictionary), price.indices),
            parse_ids(column["user_id"]),
            column["user_session"],
            pa.array(rows),
        ],
        schema=EVENTS_SCHEMA,
    )


def _only_chunk(column: pa.ChunkedArray) -> pa.Array:
    (chunk,) = column.chunks  # One block makes one chunk; combine_chunks would copy it.
    return chunk


def _without_nulls(events: pa.Table) -> pa.Table:
    """The events that have all required values."""
    for name in _REQUIRED:
        if events[name].null_count:
            events = events.filter(events[name].is_valid())
    return events


def _take(values: Any, indices: Any) -> Any:
    return pc.take(values, indices, boundscheck=False)
