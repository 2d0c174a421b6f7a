"""Line 1 of an object: what is tolerated, and what refuses the object."""

from __future__ import annotations

import pytest

from ecom_platform.landing.columns import SOURCE_COLUMNS
from ecom_platform.landing.header import parse_header
from ecom_platform.landing.rejections import ObjectRefused
from ecom_platform_tests.landing.samples import HEADER, line


def refusal(text: bytes) -> ObjectRefused:
    with pytest.raises(ObjectRefused) as caught:
        parse_header(text)
    return caught.value


def test_columns_are_found_by_name_in_any_order() -> None:
    header = parse_header(",".join(reversed(SOURCE_COLUMNS)).encode())
    assert header.positions == (8, 7, 6, 5, 4, 3, 2, 1, 0)
    assert header.warnings == ()


@pytest.mark.parametrize(
    "text",
    [
        b"\xef\xbb\xbf" + HEADER,
        HEADER.upper(),
        HEADER.replace(b",", b" , "),
        b'"' + HEADER.replace(b",", b'","') + b'"',
        b' "event_time" ' + HEADER.removeprefix(b"event_time"),
    ],
)
def test_a_mark_case_spaces_and_quotes_are_tolerated(text: bytes) -> None:
    assert parse_header(text).positions == tuple(range(9))


def test_extra_columns_are_named_in_a_warning() -> None:
    header = parse_header(b"loaded_at," + HEADER + b",,loaded_at")
    assert header.positions == tuple(range(1, 10))
    assert header.warnings == ("columns that are not read: 'loaded_at', '', 'loaded_at'",)


def test_missing_columns_are_named() -> None:
    found = refusal(HEADER.replace(b",brand", b"").replace(b",price", b""))
    assert (found.reason, found.detail) == ("missing_column", "the header lacks brand, price")


def test_a_column_that_stands_twice_is_named() -> None:
    found = refusal(HEADER + b", Price")
    assert (found.reason, found.detail) == ("duplicate_column", "the header names price twice")


@pytest.mark.parametrize(
    "text", [line(), b"", b"hello", HEADER.replace(b",", b";"), b'"' + HEADER, b"\xef\xbb\xbf"]
)
def test_a_first_line_that_names_no_column_is_no_header(text: bytes) -> None:
    assert refusal(text).reason == "no_header"


@pytest.mark.parametrize(
    "text",
    [HEADER.decode().encode("utf-16"), HEADER.decode().encode("utf-16-le"), b"\xfe\xff", b"\x80"],
)
def test_a_first_line_in_another_encoding_is_not_utf8(text: bytes) -> None:
    assert refusal(text).reason == "not_utf8"


def test_utf_16_is_called_by_its_name() -> None:
    for encoding in ("utf-16", "utf-16-le"):
        assert "UTF-16" in refusal(HEADER.decode().encode(encoding)).detail
    assert "write it as UTF-8" in refusal(HEADER.decode().encode("utf-16")).detail
