"""The rules of a line, one by one, and their order."""

from __future__ import annotations

import csv
import datetime as dt
from decimal import Decimal
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecom_platform.landing.line_parser import Event, split_fields
from ecom_platform.landing.rejections import Rejection, RejectReason
from ecom_platform_tests.landing.samples import event, line, parse, reason


def test_a_good_line_becomes_a_typed_event() -> None:
    assert event(line()) == Event(
        event_time=dt.datetime(2020, 4, 1, 0, 0, 5, tzinfo=dt.UTC),
        event_date=dt.date(2020, 4, 1),
        event_type="view",
        product_id=2600001,
        category_id=2053013558000000123,
        category_code="electronics.headphone",
        brand="acme",
        price=Decimal("149.90"),
        user_id=512000111,
        user_session="0f4e2a6c-1b7d-4c55-9d3e-8a2f6b7c9d01",
    )


@pytest.mark.parametrize("column", ["event_type", "category_code", "brand", "user_session"])
def test_an_empty_text_is_null_and_any_other_text_is_kept(column: str) -> None:
    assert getattr(event(line(**{column: ""})), column) is None
    assert getattr(event(line(**{column: '""'})), column) is None
    for text in ("NA", "null", "nan", "NULL", " ", "  x ", "überphone", "a\rb", "\ufeff"):
        assert getattr(event(line(**{column: text})), column) == text


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("", [""]),
        ("a,,c", ["a", "", "c"]),
        ('"a,b",c', ["a,b", "c"]),
        ('"a""b",c', ['a"b', "c"]),
        ('a"b,c', ['a"b', "c"]),
        ('"a"b,c', ["ab", "c"]),
        (' "a,b"', [' "a', 'b"']),
        ('"",""', ["", ""]),
    ],
)
def test_fields_are_split_at_commas_outside_quotes(text: str, fields: list[str]) -> None:
    assert split_fields(text) == fields


@given(st.text(alphabet='a,"" é', max_size=12))
def test_fields_are_split_as_by_the_csv_module(text: str) -> None:
    fields = split_fields(text)
    if fields is None:
        with pytest.raises(csv.Error):
            list(csv.reader([text], strict=True))
    elif text:
        assert [fields] == list(csv.reader([text]))


@pytest.mark.parametrize("text", [b"", b"   ", b"\t", b"\r"])
def test_a_line_of_white_space_is_blank(text: bytes) -> None:
    assert reason(text) == "blank_line"


def test_a_quote_that_stays_open_is_named() -> None:
    assert reason(line(brand='"acme')) == "unclosed_quote"
    assert reason(line(user_session='"')) == "unclosed_quote"


def test_the_number_of_fields_is_that_of_the_header() -> None:
    assert parse(line().rpartition(b",")[0]) == Rejection("field_count", "8 fields, expected 9")
    assert parse(line() + b",") == Rejection("field_count", "10 fields, expected 9")
    assert parse(line(price="1,000.00")) == Rejection("field_count", "10 fields, expected 9")


def test_a_quoted_price_with_a_separator_is_a_bad_price() -> None:
    assert reason(line(price='"1,000.00"')) == "bad_price"


def test_bytes_that_are_no_text_are_named_with_their_place() -> None:
    assert parse(b"ab\xff") == Rejection("encoding", "byte 0xff at byte 3 is not UTF-8")
    assert parse(b"ab\0") == Rejection("nul_byte", "a NUL byte at byte 3 of the line")
    for surrogate_or_overlong in (b"\xed\xa0\x80", b"\xc0\x80", b"\xf4\x90\x80\x80"):
        assert reason(surrogate_or_overlong) == "encoding"


def test_the_limit_of_a_line_is_inclusive() -> None:
    text = line()
    assert isinstance(parse(text, max_line_bytes=len(text)), Event)
    assert reason(text, max_line_bytes=len(text) - 1) == "line_too_long"


def test_a_rejection_names_the_date_only_where_the_line_tells_one_in_range() -> None:
    april = dt.date(2020, 4, 1)
    for column in ("product_id", "category_id", "price", "user_id"):
        assert parse(line(**{column: "x"}))[2] == april
    assert parse(line(event_time="x"))[2] is None
    assert parse(line(event_time="2001-01-01 00:00:00 UTC"))[2] is None
    assert parse(line(brand='"'))[2] is None
    assert parse(line() + b",")[2] is None


def test_the_first_broken_rule_names_the_reason_in_the_documented_order() -> None:
    """Each text breaks the rule it is listed with, and rules that are tried after it."""
    bad_fields = {"price": "x", "user_id": "x", "category_id": "x", "product_id": "x"}
    long = b"\xff\0" + b" " * 400
    broken = {
        "line_too_long": long,
        "blank_line": b" ",
        "nul_byte": b'\0\xff"',
        "encoding": b'"\xff',
        "unclosed_quote": b'"a,b',
        "field_count": b"a,b",
        "bad_event_time": line(event_time="x", **bad_fields),
        "date_out_of_range": line(event_time="2001-01-01 00:00:00 UTC", **bad_fields),
        "bad_product_id": line(**bad_fields),
        "bad_category_id": line(price="x", user_id="x", category_id="x"),
        "bad_price": line(price="x", user_id="x"),
        "bad_user_id": line(user_id="x"),
    }
    assert tuple(broken) == get_args(RejectReason)
    assert [reason(text, max_line_bytes=400) for text in broken.values()] == list(broken)


def test_a_detail_is_short_and_does_not_repeat_a_user_id() -> None:
    outcome = parse(line(price="9" * 5000))
    assert isinstance(outcome, Rejection)
    assert len(outcome.detail) < 200
    assert "4711x" not in str(parse(line(user_id="4711x")))
