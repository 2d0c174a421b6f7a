"""Bad objects, one kind after another: what docs/bad_input.md says each gets, it gets."""

from __future__ import annotations

import gzip
import random

import pytest

from ecom_platform.landing.rejections import ObjectRefused
from ecom_platform_tests.landing.samples import HEADER, fates, file, line, read, reader

MEBIBYTE = 1 << 20


def refusal(data: bytes) -> ObjectRefused:
    """Why a whole object is refused, now or at its end."""
    with pytest.raises(ObjectRefused) as caught:
        list(reader(data))
    return caught.value


def test_a_truncated_gzip_is_refused_whole() -> None:
    lines = [line(user_id=str(number + 1)) for number in range(20_000)]
    packed = gzip.compress(file(*lines))
    blocks = iter(reader(packed[: len(packed) - 10], block_bytes=100_000))
    assert next(blocks).events.num_rows > 0, "the damage shows only at the end"
    with pytest.raises(ObjectRefused, match="corrupt_gzip"):
        list(blocks)


def test_a_gzip_with_a_wrong_checksum_is_refused_whole() -> None:
    packed = bytearray(gzip.compress(file(line())))
    packed[-6] ^= 1
    assert refusal(bytes(packed)).reason == "corrupt_gzip"


def test_a_gzip_with_garbage_behind_it_is_refused_whole() -> None:
    assert refusal(gzip.compress(file(line())) + b"<html>").reason == "corrupt_gzip"


def test_gzip_is_known_by_its_content_not_by_its_name() -> None:
    # The reader is never told a name: plain and gzip are read alike.
    assert fates(gzip.compress(file(line()))) == fates(file(line()))


def test_a_gzip_of_several_members_is_one_object() -> None:
    packed = gzip.compress(file(line())) + gzip.compress(line() + b"\n")
    assert [fate[0] for fate in fates(packed)] == [2, 3]


def test_joined_files_reject_the_header_in_the_middle() -> None:
    packed = gzip.compress(file(line())) + gzip.compress(file(line()))
    assert [fate[1] for fate in fates(packed) if len(fate) > 2] == ["bad_event_time"]


def test_an_empty_object_is_refused() -> None:
    assert refusal(b"").reason == "empty_object"
    assert refusal(gzip.compress(b"")).reason == "empty_object"


def test_an_object_of_a_header_only_is_empty_and_fine() -> None:
    for data in (HEADER, HEADER + b"\n", HEADER + b"\r\n", gzip.compress(HEADER)):
        assert list(reader(data)) == []


def test_a_wrong_header_is_refused_and_the_columns_are_named() -> None:
    found = refusal(file(line(), header=HEADER.replace(b"price", b"amount")))
    assert (found.reason, found.detail) == ("missing_column", "the header lacks price")


def test_a_column_that_stands_twice_is_refused() -> None:
    assert refusal(file(line() + b",1", header=HEADER + b",PRICE")).reason == "duplicate_column"


def test_a_file_without_a_header_is_refused() -> None:
    found = refusal(file(line(), header=line()))
    assert found.reason == "no_header"
    assert "expected a header such as 'event_time,event_type" in found.detail


def test_a_file_with_another_separator_is_refused() -> None:
    assert refusal(file(line(), header=HEADER.replace(b",", b"\t"))).reason == "no_header"


def test_extra_columns_and_another_order_are_read_with_a_warning() -> None:
    names, values = HEADER.split(b","), line().split(b",")
    moved = reader(
        file(b",".join([b"x", *reversed(values)]), header=b",".join([b"extra", *reversed(names)]))
    )
    assert moved.warnings == ("columns that are not read: 'extra'",)
    (block,) = moved
    assert block.events.to_pylist() == read(file(line()))[0].to_pylist()


def test_binary_garbage_is_refused() -> None:
    garbage = random.Random(4).randbytes(100_000)
    assert refusal(garbage).reason in {"not_utf8", "no_header"}
    assert refusal(b"PK\x03\x04\x14\0\0\0" + garbage).reason == "not_utf8"
    assert refusal(b"PAR1" + b"x" * 3 * MEBIBYTE).reason == "no_header"
    assert refusal(b"\x1f\x8b" + garbage).reason == "corrupt_gzip"


def test_garbage_below_a_good_header_is_rejected_line_by_line() -> None:
    garbage = random.Random(5).randbytes(50_000)
    events, rejected = read(file(line(), garbage, line()))
    assert events["source_row"].to_pylist() == [2, 3 + garbage.count(b"\n") + 1]
    assert rejected.num_rows == garbage.count(b"\n") + 1


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_refused(encoding: str) -> None:
    assert refusal(file(line()).decode().encode(encoding)).reason == "not_utf8"


def test_a_byte_order_mark_is_accepted() -> None:
    assert fates(b"\xef\xbb\xbf" + file(line())) == fates(file(line()))


def test_windows_line_ends_are_accepted() -> None:
    assert fates(file(line(), line(), end=b"\r\n")) == fates(file(line(), line()))


def test_a_last_line_without_line_end_is_a_line() -> None:
    assert fates(file(line(), line())[:-1]) == fates(file(line(), line()))


def test_a_last_line_cut_in_the_middle_is_rejected_alone() -> None:
    found = fates(file(line(), line())[:-80])
    assert [fate[1] for fate in found if len(fate) > 2] == ["field_count"]
    assert len(found) == 2
