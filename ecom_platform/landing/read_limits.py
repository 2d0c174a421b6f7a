"""Bounds of the reader: how much it holds at once and how long a line may be.

Belongs here: sizes that bound memory, and their defaults. Not here: what a valid value is.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ReadLimits:
    """Sizes that bound the reader's memory, whatever the object holds.

    Attributes:
        block_bytes: Plain bytes parsed at once. 4 MiB measured fastest (it fits the L2 cache).
        max_line_bytes: Longest line that is read, without its line end; longer ones are rejected.
        stored_line_chars: Characters of a rejected line that are kept.
        slow_piece_lines: Pieces of a doubtful block of up to this many lines go to the line
            parser. Starting Arrow takes as long as parsing 80 lines, so halving 256 gains nothing.
        lines_per_block: Line-by-line results held before a block is handed out.
    """

    block_bytes: int = 4 << 20
    max_line_bytes: int = 1 << 20
    stored_line_chars: int = 4096
    slow_piece_lines: int = 256
    lines_per_block: int = 50_000
