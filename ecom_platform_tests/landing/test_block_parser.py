"""A block of lines: the few doubtful ones are found, and the others stay fast."""

from __future__ import annotations

import pyarrow as pa
import pytest

from ecom_platform.landing import block_parser
from ecom_platform.landing.block_parser import ParsedLine, parse_block
from ecom_platform.landing.fast_path import FastLines, parse_fast
from ecom_platform.landing.line_blocks import LineBlock
from ecom_platform.landing.line_parser import LineRules
from ecom_platform.landing.piece import Piece
from ecom_platform.landing.rejections import Rejection
from ecom_platform_tests.landing.samples import line, rules

NUL = line(brand="a\0b")


def block(lines: list[bytes]) -> LineBlock:
    return LineBlock(b"".join(one + b"\n" for one in lines), 2, len(lines), 0)


def outcomes(lines: list[bytes], slow_piece_lines: int = 4) -> list[pa.Table | ParsedLine]:
    return list(parse_block(block(lines), rules(), slow_piece_lines))


@pytest.fixture
def attempts(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many lines the fast path was given, attempt by attempt."""
    lines: list[int] = []

    def counted(piece: Piece, these: LineRules) -> FastLines | None:
        lines.append(piece.line_count)
        return parse_fast(piece, these)

    monkeypatch.setattr(block_parser, "parse_fast", counted)
    return lines


def test_a_good_block_never_meets_the_line_parser() -> None:
    (table,) = outcomes([line()] * 100)
    assert isinstance(table, pa.Table)
    assert table["source_row"].to_pylist() == list(range(2, 102))


def test_a_line_that_hides_costs_two_more_parses_and_a_few_slow_lines(
    attempts: list[int],
) -> None:
    lines = [line()] * 1024
    lines[700] = NUL
    found = outcomes(lines)
    slow = [one for one in found if isinstance(one, ParsedLine)]
    # The last piece to be halved has at most twice as many lines as a slow piece.
    assert len(slow) <= 8
    assert sum(attempts) <= 3 * len(lines) + 10
    assert [one.row for one in slow if isinstance(one.outcome, Rejection)] == [702]


def test_thirty_lines_that_hide_leave_most_lines_fast() -> None:
    lines = [line()] * 4096
    lines[::137] = [NUL] * len(lines[::137])
    found = outcomes(lines)
    slow = sum(isinstance(one, ParsedLine) for one in found)
    assert slow < 400


def test_a_block_of_lines_that_hide_is_not_searched_for_ever(attempts: list[int]) -> None:
    lines = [NUL] * 4096
    found = outcomes(lines)
    assert [one.row for one in found if isinstance(one, ParsedLine)] == list(range(2, 4098))
    assert sum(attempts) < 9 * len(lines)


def test_lines_with_bad_values_cost_no_more_than_themselves(attempts: list[int]) -> None:
    lines = [line()] * 1000
    lines[::20] = [line(price="1e3")] * 25 + [b"ragged"] * 25
    lines[999] = line(user_id="")
    found = outcomes(lines)
    slow = [one for one in found if isinstance(one, ParsedLine)]
    assert attempts == [1000]
    assert [one.row for one in slow] == [*range(2, 1002, 20), 1001]
    assert all(isinstance(one.outcome, Rejection) for one in slow)
    assert {one.line for one in slow} == {line(price="1e3"), b"ragged", line(user_id="")}


def test_an_open_quote_harms_no_other_line() -> None:
    lines = [line()] * 300
    lines[40] = line(brand='"acme')
    lines[260] = line(brand='acme"')
    rejected = [
        (one.row, one.outcome.reason)
        for one in outcomes(lines)
        if isinstance(one, ParsedLine) and isinstance(one.outcome, Rejection)
    ]
    assert rejected == [(42, "unclosed_quote")]


def test_outcomes_come_in_the_order_of_the_lines() -> None:
    lines = [line() if number % 11 else b"bad" for number in range(200)]
    lines[100] = NUL
    rows: list[int] = []
    for one in outcomes(lines, slow_piece_lines=2):
        rows += one["source_row"].to_pylist() if isinstance(one, pa.Table) else [one.row]
    assert rows == list(range(2, 202))


def test_a_single_line_that_cannot_be_halved_goes_to_the_line_parser() -> None:
    (found,) = outcomes([b"x" * 5000], slow_piece_lines=0)
    assert isinstance(found, ParsedLine)
    assert found.line == b"x" * 5000
