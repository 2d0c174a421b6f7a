"""Results on standard output: as a table for people, as CSV or JSON for programs.

Belongs here: writing rows in one of the formats. Not here: one value (values.py), queries.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Any

from rich.segment import Segments
from rich.table import Table
from rich.text import Text

from ecom_platform.cli.terminal import ERR, OUT
from ecom_platform.cli.values import to_field, to_json, to_text, visible
from ecom_platform.errors import SettingsError

ROWS_OF_A_TABLE = 1_000

Row = Sequence[Any]


class Format(StrEnum):
    """How results are written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


@dataclass(frozen=True)
class Column:
    """A column of a result."""

    name: str
    is_number: bool = False


def write_rows(
    columns: Sequence[Column], rows: Iterable[Row], form: Format, limit: int | None = None
) -> None:
    """Write rows to standard output, as they come.

    Args:
        columns: the columns.
        rows: one sequence of values each.
        form: the format.
        limit: write so many rows at most, and say so; a table has a limit of its own.
    """
    if form is Format.TABLE and limit is None:
        limit = ROWS_OF_A_TABLE
    remaining = iter(rows)
    shown = islice(remaining, limit)
    match form:
        case Format.TABLE:
            _write_table(columns, list(shown))
        case Format.CSV:
            _write_csv(columns, shown)
        case Format.JSON:
            _write_json(columns, shown)
        case Format.PARQUET:
            raise SettingsError("--format parquet is for results of queries")
    if limit is not None and next(remaining, None) is not None:
        ERR.print(
            f"Only the first {limit:,} rows are shown: choose another --limit, or --format csv "
            "or json for all of them.",
            style="yellow",
            highlight=False,
            soft_wrap=True,
        )


def write_json_value(value: Mapping[str, object] | Sequence[object]) -> None:
    """Write an object or an array to standard output as JSON, what lists hold a line each."""
    if isinstance(value, Mapping):
        members = (f"  {to_json(key)}: {_json_lines(item)}" for key, item in value.items())
        OUT.file.write("{\n" + ",\n".join(members) + "\n}\n")
    else:
        OUT.file.write(_json_lines(value) + "\n")


def _json_lines(value: object) -> str:
    if isinstance(value, list | tuple) and value:
        return "[\n    " + ",\n    ".join(map(to_json, value)) + "\n  ]"
    return to_json(value)


def print_table(table: Table) -> None:
    """Print a table to standard output: within a terminal's width, elsewhere at its own."""
    if OUT.is_terminal:
        OUT.print(table)
    else:
        _print_at_full_width(table)


def _write_csv(columns: Sequence[Column], rows: Iterable[Row]) -> None:
    write = OUT.file.write
    write(",".join(to_field(column.name) for column in columns) + "\n")
    for row in rows:
        write(",".join(map(to_field, row)) + "\n")


def _write_json(columns: Sequence[Column], rows: Iterable[Row]) -> None:
    """An array with one object a line."""
    write = OUT.file.write
    keys = [to_json(name) for name in _distinct(column.name for column in columns)]
    separator = "["
    for row in rows:
        members = (f"{key}: {to_json(value)}" for key, value in zip(keys, row, strict=True))
        write(separator + "\n{" + ", ".join(members) + "}")
        separator = ","
    write("[]\n" if separator == "[" else "\n]\n")


def _write_table(columns: Sequence[Column], rows: Sequence[Row]) -> None:
    table = Table()
    for column in columns:
        table.add_column(
            Text(visible(column.name)), justify="right" if column.is_number else "left"
        )
    for row in rows:
        table.add_row(*map(_cell, row))
    if OUT.is_terminal and _natural_width(table) > OUT.width:
        _write_records(columns, rows)
    else:
        _print_at_full_width(table)


def _print_at_full_width(table: Table) -> None:
    width = _natural_width(table)
    segments = OUT.render(table, OUT.options.update(width=width, max_width=width))
    OUT.print(Segments(segments), crop=False, end="")


def _write_records(columns: Sequence[Column], rows: Sequence[Row]) -> None:
    """Each row as a block of `column value` lines: what is too wide is cut nowhere."""
    for number, row in enumerate(rows, start=1):
        OUT.print(f"[dim]── row {number:,} ──[/]", highlight=False)
        block = Table.grid(padding=(0, 2))
        block.add_column(style="bold", no_wrap=True)
        block.add_column(overflow="fold")
        for column, value in zip(columns, row, strict=True):
            block.add_row(Text(visible(column.name)), _cell(value))
        OUT.print(block)


def _cell(value: Any) -> Text:
    return Text("NULL", style="dim") if value is None else Text(visible(to_text(value)))


def _natural_width(table: Table) -> int:
    return OUT.measure(table, options=OUT.options.update(max_width=1_000_000)).maximum


def _distinct(names: Iterable[str]) -> Iterator[str]:
    """Names of which JSON keeps every one: a repeated name gets a number."""
    seen: Counter[str] = Counter()
    for name in names:
        seen[name] += 1
        yield name if seen[name] == 1 else f"{name}_{seen[name]}"
