"""A block of lines, fast where that is certain and line by line where it is not.

Belongs here: finding the doubtful lines of a block. Not here: how either parser works.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from ecom_platform.landing.fast_path import FastLines, parse_fast
from ecom_platform.landing.line_blocks import NEWLINE, LineBlock, without_line_end
from ecom_platform.landing.line_parser import Event, LineRules, parse_line
from ecom_platform.landing.piece import Piece
from ecom_platform.landing.rejections import Rejection

# Enough to find some thirty bad lines in a block; with more, the line parser is as quick.
_FAST_PARSES = 8


class ParsedLine(NamedTuple):
    """What the line parser gave for one line.

    Attributes:
        row: Its physical line number.
        line: Its bytes, without the line end.
        outcome: The event, or why it is none.
    """

    row: int
    line: bytes
    outcome: Event | Rejection


def parse_block(
    block: LineBlock, rules: LineRules, slow_piece_lines: int
) -> Iterator[pa.Table | ParsedLine]:
    """Every line of a block, in order: tables of events, and lines that were parsed one by one.

    A line with a bad value or a wrong number of fields costs no more than itself. Where the fast
    path cannot tell the lines apart (a quote left open, a NUL byte), the piece is halved, down to
    `slow_piece_lines`: one such line costs about two more parses of its block, and the good lines
    beside it stay fast. Where they are everywhere, the search ends after as much work as
    `_FAST_PARSES` of the block.
    """
    todo = [Piece(block.data, 0, len(block.data), block.first_row, block.line_count)]
    bytes_to_try = _FAST_PARSES * len(block.data)
    while todo:
        piece = todo.pop()
        if piece.line_count <= slow_piece_lines or bytes_to_try <= 0:
            yield from _parse_lines(piece, rules)
            continue
        bytes_to_try -= piece.stop - piece.start
        if (lines := parse_fast(piece, rules)) is not None:
            yield from _with_doubtful_lines(piece, lines, rules)
        elif halves := piece.halves():
            todo += reversed(halves)
        else:
            yield from _parse_lines(piece, rules)


def _parse_lines(piece: Piece, rules: LineRules) -> Iterator[ParsedLine]:
    """The lines of a piece, one by one."""
    start = piece.start
    for row in range(piece.first_row, piece.first_row + piece.line_count):
        stop = piece.data.find(NEWLINE, start, piece.stop) + 1 or piece.stop
        yield _parse_at(piece, row, start, stop, rules)
        start = stop


def _with_doubtful_lines(
    piece: Piece, lines: FastLines, rules: LineRules
) -> Iterator[pa.Table | ParsedLine]:
    """The events of a piece, and between them the doubtful lines, parsed one by one."""
    events, taken = lines.events, 0
    if len(lines.doubtful_rows):
        ends = piece.start + np.flatnonzero(piece.bytes_as_numbers == NEWLINE[0]) + 1
        bounds = [piece.start, *ends.tolist(), piece.stop]
        before = np.searchsorted(events["source_row"].to_numpy(), lines.doubtful_rows)
        for row, stop in zip(lines.doubtful_rows.tolist(), before.tolist(), strict=True):
            if stop > taken:
                yield events.slice(taken, stop - taken)
                taken = stop
            line = row - piece.first_row
            yield _parse_at(piece, row, bounds[line], bounds[line + 1], rules)
    if events.num_rows > taken:
        yield events.slice(taken)


def _parse_at(piece: Piece, row: int, start: int, stop: int, rules: LineRules) -> ParsedLine:
    line = without_line_end(piece.data[start:stop])
    return ParsedLine(row, line, parse_line(line, rules))
