"""Staging: writing files that no reader sees yet, into paths that are never used again.

Belongs here: fresh paths, writing Parquet, and what a staged file says of itself. Not here:
making files visible.
"""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import functions as F

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, DataFrameWriter

    from ecom_platform.lake.storage import Storage

COMPRESSION: Final = "zstd"
HOUR_FOLDER = "_hour"
PART_FOLDER = "_part"


@dataclass(frozen=True)
class StagedFile:
    """One Parquet file, complete and not yet visible.

    Attributes:
        path: where it lies, as engines read it.
        uri: the same as the catalog records it.
        size: bytes.
        footer: what it says of itself.
    """

    path: str
    uri: str
    size: int
    footer: pq.FileMetaData = field(compare=False, repr=False)


@dataclass(frozen=True)
class StagedFiles:
    """Files of one attempt, complete and not yet visible.

    Attributes:
        folder: where they lie.
        files: all of them; none is empty.
    """

    folder: str
    files: tuple[StagedFile, ...]

    @property
    def paths(self) -> tuple[str, ...]:
        """Where the files lie, as engines read them."""
        return tuple(file.path for file in self.files)

    @property
    def row_count(self) -> int:
        """Rows, from the files' footers."""
        return sum(file.footer.num_rows for file in self.files)

    @property
    def byte_count(self) -> int:
        """Size in bytes."""
        return sum(file.size for file in self.files)

    def bytes_of_hour(self, hour: int) -> int:
        """Size in bytes of the files of one hour, of files written by hour."""
        folder = f"{HOUR_FOLDER}={hour}"
        return sum(file.size for file in self.files if folder in file.path.split("/"))

    def of_parts(self, parts: Iterable[str]) -> StagedFiles:
        """The files of some parts, of files that `Stage.write_parts` wrote."""
        folders = {f"{PART_FOLDER}={part}" for part in parts}
        files = (file for file in self.files if not folders.isdisjoint(file.path.split("/")))
        return StagedFiles(self.folder, tuple(files))

    @property
    def uris(self) -> list[str]:
        """The paths as the catalog records them."""
        return [file.uri for file in self.files]

    def schemas(self) -> list[pa.Schema]:
        """The schema of every file."""
        return [file.footer.schema.to_arrow_schema() for file in self.files]


class Stage:
    """A fresh folder below a table's `data/` for the files of one attempt."""

    def __init__(self, storage: Storage, table_name: str, *, engine_writes_here: bool) -> None:
        """Choose a folder.

        Args:
            storage: where the table lies.
            table_name: the table.
            engine_writes_here: whether the engine can write to that storage; otherwise it writes
                to this machine, and the files are uploaded.
        """
        self._storage = storage
        self._engine_writes_here = engine_writes_here
        # Not created yet: engines insist on making the folder that they write to.
        self.folder = f"{storage.root}/{table_name}/data/{uuid.uuid4().hex}"

    def write_rows(
        self,
        rows: DataFrame,
        *,
        by_hour: bool,
        in_one_task: bool = False,
        compression: str = COMPRESSION,
    ) -> StagedFiles:
        """Let the engine compute rows and write them.

        Args:
            rows: the rows, with an `event_time` when `by_hour`.
            by_hour: write files that hold one hour each, so that an hour can be replaced.
            in_one_task: for few rows, of which every task would write a file of its own.
            compression: of the files.
        """
        # One task by hour too: every other task would add a file to every hour.
        rows = rows.coalesce(1) if by_hour or in_one_task else rows
        if by_hour:
            writer = rows.withColumn(HOUR_FOLDER, F.hour("event_time")).write
            writer = writer.partitionBy(HOUR_FOLDER)
        else:
            writer = rows.write
        return self._write(writer, compression)

    def write_parts(self, rows: DataFrame, *, in_one_task: bool) -> StagedFiles:
        """Let the engine compute rows and write them into files of one part each.

        Args:
            rows: the rows, with their part in the column `PART_FOLDER`, which is not written.
            in_one_task: for few rows, of which every task would write files of its own.
        """
        rows = rows.coalesce(1) if in_one_task else rows
        return self._write(rows.write.partitionBy(PART_FOLDER))

    def _write(self, writer: DataFrameWriter, compression: str = COMPRESSION) -> StagedFiles:
        writer = writer.option("compression", compression).mode("error")
        if self._engine_writes_here:
            writer.parquet(self.folder)
        else:
            self._write_and_upload(writer)
        return self.collect()

    def _write_and_upload(self, writer: DataFrameWriter) -> None:
        with tempfile.TemporaryDirectory(prefix="ecom-stage-") as folder:
            written = Path(folder, "rows")
            writer.parquet(str(written))
            for file in sorted(written.rglob("*.parquet")):
                name = file.relative_to(written).as_posix()
                self._storage.upload(file, f"{self.folder}/{name}")

    def parquet_writer(self, name: str, schema: pa.Schema, **options: Any) -> pq.ParquetWriter:
        """Begin a file that the caller writes itself."""
        return self._storage.parquet_writer(f"{self.folder}/{name}", schema, **options)

    def collect(self) -> StagedFiles:
        """The files written so far; empty ones are left out."""
        staged = [
            StagedFile(
                found.path,
                self._storage.uri(found.path),
                found.size,
                self._storage.footer(found.path, found.size),
            )
            for found in self._storage.list(self.folder)
            if found.path.endswith(".parquet")
        ]
        kept = [file for file in staged if file.footer.num_rows > 0]
        return StagedFiles(self.folder, tuple(sorted(kept, key=lambda file: file.path)))

    def discard(self) -> None:
        """Delete what was staged: nothing refers to it."""
        self._storage.delete([found.path for found in self._storage.list(self.folder)])
