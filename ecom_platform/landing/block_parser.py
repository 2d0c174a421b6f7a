"""A block of lines, fast where that is certain and line by line around what is not.

Belongs here: the search for the doubtful lines of a block. Not here: how either parser works.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pyarrow as pa

from ecom_platform.landing.fast_path import Piece, parse_fast
from ecom_platform.landing.line_blocks import (
    NEWLINE,
    LineBlock,
    count_newlines,
    without_line_end,
)
from ecom_platform.landing.line_parser import Event, LineRules, parse_line
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

    A piece that the fast path is not certain of is halved, down to `slow_piece_lines`. So one bad
    line costs about two more parses of its block, and the good lines beside it stay fast. Where
    bad lines are everywhere, the search ends after as much work as `_FAST_PARSES` of the block.
    """
    todo = [Piece(block.data, 0, len(block.data), block.first_row, block.line_count)]
    bytes_to_try = _FAST_PARSES * len(block.data)
    while todo:
        piece = todo.pop()
        if piece.line_count <= slow_piece_lines or bytes_to_try <= 0:
            yield from _parse_lines(piece, rules)
            continue
        bytes_to_try -= piece.stop - piece.start
        if (events := parse_fast(piece, rules)) is not None:
            yield events
        elif halves := _halves(piece):
            todo += reversed(halves)
        else:
            yield from _parse_lines(piece, rules)


def _halves(piece: Piece) -> tuple[Piece, Piece] | None:
    """Both halves, cut at a newline near the middle; None where there is but one line."""
    middle = (piece.start + piece.stop) // 2
    cut = piece.data.find(NEWLINE, middle, piece.stop - 1) + 1
    cut = cut or piece.data.rfind(NEWLINE, piece.start, middle) + 1
    if not cut:
        return None
    before = count_newlines(piece.data, piece.start, cut)
    return (
        Piece(piece.data, piece.start, cut, piece.first_row, before),
        Piece(piece.data, cut, piece.stop, piece.first_row + before, piece.line_count - before),
    )


def _parse_lines(piece: Piece, rules: LineRules) -> Iterator[ParsedLine]:
    """The lines of a piece, one by one."""
    start = piece.start
    for row in range(piece.first_row, piece.first_row + piece.line_count):
        stop = piece.data.find(NEWLINE, start, piece.stop) + 1 or piece.stop
        line = without_line_end(piece.data[start:stop])
        yield ParsedLine(row, line, parse_line(line, rules))
        start = stop
