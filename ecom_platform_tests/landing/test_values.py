"""Rules over arrays of text: value for value what the line parser's rules give."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecom_platform.landing.columns import PRICE, UTC_TIME
from ecom_platform.landing.line_parser import check_range, parse_event_time, parse_id, parse_price
from ecom_platform.landing.rejections import BrokenRule
from ecom_platform.landing.values import parse_ids, parse_prices, parse_times
from ecom_platform_tests.landing.samples import rules

IDS = st.sampled_from(["1", "007", "9" * 19, "9223372036854775807", "9223372036854775808"])
BAD_IDS = st.sampled_from([None, "0", "-1", " 1", "1 ", "0x1F", "1e3", "٣", "/", ":"])
PRICES = st.sampled_from(["1.00", "0.00", "149.90", "9999999999.99", "5", "5.5", "-5.00"])
BAD_PRICES = st.sampled_from(
    [None, "1e03", "1e3", "+1.00", "10000000000.00", ".00", "1.2.50", "1.25.00", "10.555", "1.0x"]
)
TIMES = st.sampled_from(["2020-04-01 00:00:05 UTC", "2019-10-01 00:00:00 UTC"])
OTHER_TIMES = st.sampled_from(["2020-04-01T02:00:00.5+02:00", "2020-04-01T00:00:00Z"])
BAD_TIMES = st.sampled_from(
    [
        None,
        "x",
        "2020-04-31 00:00:00 UTC",
        "2001-01-01 00:00:00 UTC",
        "2120-01-01 00:00:00 UTC",
        "0000-01-01 00:00:00 UTC",
        "2020-04-01 00:00:0: UTC",
        "2020-04-01 00:00:00 CET",
    ]
)


def parse_time(text: str) -> dt.datetime:
    event_time = parse_event_time(text)
    check_range(event_time, rules())
    return event_time


def one_by_one(rule: Callable[[str], Any], texts: list[str | None]) -> list[Any]:
    values = []
    for text in texts:
        try:
            values.append(rule(text or ""))
        except BrokenRule:
            values.append(None)
    return values


@pytest.mark.parametrize("others", [st.nothing(), BAD_IDS])
def test_ids_are_those_of_the_line_parser(others: st.SearchStrategy[str | None]) -> None:
    @given(st.lists(IDS | others, max_size=5))
    def agree(texts: list[str | None]) -> None:
        found = parse_ids(pa.array(texts, pa.string()))
        assert found.type == pa.int64()
        rule = lambda text: parse_id(text, "product_id", "bad_product_id")  # noqa: E731
        assert found.to_pylist() == one_by_one(rule, texts)

    agree()


@pytest.mark.parametrize("others", [st.nothing(), BAD_PRICES])
def test_prices_are_those_of_the_line_parser(others: st.SearchStrategy[str | None]) -> None:
    @given(st.lists(PRICES | others, max_size=5))
    def agree(texts: list[str | None]) -> None:
        found = parse_prices(pa.array(texts, pa.string()))
        assert found.type == PRICE
        assert found.to_pylist() == one_by_one(parse_price, texts)

    agree()


@pytest.mark.parametrize("others", [st.nothing(), OTHER_TIMES, BAD_TIMES])
def test_times_are_those_of_the_line_parser(others: st.SearchStrategy[str | None]) -> None:
    @given(st.lists(TIMES | others, max_size=5))
    def agree(texts: list[str | None]) -> None:
        found = parse_times(pa.array(texts, pa.string()), rules())
        assert found.type == UTC_TIME
        assert found.to_pylist() == one_by_one(parse_time, texts)

    agree()


def test_a_time_with_any_one_character_changed_is_judged_as_by_the_line_parser() -> None:
    good = "2020-04-01 00:00:05 UTC"
    accepted = set()
    for place in range(len(good)):
        for code in range(1, 128):
            text = good[:place] + chr(code) + good[place + 1 :]
            (found,) = parse_times(pa.array([text]), rules()).to_pylist()
            assert [found] == one_by_one(parse_time, [text]), text
            accepted |= {text} if found else set()
    assert 30 < len(accepted) < 60


def test_a_slice_of_an_array_is_read_alone() -> None:
    for rule, texts, value in (
        (parse_ids, ["x", "12", "345", "y"], 12),
        (parse_prices, ["x", "12.00", "3.00", "y"], 12),
    ):
        found = rule(pa.array(texts).slice(1, 2))
        assert found.to_pylist()[0] == value
        assert found.null_count == 0
    # Arrow casts hexadecimal: the digits of the right values must be looked at.
    assert parse_ids(pa.array(["1", "2", "0x1F"]).slice(1)).to_pylist() == [2, None]
