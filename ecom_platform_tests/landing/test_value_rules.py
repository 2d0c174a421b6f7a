"""The rules of single values: times, ids and prices."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from ecom_platform_tests.landing.samples import event, line, reason

TEN_THOUSAND_DIGITS = pytest.param("9" * 10_000, id="ten thousand digits")
HUGE_IDS = ["9223372036854775808", "20200401000000000000", TEN_THOUSAND_DIGITS]


def utc(year: int, month: int, day: int, *clock: int) -> dt.datetime:
    return dt.datetime(year, month, day, *clock, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2020-04-01T00:00:00Z", utc(2020, 4, 1)),
        ("2020-04-01 00:00:00 UTC", utc(2020, 4, 1)),
        ("2020-04-01T01:30:00+02:00", utc(2020, 3, 31, 23, 30)),
        ("2020-03-31 22:00:00-05:30", utc(2020, 4, 1, 3, 30)),
        ("2020-04-01T00:00:00+0200", utc(2020, 3, 31, 22)),
        ("2020-04-01 00:00:00+00", utc(2020, 4, 1)),
        ("2020-04-01T00:00:00.5Z", utc(2020, 4, 1, 0, 0, 0, 500_000)),
        ("2020-04-01T00:00:00.000001Z", utc(2020, 4, 1, 0, 0, 0, 1)),
        ("2020-02-29T23:59:59Z", utc(2020, 2, 29, 23, 59, 59)),
    ],
)
def test_a_time_with_an_offset_is_converted_to_utc(text: str, moment: dt.datetime) -> None:
    found = event(line(event_time=text))
    assert found.event_time == moment
    assert found.event_date == moment.date()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2020-04-01",
        "2020-04-01 00:00:00",
        "2020-04-01T00:00:00",
        "2020-04-01T00:00:00.1234567Z",
        "2020-04-01 00:00 UTC",
        "2020-4-1 00:00:00 UTC",
        " 2020-04-01 00:00:00 UTC",
        "2020-04-01 00:00:00 UTC ",
        "2020-04-01 00:00:00 CET",
        "01/04/2020 00:00:00 UTC",
        "1585699200",
        "٢٠٢٠-04-01 00:00:00 UTC",
        "2020-02-30 00:00:00 UTC",
        "2019-02-29 00:00:00 UTC",
        "2020-13-01 00:00:00 UTC",
        "2020-00-01 00:00:00 UTC",
        "2020-04-01 24:00:00 UTC",
        "2020-04-01 23:60:00 UTC",
        "2020-04-01 23:59:60 UTC",
        "0000-01-01 00:00:00 UTC",
        "2020-04-01T00:00:00+24:00",
        "2020-04-01T00:00:00+02:60",
        "0001-01-01T00:00:00+02:00",
        "9999-12-31T23:59:59-02:00",
    ],
)
def test_a_time_in_another_form_or_outside_the_calendar_is_rejected(text: str) -> None:
    assert reason(line(event_time=text)) == "bad_event_time"


def test_the_first_date_and_the_day_after_writing_are_the_edges_of_the_range() -> None:
    first = event(line(event_time="2019-10-01 00:00:00 UTC"))
    assert first.event_date == dt.date(2019, 10, 1)
    assert reason(line(event_time="2019-09-30 23:59:59 UTC")) == "date_out_of_range"
    assert event(line(event_time="2020-05-02 06:30:00 UTC"))
    assert reason(line(event_time="2020-05-02T06:30:00.000001Z")) == "date_out_of_range"


def test_the_range_is_judged_in_utc() -> None:
    assert reason(line(event_time="2019-10-01T01:00:00+02:00")) == "date_out_of_range"


@pytest.mark.parametrize("column", ["product_id", "category_id", "user_id"])
@pytest.mark.parametrize(
    "text",
    ["", "0", "-1", "+1", "1.0", "1e3", " 1", "1 ", "0x1F", "abc", "1_000", "٣", "NaN", *HUGE_IDS],
)
def test_an_id_that_is_no_positive_64_bit_number_is_rejected(column: str, text: str) -> None:
    assert reason(line(**{column: text})) == f"bad_{column}"


def test_the_largest_id_and_leading_zeros_are_accepted() -> None:
    assert event(line(product_id="9223372036854775807")).product_id == 2**63 - 1
    assert event(line(user_id="000000000000000000000000042")).user_id == 42


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1e3",
        "10.555",
        "NaN",
        "inf",
        "1.",
        ".5",
        "+1.00",
        " 1.00",
        "1.00 ",
        "--1",
        "$5",
        "1 000.00",
        "10000000000.00",
        "-10000000000",
        "٣.00",
        TEN_THOUSAND_DIGITS,
    ],
)
def test_a_price_that_is_no_plain_decimal_is_rejected(text: str) -> None:
    assert reason(line(price=text)) == "bad_price"


@pytest.mark.parametrize(
    ("text", "price"),
    [
        ("0", "0"),
        ("-5.00", "-5"),
        ("-0.00", "0"),
        ("10.5", "10.5"),
        ("007.10", "7.1"),
        ("9999999999.99", "9999999999.99"),
        ("-9999999999.99", "-9999999999.99"),
    ],
)
def test_a_plain_price_is_accepted_whatever_its_sign(text: str, price: str) -> None:
    assert event(line(price=text)).price == Decimal(price)
