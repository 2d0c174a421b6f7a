"""Date files: Arrow tables in any order of dates, written as Parquet files of one date each.

Belongs here: splitting by date in bounded memory. Not here: reading objects, committing files.
"""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict, defaultdict
from collections.abc import Collection
from types import TracebackType
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from ecom_platform.lake.staging import COMPRESSION

if TYPE_CHECKING:
    import pyarrow.parquet as pq

    from ecom_platform.lake.staging import Stage, StagedFiles

# A row group of this size is worth its overhead; twice as many rows wait in memory at most.
_ROWS_OF_A_GROUP = 1 << 19
_WAITING_ROWS = 1 << 20
_OPEN_FILES = 64


class DateFiles:
    """Writes rows into files of one event date each.

    Used as a context manager; leaving it without an error completes the files.

    Attributes:
        rows_by_date: rows taken so far, by date; None for rows without one.
    """

    def __init__(self, stage: Stage, schema: pa.Schema, many_values: Collection[str] = ()) -> None:
        """Make a writer.

        Args:
            stage: where the files go.
            schema: of the tables that will come; has an `event_date`.
            many_values: columns whose values hardly repeat: looking for repetitions in them
                takes time and saves no space.
        """
        self._stage = stage
        self._schema = schema
        self._with_dictionary = [name for name in schema.names if name not in many_values]
        self._waiting: dict[dt.date | None, list[pa.Table]] = defaultdict(list)
        self._waiting_rows: dict[dt.date | None, int] = defaultdict(int)
        self._writers: OrderedDict[dt.date | None, pq.ParquetWriter] = OrderedDict()
        self._file_count = 0
        self.rows_by_date: dict[dt.date | None, int] = defaultdict(int)

    def add(self, rows: pa.Table) -> None:
        """Take rows of any dates."""
        dates = rows["event_date"]
        found = pc.unique(dates).to_pylist()
        for date in found:
            if len(found) == 1:
                part = rows  # the usual case, and a filter would copy every row
            elif date is None:
                part = rows.filter(pc.is_null(dates))
            else:
                part = rows.filter(pc.equal(dates, pa.scalar(date, pa.date32())))
            self._wait(date, part)
        while sum(self._waiting_rows.values()) > _WAITING_ROWS:
            self._write(max(self._waiting_rows, key=lambda date: self._waiting_rows[date]))

    def close(self) -> StagedFiles:
        """Complete the files."""
        for date in list(self._waiting):
            self._write(date)
        self._close_writers(keep=0)
        return self._stage.collect()

    def __enter__(self) -> DateFiles:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None:
            self._close_writers(keep=0)
            self._stage.discard()

    def _wait(self, date: dt.date | None, part: pa.Table) -> None:
        self._waiting[date].append(part)
        self._waiting_rows[date] += part.num_rows
        self.rows_by_date[date] += part.num_rows
        if self._waiting_rows[date] >= _ROWS_OF_A_GROUP:
            self._write(date)

    def _write(self, date: dt.date | None) -> None:
        parts = self._waiting.pop(date)
        del self._waiting_rows[date]
        # Every part has dictionaries of its own; of a column with several Parquet would keep the
        # first and write the rest as plain text, larger and slower.
        table = pa.concat_tables(parts).unify_dictionaries()
        self._writer(date).write_table(table, row_group_size=table.num_rows)

    def _writer(self, date: dt.date | None) -> pq.ParquetWriter:
        if date not in self._writers:
            # An object may hold any number of dates, but not any number of files can be open:
            # the one unused for longest is completed, and its date may get another file.
            self._close_writers(keep=_OPEN_FILES - 1)
            self._file_count += 1
            # The Arrow schema is left out: engines would take its dictionaries for a type.
            self._writers[date] = self._stage.parquet_writer(
                f"{date or 'undated'}-{self._file_count:05d}.parquet",
                self._schema,
                compression=COMPRESSION,
                use_dictionary=self._with_dictionary,
                store_schema=False,
            )
        self._writers.move_to_end(date)
        return self._writers[date]

    def _close_writers(self, keep: int) -> None:
        while len(self._writers) > keep:
            _, writer = self._writers.popitem(last=False)
            writer.close()
