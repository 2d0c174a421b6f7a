"""Tampering: stored rows and files replaced by bad ones behind the platform's back.

Belongs here: replacing and putting back. Not here: which rows are bad for which check.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
from pyiceberg.expressions import AlwaysTrue

from ecom_platform.contracts import TABLES

if TYPE_CHECKING:
    from ecom_platform.lake.lake import Lake
    from ecom_platform.lake.table import TableFile
    from ecom_platform_tests.samples import Row

Change = Callable[[list["Row"]], list["Row"]]


def files_of(lake: Lake, table: str, date: dt.date | None = None) -> list[TableFile]:
    """The published files of a date, or of a table without dates."""
    return lake.table(table).files([date] if date else None)


def rows_of(lake: Lake, table: str, date: dt.date | None = None) -> list[Row]:
    """The published rows, in the order of their key."""
    schema = TABLES[table].arrow_schema
    files = [pq.read_table(file.path, schema=schema) for file in files_of(lake, table, date)]
    rows = pa.concat_tables(files).to_pylist() if files else []
    return sorted(rows, key=lambda row: _order(row, TABLES[table].key))


def _order(row: Row, key: tuple[str, ...]) -> list[tuple[bool, object]]:
    """Nulls first: a value of a key may be one."""
    return [(row[name] is not None, row[name]) for name in key]


@contextlib.contextmanager
def published_instead(
    lake: Lake, table: str, change: Change, date: dt.date | None = None
) -> Iterator[None]:
    """Commit other rows in place of the published ones, in a file of their own; undone after.

    Args:
        lake: the lake.
        table: the table.
        change: makes the bad rows from the good ones.
        date: the date; None for a table without dates.
    """
    good = files_of(lake, table, date)
    bad = pa.Table.from_pylist(change(rows_of(lake, table, date)), TABLES[table].arrow_schema)
    stage = lake.stage(table)
    with stage.parquet_writer("bad.parquet", bad.schema) as writer:
        writer.write_table(bad)
    _replace(lake, table, good, stage.collect().uris)
    try:
        yield
    finally:
        now = files_of(lake, table, date)
        _replace(lake, table, now, [lake.storage.uri(file.path) for file in good])


@contextlib.contextmanager
def file_overwritten(
    lake: Lake, table: str, make: Callable[[pa.Table], pa.Table | None], date: dt.date | None = None
) -> Iterator[Path]:
    """Overwrite a published file on the disk; the catalog does not notice. Undone after.

    Args:
        lake: the lake.
        table: the table.
        make: makes the content from the good one; None deletes the file.
        date: the date; None for a table without dates.
    """
    path = Path(files_of(lake, table, date)[0].path)
    content = path.read_bytes()
    bad = make(pq.read_table(path, schema=TABLES[table].arrow_schema))
    path.unlink()
    if bad is not None:
        pq.write_table(bad, path)
    try:
        yield path
    finally:
        path.write_bytes(content)


def reshaped(rows: pa.Table) -> pa.Table:
    """The rows with a column that no contract knows, and one of another type."""
    last = rows.num_columns - 1
    other = rows.column(last).cast(pa.string())
    rows = rows.set_column(last, rows.column_names[last], other)
    return rows.append_column("surprise", pa.nulls(rows.num_rows, pa.int64()))


def _replace(lake: Lake, table: str, remove: list[TableFile], add: list[str]) -> None:
    lake.table(table).commit(
        remove=remove, add=add, replaces=AlwaysTrue(), properties={"ecom.run_id": "tampering"}
    )
