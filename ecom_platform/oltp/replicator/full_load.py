"""The full load: every table as it was when the slot was made, into LOAD files.

Belongs here: reading the tables and naming the files. Not here: the slot, the checkpoint.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from ecom_platform.oltp.replicator.columns import Layout
from ecom_platform.oltp.replicator.files import DmsFile, FileRow
from ecom_platform.oltp.replicator.names import load_name
from ecom_platform.oltp.replicator.options import DmsSettings
from ecom_platform.oltp.replicator.pgoutput import SourceColumn, Value

_KILOBYTE = 1024


def load_table(
    reader: psycopg.Connection[Any],
    table: sql.Identifier,
    columns: tuple[SourceColumn, ...],
    folder: Path,
    settings: DmsSettings,
    transferred_us: Callable[[], int],
) -> list[DmsFile]:
    """Write a table into finished files that are still hidden; an empty one into an empty file.

    Args:
        reader: Sees the rows of the snapshot.
        table: The table.
        columns: Its columns.
        folder: For its files.
        settings: Of the task.
        transferred_us: The time that rows are marked with, in microseconds since 1970.
    """
    layout = Layout.of(columns, milliseconds=settings.parquet_timestamp_in_millisecond)
    files: list[DmsFile] = []
    rows = _rows(reader, table, columns)
    while True:
        file = DmsFile(
            folder / load_name(len(files) + 1, settings), layout, settings, full_load=True
        )
        files.append(file)
        while file.size < settings.max_file_size * _KILOBYTE:
            piece = list(islice(rows, settings.row_group_length))
            if not piece:
                file.finish(reveal=False)
                return files
            at = transferred_us()
            file.write([FileRow("I", at, None, values) for values in piece])
        file.finish(reveal=False)


def _rows(
    reader: psycopg.Connection[Any], table: sql.Identifier, columns: tuple[SourceColumn, ...]
) -> Iterator[tuple[Value, ...]]:
    """Rows as text, in the order of their key."""
    names = sql.SQL(", ").join(sql.Identifier(column.name) for column in columns)
    key = sql.SQL(", ").join(sql.Identifier(column.name) for column in columns if column.is_key)
    query = sql.SQL("COPY (SELECT {} FROM {} ORDER BY {}) TO STDOUT").format(names, table, key)
    with reader.cursor() as cursor, cursor.copy(query) as copy:
        yield from copy.rows()
