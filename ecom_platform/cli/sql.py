"""`ecom sql`: DuckDB over the published tables, read-only.

Belongs here: finding the query, running it, its faults. Not here: views, formats.
"""

import datetime as dt
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import duckdb
import typer
from rich.markup import escape

from ecom_platform.cli.parquet import refuse_a_terminal, write_parquet
from ecom_platform.cli.results import Column, Format, Row, write_rows
from ecom_platform.cli.terminal import ERR, EXIT_FAILED
from ecom_platform.cli.values import visible
from ecom_platform.errors import EcomError
from ecom_platform.lake.lake import Lake
from ecom_platform.lake.sql import connect
from ecom_platform.pipeline.overview import totals

_ROWS_AT_ONCE = 10_000
_NUMBERS = frozenset(
    "tinyint smallint integer bigint hugeint utinyint usmallint uinteger ubigint uhugeint "
    "bignum decimal float double".split()
)


class QueryMissing(EcomError):
    """There is no query to run; the message says where one was looked for."""


def sql_command(
    context: typer.Context,
    query: Annotated[
        str | None,
        typer.Argument(help="SQL, the path of a .sql file, or - for standard input."),
    ] = None,
    form: Annotated[Format, typer.Option("--format", help="How to write the result.")] = (
        Format.TABLE
    ),
    limit: Annotated[
        int | None,
        typer.Option(min=1, help="Write so many rows at most. [default: 1000 for a table]"),
    ] = None,
    as_of: Annotated[
        dt.datetime | None,
        typer.Option(help="The tables as they were published at this time (UTC)."),
    ] = None,
    list_tables: Annotated[bool, typer.Option("--list", help="List the tables.")] = False,
) -> None:
    """Query the published tables by name: raw_events, clean_events, fact_user_events and others.

    The result goes to standard output, all else to standard error. Nothing can be written.
    """
    lake = Lake(context.obj)
    if list_tables:
        _list_tables(lake, form)
        return
    text = _read_query(query)
    with connect(lake, as_of.replace(tzinfo=dt.UTC) if as_of else None) as connection:
        try:
            refuse_a_terminal(form)
            connection.execute(text)
            if connection.description is None:
                raise QueryMissing(f"there is no SQL statement in {query!r}")
            _write(connection, form, limit)
        except duckdb.Error as fault:
            said = escape(_explain(fault, lake))
            ERR.print(f"[bold red]ecom:[/] {said}", highlight=False, soft_wrap=True)
            raise typer.Exit(EXIT_FAILED) from None
        except RuntimeError as fault:
            if "interrupted" in str(fault):  # DuckDB's way to report Ctrl-C, while it goes on
                connection.interrupt()
                raise KeyboardInterrupt from None
            raise


def _read_query(query: str | None) -> str:
    """The text of the query, wherever it is.

    Raises:
        QueryMissing: there is none, or its file cannot be read.
    """
    if query is None:
        raise QueryMissing('name a query: ecom sql "SELECT ...", a file, or - for standard input')
    text = query
    if query == "-":
        text = sys.stdin.read()
    elif query.lower().endswith(".sql") and "\n" not in query:
        try:
            text = Path(query).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as fault:
            reason = getattr(fault, "strerror", None) or "it is not UTF-8 text"
            raise QueryMissing(f"the query file {query} cannot be read: {reason}") from None
    return text


def _write(connection: duckdb.DuckDBPyConnection, form: Format, limit: int | None) -> None:
    """Write the result of what was executed."""
    if form is Format.PARQUET:
        write_parquet(connection, limit)
    else:
        write_rows(_columns(connection), _rows(connection), form, limit)


def _columns(connection: duckdb.DuckDBPyConnection) -> list[Column]:
    return [Column(name, kind.id in _NUMBERS) for name, kind, *_ in connection.description or ()]


def _rows(connection: duckdb.DuckDBPyConnection) -> Iterator[Row]:
    while rows := connection.fetchmany(_ROWS_AT_ONCE):
        yield from rows


def _explain(fault: duckdb.Error, lake: Lake) -> str:
    """What DuckDB says, and what to do about it."""
    # A fault in the file system behind the tables comes with the place in its code.
    said = visible(str(fault).partition("\n\nAt:\n")[0].strip())
    if isinstance(fault, duckdb.PermissionException) or said.startswith("PermissionError"):
        return (
            f"{said}\n`ecom sql` only reads published tables; to keep a result, redirect it: > file"
        )
    if isinstance(fault, duckdb.CatalogException):
        return f"{said}\n{_known_tables(lake)}"
    return said


def _known_tables(lake: Lake) -> str:
    names = list(lake.existing_tables())
    if names:
        return f"Tables: {', '.join(names)}"
    return f"The lake {lake.settings.lake_name} has no tables yet: `ecom run` makes them"


def _list_tables(lake: Lake, form: Format) -> None:
    tables = lake.existing_tables()
    columns = [
        Column("table"),
        Column("rows", is_number=True),
        Column("one row is"),
        Column("description"),
    ]
    rows = [
        (name, totals(table).rows, table.contract.grain, table.contract.description)
        for name, table in tables.items()
    ]
    write_rows(columns, rows, form)
    if not tables:
        ERR.print(escape(_known_tables(lake)), highlight=False, soft_wrap=True)
