"""A piece of a block: whole lines, and whether Arrow would read their bytes as the rules do.

Belongs here: checks on bytes, before anything is parsed. Not here: fields and values.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ecom_platform.landing.line_blocks import NEWLINE, count_newlines
from ecom_platform.landing.line_parser import split_fields

_UTF8_BOM = b"\xef\xbb\xbf"


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

    @property
    def buffer(self) -> pa.Buffer:
        """The bytes of the lines, for Arrow."""
        return pa.py_buffer(self.data).slice(self.start, self.stop - self.start)

    @property
    def bytes_as_numbers(self) -> np.ndarray:
        """The bytes of the lines, for numpy."""
        return np.frombuffer(self.data, np.uint8, self.stop - self.start, self.start)

    def halves(self) -> tuple[Piece, Piece] | None:
        """Both halves, cut at a newline near the middle; None where there is but one line."""
        middle = (self.start + self.stop) // 2
        cut = self.data.find(NEWLINE, middle, self.stop - 1) + 1
        cut = cut or self.data.rfind(NEWLINE, self.start, middle) + 1
        if not cut:
            return None
        before = count_newlines(self.data, self.start, cut)
        after = self.line_count - before
        return (
            Piece(self.data, self.start, cut, self.first_row, before),
            Piece(self.data, cut, self.stop, self.first_row + before, after),
        )


def is_plain_text(piece: Piece, max_line_bytes: int) -> bool:
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


def ends_in_a_quote(piece: Piece) -> bool:
    """Whether the last line leaves a quoted field open."""
    if piece.data.find(b'"', piece.start, piece.stop) < 0:
        return False
    begin = piece.data.rfind(NEWLINE, piece.start, piece.stop - 1) + 1
    last = piece.data[max(begin, piece.start) : piece.stop]
    return split_fields(last.decode("utf-8")) is None


def _every_cr_belongs_to_a_crlf(piece: Piece) -> bool:
    """Arrow ends a line at a lone CR; by the rules it is a character of the line."""
    if piece.data.find(b"\r", piece.start, piece.stop) < 0:
        return True
    numbers = piece.bytes_as_numbers
    after = np.flatnonzero(numbers == ord("\r")) + 1
    return bool(after[-1] < len(numbers) and (numbers[after] == NEWLINE[0]).all())


def _is_utf8(piece: Piece) -> bool:
    """Validate all bytes at once, those of columns that nobody reads included."""
    if piece.stop - piece.start == len(piece.data) and piece.data.isascii():
        return True  # The usual case: a whole block, and a check at a fraction of the cost.
    buffers = [None, pa.py_buffer(struct.pack("=ii", 0, piece.stop - piece.start)), piece.buffer]
    try:
        pa.Array.from_buffers(pa.binary(), 1, buffers).cast(pa.string())
    except pa.ArrowInvalid:
        return False
    return True
