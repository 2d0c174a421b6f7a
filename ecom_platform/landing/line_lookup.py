"""One physical line of an object, found by its number.

Belongs here: reading as far as a line and no further. Not here: what the line means.
"""

from __future__ import annotations

from typing import BinaryIO

from ecom_platform.landing.byte_source import ByteSource
from ecom_platform.landing.line_blocks import (
    NEWLINE,
    OversizedLine,
    read_line_blocks,
    without_line_end,
)
from ecom_platform.landing.read_limits import ReadLimits


def read_line(stream: BinaryIO, row: int, limits: ReadLimits | None = None) -> str | None:
    """The text of a line, the header being line 1; None if the object is shorter.

    Bytes that are no UTF-8 are written out, and of a line longer than `limits` allow only the
    beginning is given, as of rejected lines.

    Raises:
        ObjectRefused: `corrupt_gzip`, before the line was reached.
    """
    limits = limits or ReadLimits()
    for block in read_line_blocks(ByteSource(stream), limits, 1):
        if isinstance(block, OversizedLine):
            if block.row == row:
                return _text(block.beginning, limits)
        elif block.first_row <= row < block.first_row + block.line_count:
            line = block.data.split(NEWLINE)[row - block.first_row]
            return _text(without_line_end(line), limits)
    return None


def _text(line: bytes, limits: ReadLimits) -> str:
    return line.decode("utf-8", "backslashreplace")[: limits.stored_line_chars]
