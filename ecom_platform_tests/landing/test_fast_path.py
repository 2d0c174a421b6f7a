"""The fast path: certain on ordinary files, and in doubt wherever Arrow reads in its own way."""

from __future__ import annotations

import pyarrow as pa
import pytest

from ecom_platform.landing import fast_path
from ecom_platform.landing.columns import EVENTS_SCHEMA, SOURCE_COLUMNS
from ecom_platform.landing.fast_path import parse_fast
from ecom_platform.landing.line_parser import Event, parse_line
from ecom_platform.landing.piece import Piece
from ecom_platform_tests.landing.samples import line, rules

GOOD = line()


def piece(data: bytes, first_row: int = 2) -> Piece:
    lines = data.count(b"\n") + (not data.endswith(b"\n"))
    return Piece(data, 0, len(data), first_row, lines)


def doubtful(*lines: bytes, end: bytes = b"\n") -> list[int] | None:
    """Places, from 0, of the lines that are left to the line parser; None if all are."""
    found = parse_fast(piece(b"".join(one + end for one in lines), first_row=0), rules())
    if found is None:
        return None
    places = found.doubtful_rows.tolist()
    assert sorted([*places, *found.events["source_row"].to_pylist()]) == list(range(len(lines)))
    return places


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        line(brand="", category_code="", user_session="", event_type=""),
        line(brand='""', price='"149.90"', product_id='"2600001"'),
        line(brand='"a ""b"", c"', category_code='d"e'),
        line(brand="überphone", category_code="NA", user_session="null"),
        line(event_time="2020-04-01T02:00:00.5+02:00"),
        line(price="-5.00"),
        line(price="5"),
        line(price="5.5"),
        line(price="9999999999.99"),
        line(product_id="9223372036854775807", user_id="007"),
    ],
)
def test_it_gives_what_the_line_parser_gives(text: bytes) -> None:
    for end in (b"\n", b"\r\n"):
        found = parse_fast(piece(text + end + GOOD, first_row=7), rules())
        assert found is not None
        events = found.events
        assert events.schema == EVENTS_SCHEMA
        for row, (values, one) in enumerate(zip(events.to_pylist(), (text, GOOD), strict=True), 7):
            expected = parse_line(one, rules())
            assert isinstance(expected, Event)
            assert values == expected._asdict() | {"source_row": row}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b"a,b", id="too few fields"),
        pytest.param(GOOD + b",", id="too many fields"),
        pytest.param(line(product_id=" 1"), id="space before an id, which Arrow trims"),
        pytest.param(line(user_id="1 "), id="space after an id, which Arrow trims"),
        pytest.param(line(category_id="0x1F"), id="hexadecimal, which Arrow reads"),
        pytest.param(line(user_id="0"), id="zero id"),
        pytest.param(line(product_id="-0"), id="negative zero id"),
        pytest.param(line(product_id=""), id="missing id"),
        pytest.param(line(category_id=""), id="missing category"),
        pytest.param(line(user_id="9223372036854775808"), id="id of 65 bits"),
        pytest.param(line(price="1e3"), id="exponent, which Arrow reads"),
        pytest.param(line(price="10.555"), id="three decimals"),
        pytest.param(line(price="+12.00"), id="plus sign, which Arrow reads"),
        pytest.param(line(price="1e03"), id="exponent as long as a usual price"),
        pytest.param(line(price=""), id="missing price"),
        pytest.param(line(price="1.2.50"), id="two points"),
        pytest.param(line(price="1.25.00"), id="two points, the last in its place"),
        pytest.param(line(price=".00"), id="no digit before the point"),
        pytest.param(line(price="10000000000.00"), id="price of eleven digits"),
        pytest.param(line(event_time=""), id="missing time"),
        pytest.param(line(event_time="2020-04-31 00:00:00 UTC"), id="31 April"),
        pytest.param(line(event_time="0000-04-01 00:00:00 UTC"), id="year 0, which Arrow has"),
        pytest.param(line(event_time="2020-04-01 00:00:00"), id="time without an offset"),
        pytest.param(line(event_time="2020-04-01 00:00:00 CET"), id="another zone, as long as UTC"),
        pytest.param(line(event_time="2020-04-01 00:00:0: UTC"), id="a colon, next after 9"),
        pytest.param(line(event_time="2019-09-30 23:59:59 UTC"), id="before the start date"),
        pytest.param(line(event_time="2020-05-02 06:30:01 UTC"), id="too long after writing"),
    ],
)
def test_only_a_line_with_a_bad_value_is_in_doubt(text: bytes) -> None:
    for end in (b"\n", b"\r\n"):
        for place in (0, 4, 9):
            lines = [GOOD] * 10
            lines[place] = text
            assert doubtful(*lines, end=end) == [place]
    assert doubtful(*[GOOD] * 10) == []


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b"", id="blank line, which Arrow skips"),
        pytest.param(line(brand="a\0b"), id="NUL byte"),
        pytest.param(GOOD.replace(b"acme", b"ac\xffme"), id="no UTF-8"),
        pytest.param(line(brand="a\rb"), id="lone CR, which ends a line for Arrow"),
        pytest.param(GOOD + b"\r" + GOOD, id="lone CR between two good lines"),
        pytest.param(line(brand='"acme'), id="open quote"),
        pytest.param(line(user_session='"0f4e'), id="open quote in the last field"),
        pytest.param(line(user_session='"'), id="only an open quote in the last field"),
        pytest.param(b"\xef\xbb\xbf" + GOOD, id="byte order mark, which Arrow drops"),
    ],
)
def test_all_is_in_doubt_where_arrow_reads_in_its_own_way(text: bytes) -> None:
    for end in (b"\n", b"\r\n"):
        assert doubtful(text, *[GOOD] * 10, end=end) is None
        if not text.startswith(b"\xef\xbb\xbf"):
            assert doubtful(*[GOOD] * 10, text, end=end) is None
            assert doubtful(*[GOOD] * 5, text, *[GOOD] * 5, end=end) is None


def test_a_byte_order_mark_elsewhere_is_part_of_its_field() -> None:
    assert doubtful(*[GOOD] * 8, b"\xef\xbb\xbf" + GOOD) == [8]


def test_lines_with_other_bad_values_are_all_found() -> None:
    lines = [GOOD] * 40
    lines[3] = line(price="1e3")
    lines[7] = b"ragged"
    lines[8] = line(user_id="", price="x")
    lines[39] = GOOD + b","
    assert doubtful(*lines) == [3, 7, 8, 39]


def test_where_more_than_one_line_in_eight_is_in_doubt_all_are() -> None:
    for bad in (line(price="1e3"), b"ragged", line(category_id="", event_time="", price="")):
        assert doubtful(bad, *[GOOD] * 7) == [0]
        assert doubtful(bad, *[GOOD] * 6) == list(range(7))
        assert doubtful(bad) == [0]


def test_an_open_quote_that_swallows_one_line_is_not_outweighed_by_one_that_splits() -> None:
    swallowing = line(brand='"acme') + b"\n" + line(brand='acme"')
    assert doubtful(swallowing, GOOD + b"\r" + GOOD) is None


def test_an_open_quote_that_swallows_a_line_makes_no_ragged_row() -> None:
    assert doubtful(b'a,"b', *[GOOD] * 10) is None
    assert doubtful(*[GOOD] * 10, b'a,"b', GOOD) is None
    assert doubtful(*[GOOD] * 10, b'a,"b') is None


def test_a_price_is_not_outweighed_by_another() -> None:
    # As many characters that are no digit as values, but not one point each.
    prices = [line(price="1e03"), line(price="49.90")]
    assert doubtful(*prices, *[GOOD] * 10) == [0]


def test_an_open_quote_in_a_last_line_without_line_end_is_in_doubt() -> None:
    assert parse_fast(piece(GOOD + b"\n" + line(user_session='"0f4e')), rules()) is None


def test_a_cut_crlf_at_the_end_is_in_doubt() -> None:
    assert parse_fast(piece(GOOD + b"\r\n" + GOOD + b"\r"), rules()) is None


def test_what_arrow_refuses_for_a_reason_of_its_own_is_in_doubt(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise pa.ArrowInvalid("CSV parser got out of sync with chunker")

    monkeypatch.setattr(fast_path.csv, "read_csv", refuse)
    assert doubtful(GOOD) is None


def test_a_line_over_the_limit_is_in_doubt_wherever_it_hides() -> None:
    long = line(brand="x" * 1000)
    for lines in ([long, GOOD], [GOOD, long], [GOOD] * 20 + [long] + [GOOD] * 20):
        data = b"\n".join(lines) + b"\n"
        assert parse_fast(piece(data), rules(max_line_bytes=len(long) - 1)) is None
        assert parse_fast(piece(data), rules(max_line_bytes=2 * len(long))) is not None


def test_no_utf8_in_a_column_that_nobody_reads_is_in_doubt() -> None:
    wide = rules(field_count=10)
    assert parse_fast(piece(GOOD + b",\xff\n"), wide) is None
    assert parse_fast(piece(GOOD + ",é\n".encode()), wide) is not None


def test_columns_are_taken_from_where_the_header_has_them() -> None:
    values = GOOD.split(b",")
    moved = b",".join([b"extra", *reversed(values)])
    there = rules(field_count=10, positions=tuple(range(9, 0, -1)))
    found = parse_fast(piece(moved + b"\n"), there)
    straight = parse_fast(piece(GOOD + b"\n"), rules())
    assert found is not None
    assert straight is not None
    assert found.events.equals(straight.events)
    assert found.events.column_names[2] == SOURCE_COLUMNS[1]


def test_a_piece_inside_a_block_is_parsed_alone() -> None:
    first, middle = b"no event\n", GOOD + b"\n"
    inner = Piece(first + middle + b'"\n', len(first), len(first) + len(middle), 3, 1)
    found = parse_fast(inner, rules())
    assert found is not None
    assert found.events["source_row"].to_pylist() == [3]
