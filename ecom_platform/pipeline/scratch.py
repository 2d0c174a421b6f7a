"""Scratch: rows that a step reads several times, computed once and written beside its tables.

Belongs here: keeping rows while a slice is built. Not here: files that will be published.
"""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from ecom_platform.lake.staging import Stage
    from ecom_platform.pipeline.slice_build import Workplace


# Read again within seconds: to press them small would cost more than it saves.
_COMPRESSION = "snappy"


class Scratch:
    """Rows kept in files until the end of a `with` block.

    Engines compute a frame anew for everyone who reads it, and Sail's `persist` does nothing.
    """

    def __init__(self, work: Workplace, table_name: str) -> None:
        """Prepare; nothing is written yet.

        Args:
            work: lake and engine.
            table_name: the table among whose files the rows lie.
        """
        self._work = work
        self._table_name = table_name
        self._stages: list[Stage] = []

    def keep(self, rows: DataFrame) -> DataFrame:
        """Compute rows and give them back from their files."""
        stage = self._work.lake.stage(self._table_name)
        self._stages.append(stage)
        written = stage.write_rows(rows, by_hour=False, compression=_COMPRESSION)
        if not written.paths:
            return self._work.spark.createDataFrame([], rows.schema)
        return self._work.spark.read.parquet(*self._work.lake.readable(written.paths))

    def __enter__(self) -> Scratch:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for stage in self._stages:
            stage.discard()
