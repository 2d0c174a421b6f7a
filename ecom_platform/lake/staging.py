"""Staging: writing files that no reader sees yet, into paths that are never used again.

Belongs here: fresh paths, writing Parquet, and what a staged file says of itself. Not here:
making files visible.
"""

from __future__ import annotations

import shutil
import uuid
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import functions as F

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

COMPRESSION: Final = "zstd"
HOUR_FOLDER = "_hour"


@dataclass(frozen=True)
class StagedFiles:
    """Files of one attempt, complete and not yet visible."""

    paths: tuple[Path, ...]

    @cached_property
    def _metadata(self) -> list[pq.FileMetaData]:
        return [pq.read_metadata(path) for path in self.paths]

    @property
    def row_count(self) -> int:
        """Rows, from the files' footers."""
        return sum(metadata.num_rows for metadata in self._metadata)

    @property
    def byte_count(self) -> int:
        """Size in bytes."""
        return sum(path.stat().st_size for path in self.paths)

    def bytes_of_hour(self, hour: int) -> int:
        """Size in bytes of the files of one hour, of files written by hour."""
        folder = f"{HOUR_FOLDER}={hour}"
        return sum(path.stat().st_size for path in self.paths if folder in path.parts)

    @property
    def uris(self) -> list[str]:
        """The paths as the catalog records them."""
        return [f"file://{path}" for path in self.paths]

    def schemas(self) -> list[pa.Schema]:
        """The schema of every file."""
        return [metadata.schema.to_arrow_schema() for metadata in self._metadata]


class Stage:
    """A fresh folder below a table's `data/` for the files of one attempt."""

    def __init__(self, table_folder: Path) -> None:
        self.folder = table_folder / "data" / uuid.uuid4().hex
        # Not created yet: engines insist on making the folder that they write to.
        self.folder.parent.mkdir(parents=True, exist_ok=True)

    def write_rows(
        self, rows: DataFrame, *, by_hour: bool, in_one_task: bool = False
    ) -> StagedFiles:
        """Let the engine compute rows and write them.

        Args:
            rows: the rows, with an `event_time` when `by_hour`.
            by_hour: write files that hold one hour each, so that an hour can be replaced.
            in_one_task: for few rows, of which every task would write a file of its own.
        """
        # One task by hour too: every other task would add a file to every hour.
        rows = rows.coalesce(1) if by_hour or in_one_task else rows
        if by_hour:
            writer = rows.withColumn(HOUR_FOLDER, F.hour("event_time")).write
            writer = writer.partitionBy(HOUR_FOLDER)
        else:
            writer = rows.write
        writer.option("compression", COMPRESSION).mode("error").parquet(str(self.folder))
        return self.collect()

    def path(self, name: str) -> Path:
        """A path for a file that the caller writes itself."""
        self.folder.mkdir(exist_ok=True)
        return self.folder / name

    def collect(self) -> StagedFiles:
        """The files written so far; empty ones are dropped."""
        files = sorted(self.folder.rglob("*.parquet")) if self.folder.exists() else []
        kept = [path for path in files if pq.read_metadata(path).num_rows > 0]
        return StagedFiles(tuple(kept))

    def discard(self) -> None:
        """Delete what was staged: nothing refers to it."""
        shutil.rmtree(self.folder, ignore_errors=True)
