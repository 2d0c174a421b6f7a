"""One file in DMS's format: the table's columns, and beside them Op, time and sequence.

Belongs here: writing a file so that nobody sees half of one. Not here: its name and folder.
"""

from __future__ import annotations

import csv
import gzip
import io
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ecom_platform.oltp.replicator.columns import Layout
from ecom_platform.oltp.replicator.names import timestamp_text
from ecom_platform.oltp.replicator.options import DmsSettings
from ecom_platform.oltp.replicator.pgoutput import Value

OP = "Op"


@dataclass(frozen=True)
class FileRow:
    """A row as it goes into a file.

    Attributes:
        op: I, U or D.
        at_us: Commit, or transfer of a full load, in microseconds since 1970.
        sequence: Of the change; None in a full load.
        values: The table's columns, as text.
    """

    op: str
    at_us: int
    sequence: str | None
    values: Sequence[Value]


class DmsFile:
    """A file under construction, hidden until it is finished.

    Args:
        path: Where it will be.
        layout: The table's columns.
        settings: Of the task.
        full_load: Whether it is part of a full load.
    """

    def __init__(
        self, path: Path, layout: Layout, settings: DmsSettings, *, full_load: bool
    ) -> None:
        self._path = path
        self.hidden = path.with_name(f".{path.name}.part")
        self._settings = settings
        self._layout = layout
        self._has_op = settings.has_op(full_load=full_load)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._stream = self.hidden.open("wb")
        self._zipped = (
            # No time in its header: the same rows give the same bytes.
            gzip.GzipFile(filename="", mode="wb", fileobj=self._stream, mtime=0)
            if path.name.endswith(".gz")
            else None
        )
        self._parquet: pq.ParquetWriter | None = None
        if settings.data_format == "csv" and settings.add_column_name:
            self._write_text([self._names()])

    @property
    def size(self) -> int:
        """Bytes written so far."""
        return self._stream.tell()

    def write(self, rows: Sequence[FileRow]) -> None:
        """Append rows."""
        if self._settings.data_format == "parquet":
            self._write_parquet(rows)
        else:
            self._write_text(self._texts(rows))

    def finish(self, *, reveal: bool = True) -> None:
        """Complete the file, and give it its name unless that is to happen later."""
        if self._settings.data_format == "parquet" and self._parquet is None:
            self._write_parquet([])
        if self._parquet:
            self._parquet.close()
        if self._zipped:
            self._zipped.close()
        self._stream.flush()
        os.fsync(self._stream.fileno())
        self._stream.close()
        if reveal:
            self.reveal()

    def reveal(self) -> None:
        """Give a finished file its name."""
        self.hidden.replace(self._path)

    def _names(self) -> list[str]:
        beside = [OP] if self._has_op else []
        if self._settings.timestamp_column_name:
            beside.append(self._settings.timestamp_column_name)
        last = self._settings.change_sequence_column
        return [*beside, *self._layout.names, *([last] if last else [])]

    def _texts(self, rows: Iterable[FileRow]) -> Iterable[list[Value]]:
        settings = self._settings
        for row in rows:
            text: list[Value] = [row.op] if self._has_op else []
            if settings.timestamp_column_name:
                text.append(timestamp_text(row.at_us))
            text += row.values
            if settings.change_sequence_column:
                text.append(row.sequence)
            yield text

    def _write_text(self, rows: Iterable[Sequence[Value]]) -> None:
        buffer = io.StringIO()
        null = self._settings.csv_null_value
        writer = csv.writer(buffer, delimiter=self._settings.csv_delimiter, lineterminator="\n")
        writer.writerows([null if value is None else value for value in row] for row in rows)
        (self._zipped or self._stream).write(buffer.getvalue().encode())

    def _write_parquet(self, rows: Sequence[FileRow]) -> None:
        table = self._layout.table([row.values for row in rows])
        if name := self._settings.timestamp_column_name:
            times = pa.array([timestamp_text(row.at_us) for row in rows], pa.string())
            table = table.add_column(0, name, times)
        if self._has_op:
            table = table.add_column(0, OP, pa.array([row.op for row in rows], pa.string()))
        if name := self._settings.change_sequence_column:
            sequences = pa.array([row.sequence for row in rows], pa.string())
            table = table.append_column(name, sequences)
        if self._parquet is None:
            self._parquet = pq.ParquetWriter(
                self._stream,
                table.schema,
                compression="gzip" if self._settings.compression_type == "GZIP" else "none",
            )
        self._parquet.write_table(table, row_group_size=self._settings.row_group_length)
