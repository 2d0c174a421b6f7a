"""Physical lines: blocks of any size hold the same lines with the same numbers."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecom_platform.landing.byte_source import ByteSource
from ecom_platform.landing.line_blocks import (
    LineBlock,
    OversizedLine,
    read_line_blocks,
    without_line_end,
)
from ecom_platform.landing.read_limits import ReadLimits


def lines_of(data: bytes, limits: ReadLimits) -> list[tuple[int, bytes | int]]:
    """Row and bytes of every line; row and length of a line that was not kept."""
    found: list[tuple[int, bytes | int]] = []
    for block in read_line_blocks(ByteSource(io.BytesIO(data)), limits, 2):
        if isinstance(block, OversizedLine):
            found.append((block.row, block.length))
            continue
        ended = block.data.split(b"\n")
        if not ended[-1]:
            ended.pop()
        assert len(ended) == block.line_count
        found += [
            (row, line.removesuffix(b"\r")) for row, line in enumerate(ended, block.first_row)
        ]
    return found


@given(
    data=st.lists(st.sampled_from([b"\n", b"\r\n", b"\r", b"a", b"bc", b"d" * 9])).map(b"".join),
    block_bytes=st.integers(1, 40),
    max_line_bytes=st.integers(1, 12),
)
def test_every_line_comes_once_with_its_number(
    data: bytes, block_bytes: int, max_line_bytes: int
) -> None:
    expected = [line.removesuffix(b"\r") for line in data.split(b"\n")]
    if data.endswith(b"\n") or not data:
        expected.pop()
    limits = ReadLimits(block_bytes=block_bytes, max_line_bytes=max_line_bytes)
    found = lines_of(data, limits)
    assert [row for row, _ in found] == list(range(2, 2 + len(expected)))
    for (_, line), text in zip(found, expected, strict=True):
        # A line within the limit is always kept; a longer one is kept or measured.
        assert line == text or (line == len(text) > max_line_bytes)


def test_only_the_beginning_of_an_oversized_line_is_kept() -> None:
    limits = ReadLimits(block_bytes=100, max_line_bytes=50, stored_line_chars=10)
    data = b"first\n" + b"x" * 100_000 + b"\r\nlast"
    blocks = list(read_line_blocks(ByteSource(io.BytesIO(data)), limits, 2))
    long = next(block for block in blocks if isinstance(block, OversizedLine))
    assert (long.row, long.length, long.beginning) == (3, 100_000, b"x" * 40)
    last = blocks[-1]
    assert isinstance(last, LineBlock)
    assert (last.data, last.first_row, last.line_count) == (b"last", 4, 1)


@pytest.mark.parametrize(
    ("line", "text"), [(b"a\n", b"a"), (b"a\r\n", b"a"), (b"a", b"a"), (b"a\r\r\n", b"a\r")]
)
def test_a_line_ends_with_lf_or_crlf(line: bytes, text: bytes) -> None:
    assert without_line_end(line) == text
