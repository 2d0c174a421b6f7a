"""Results: tables fit a terminal or keep their width, CSV and JSON hold every row."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from ecom_platform.cli import results
from ecom_platform.cli.results import Column, Format, write_json_value, write_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

COLUMNS = [Column("name"), Column("count", is_number=True)]
ROWS = [("a", 1), (None, 20), ("[b]c[/b]", 300)]


def test_a_table_aligns_numbers_right_and_takes_no_text_for_markup(
    capsys: pytest.CaptureFixture[str],
) -> None:
    write_rows(COLUMNS, ROWS, Format.TABLE)
    lines = capsys.readouterr().out.splitlines()
    assert lines[3:6] == ["│ a        │     1 │", "│ NULL     │    20 │", "│ [b]c[/b] │   300 │"]


def test_a_wide_table_is_not_cut_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    columns = [Column(f"column_{number}") for number in range(40)]
    write_rows(columns, [tuple("x" * 30 for _ in columns)], Format.TABLE)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 5
    assert lines[1].count("column_") == lines[3].count("x" * 30) == 40


def test_a_table_too_wide_for_the_terminal_becomes_a_block_a_row(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    screen = Console(file=io.StringIO(), force_terminal=True, width=60, color_system=None)
    monkeypatch.setattr(results, "OUT", screen)
    columns = [Column(f"column_{number}") for number in range(9)]
    long = "y" * 100
    write_rows(columns, [("x",) * 8 + (long,), ("z",) * 9], Format.TABLE)
    shown = screen.file.getvalue()
    assert "row 1" in shown
    assert "row 2" in shown
    assert all(shown.count(f"column_{number}") == 2 for number in range(9))
    assert shown.count("y") == 100
    assert all(len(line) <= 60 for line in shown.splitlines())


def test_a_table_shows_a_thousand_rows_and_says_that_there_are_more(
    capsys: pytest.CaptureFixture[str],
) -> None:
    write_rows([Column("n")], ((n,) for n in range(1_001)), Format.TABLE)
    shown = capsys.readouterr()
    assert "│ 999 " in shown.out
    assert "1000" not in shown.out
    assert "Only the first 1,000 rows" in shown.err


@pytest.mark.parametrize(("limit", "said"), [(2, True), (3, False), (None, False)])
def test_a_limit_is_said_only_when_it_hides_rows(
    limit: int | None, said: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    write_rows(COLUMNS, ROWS, Format.TABLE, limit)
    shown = capsys.readouterr()
    assert ("│   300 │" not in shown.out) is said
    assert ("Only the first 2 rows" in shown.err) is said


def test_csv_reads_back_with_every_row(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [(f'say "{n}", twice\n', n) for n in range(5_000)]
    write_rows(COLUMNS, rows, Format.CSV)
    read = list(csv.reader(io.StringIO(capsys.readouterr().out)))
    assert read == [["name", "count"], *([text, str(n)] for text, n in rows)]


def test_json_is_one_array_with_an_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    write_rows(COLUMNS, ROWS, Format.JSON)
    out = capsys.readouterr().out
    assert json.loads(out) == [dict(zip(("name", "count"), row, strict=True)) for row in ROWS]
    assert len(out.splitlines()) == 5


def test_json_without_rows_is_an_empty_array(capsys: pytest.CaptureFixture[str]) -> None:
    write_rows(COLUMNS, [], Format.JSON)
    assert json.loads(capsys.readouterr().out) == []


def test_json_keeps_columns_of_one_name(capsys: pytest.CaptureFixture[str]) -> None:
    write_rows([Column("a"), Column("a")], [(1, 2)], Format.JSON)
    assert json.loads(capsys.readouterr().out) == [{"a": 1, "a_2": 2}]


def test_rows_are_written_as_they_come(capsys: pytest.CaptureFixture[str]) -> None:
    def rows() -> Iterator[tuple[int]]:
        yield (1,)
        assert "{" in capsys.readouterr().out
        yield (2,)

    write_rows([Column("n")], rows(), Format.JSON)
    assert '"n": 2' in capsys.readouterr().out


def test_a_value_as_json_has_what_lists_hold_on_lines_of_their_own(
    capsys: pytest.CaptureFixture[str],
) -> None:
    value = {"lake": "x", "tables": [{"n": 1}, {"n": 2}], "none": []}
    write_json_value(value)
    out = capsys.readouterr().out
    assert json.loads(out) == value
    assert '    {"n": 2}' in out.splitlines()
    write_json_value([])
    assert capsys.readouterr().out == "[]\n"
