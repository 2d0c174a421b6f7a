"""Looking a line up by its number: the same lines as the reader counts."""

from __future__ import annotations

import gzip
import io

import pytest

from ecom_platform.landing.line_lookup import read_line
from ecom_platform.landing.read_limits import ReadLimits
from ecom_platform.landing.rejections import ObjectRefused
from ecom_platform_tests.landing.samples import HEADER, file, line

SMALL = ReadLimits(block_bytes=64, max_line_bytes=200, stored_line_chars=10)


def look(data: bytes, row: int, limits: ReadLimits | None = None) -> str | None:
    return read_line(io.BytesIO(data), row, limits)


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_every_line_is_found_by_its_number(end: bytes, pack) -> None:
    lines = [line(user_id=str(number)) for number in range(1, 50)]
    data = pack(file(*lines, end=end))
    limits = ReadLimits(block_bytes=300)
    assert look(data, 1, limits) == HEADER.decode()
    for row, text in enumerate(lines, start=2):
        assert look(data, row, limits) == text.decode()
    assert look(data, len(lines) + 2, limits) is None


def test_a_last_line_without_an_end_is_a_line() -> None:
    assert look(b"a\nb\nlast", 3) == "last"
    assert look(b"a\nb\n", 3) is None


def test_bytes_that_are_no_text_are_written_out_and_long_lines_are_cut() -> None:
    assert look(b"a\ncaf\xe9\n", 2) == "caf\\xe9"
    data = b"a\n" + b"x" * 5_000 + b"\nb\n"
    assert look(data, 2, SMALL) == "x" * 10
    assert look(data, 3, SMALL) == "b"


def test_a_damaged_gzip_gives_the_lines_before_the_damage() -> None:
    data = gzip.compress(file(*(line(user_id=str(number)) for number in range(1, 20_000))))
    cut = data[: len(data) // 2]
    assert look(cut, 2, ReadLimits(block_bytes=1024)) == line(user_id="1").decode()
    with pytest.raises(ObjectRefused, match="corrupt_gzip"):
        look(cut, 19_999)
