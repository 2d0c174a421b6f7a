"""Bad lines, one kind after another: what docs/bad_input.md says each gets, it gets."""

from __future__ import annotations

import datetime as dt
import tracemalloc
from decimal import Decimal

from ecom_platform.landing.events_reader import EventsReader
from ecom_platform_tests.landing.samples import (
    START_DATE,
    WRITTEN_AT,
    fates,
    file,
    line,
    read,
)

MEBIBYTE = 1 << 20


def reasons(*lines: bytes) -> list[str | None]:
    """The reason of each line of a file, None where it is an event; good lines around it."""
    found = fates(file(line(), *lines, line()))
    assert [fate[0] for fate in found] == list(range(2, len(lines) + 4))
    assert [len(fate) for fate in (found[0], found[-1])] == [2, 2], "a good line was harmed"
    return [fate[1] if len(fate) > 2 else None for fate in found[1:-1]]


def test_a_wrong_number_of_fields_is_rejected() -> None:
    short, long = line().rpartition(b",")[0], line() + b",x"
    assert reasons(short, long, b"x") == ["field_count"] * 3


def test_a_bad_time_is_rejected() -> None:
    texts = ["", "yesterday", "2020-04-31 00:00:00 UTC", "2020-04-01 00:00:00", "1585699200"]
    assert reasons(*(line(event_time=text) for text in texts)) == ["bad_event_time"] * 5


def test_a_time_with_an_offset_is_accepted_in_utc() -> None:
    events, _ = read(file(line(event_time="2020-04-01T01:00:00+02:00")))
    assert events["event_date"].to_pylist() == [dt.date(2020, 3, 31)]


def test_bad_ids_are_rejected() -> None:
    for column in ("product_id", "category_id", "user_id"):
        texts = ["", "0", "-7", "abc", "1.0", " 1", "0x1F"]
        assert reasons(*(line(**{column: text}) for text in texts)) == [f"bad_{column}"] * 7


def test_an_id_of_twenty_digits_is_rejected() -> None:
    assert reasons(line(category_id="20530135580000001230")) == ["bad_category_id"]
    assert reasons(line(category_id="2053013558000000123")) == [None]


def test_a_negative_or_zero_price_is_raw_data() -> None:
    events, _ = read(file(line(price="-5.00"), line(price="0")))
    assert events["price"].to_pylist() == [Decimal("-5.00"), Decimal("0.00")]


def test_an_absurd_price_is_rejected() -> None:
    texts = ["10000000000.00", "9" * 400, "NaN", "free", "", "10.555", '"1,000.00"']
    assert reasons(*(line(price=text) for text in texts)) == ["bad_price"] * 7
    assert reasons(line(price="9999999999.99")) == [None]


def test_a_price_in_exponents_is_rejected() -> None:
    assert reasons(line(price="1e3")) == ["bad_price"]


def test_a_future_date_is_rejected() -> None:
    edge = (WRITTEN_AT + dt.timedelta(hours=24)).strftime("%Y-%m-%d %H:%M:%S UTC")
    beyond = (WRITTEN_AT + dt.timedelta(hours=24, seconds=1)).strftime("%Y-%m-%d %H:%M:%S UTC")
    found = reasons(line(event_time=edge), line(event_time=beyond))
    assert found == [None, "date_out_of_range"]


def test_a_date_before_the_start_date_is_rejected() -> None:
    found = reasons(
        line(event_time="2019-10-01 00:00:00 UTC"), line(event_time="2019-09-30 23:59:59 UTC")
    )
    assert found == [None, "date_out_of_range"]


def test_a_line_out_of_range_is_stored_without_a_date() -> None:
    _, rejected = read(file(line(event_time="2001-01-01 00:00:00 UTC"), line(price="x")))
    assert rejected["event_date"].to_pylist() == [None, dt.date(2020, 4, 1)]


def test_a_nul_byte_is_rejected() -> None:
    assert reasons(line(brand="a\0b"), b"\0") == ["nul_byte", "nul_byte"]


def test_a_byte_that_is_no_utf8_is_rejected_and_shown() -> None:
    _, rejected = read(file(b"caf\xe9"))
    assert rejected.select(["reason", "detail", "line"]).to_pylist() == [
        {
            "reason": "encoding",
            "detail": "byte 0xe9 at byte 4 is not UTF-8",
            "line": "caf\\xe9",
        }
    ]


def test_blank_lines_are_rejected_and_counted() -> None:
    assert reasons(b"", b"  ", b"\t") == ["blank_line"] * 3


def test_an_unclosed_quote_harms_its_own_line_only() -> None:
    assert reasons(line(brand='"acme'), line(user_session='"'), b'"') == ["unclosed_quote"] * 3


def test_a_quoted_field_may_hold_commas_and_quotes() -> None:
    events, _ = read(file(line(brand='"Tom, ""Dick"" & Co"')))
    assert events["brand"].to_pylist() == ['Tom, "Dick" & Co']


def test_a_lone_carriage_return_is_a_character_of_its_line() -> None:
    assert reasons(line(brand="a\rb"), line(price="1\r2"), line() + b"\r" + line()) == [
        None,
        "bad_price",
        "field_count",
    ]


def test_empty_texts_are_null_and_words_for_nothing_are_kept() -> None:
    events, _ = read(
        file(line(brand="", category_code='""'), line(brand="NA", user_session="null"))
    )
    assert events["brand"].to_pylist() == [None, "NA"]
    assert events["category_code"].to_pylist() == [None, "electronics.headphone"]
    assert events["user_session"].to_pylist()[1] == "null"


def test_a_rejected_line_is_stored_up_to_a_limit() -> None:
    _, rejected = read(file(b"x" * 5000))
    assert rejected["line"].to_pylist() == ["x" * 4096]


class LongLine:
    """A file whose second line has 40 MB, made while it is read."""

    def __init__(self) -> None:
        self._parts = iter(
            [file(line()), *([b"x" * MEBIBYTE] * 40), b"\n" + line() + b"\n"],
        )
        self._rest = b""

    def read(self, size: int) -> bytes:
        self._rest = self._rest or next(self._parts, b"")
        data, self._rest = self._rest[:size], self._rest[size:]
        return data


def test_a_line_of_forty_megabytes_is_rejected_in_little_memory() -> None:
    tracemalloc.start()
    try:
        blocks = list(
            EventsReader(LongLine(), start_date=START_DATE, written_at=WRITTEN_AT)  # type: ignore[arg-type]
        )
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    rejected = [row for block in blocks for row in block.rejected.to_pylist()]
    assert [(row["source_row"], row["reason"]) for row in rejected] == [(3, "line_too_long")]
    assert rejected[0]["detail"] == "41,943,040 bytes, at most 1,048,576 are read"
    assert rejected[0]["line"] == "x" * 4096
    assert [row for block in blocks for row in block.events["source_row"].to_pylist()] == [2, 4]
    # A few blocks of 4 MiB are read ahead; the line alone would take 40.
    assert peak < 30 * MEBIBYTE
