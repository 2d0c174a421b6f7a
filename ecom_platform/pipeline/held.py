"""Held rows: what several branches of a plan read, computed once and kept in files for a while.

Belongs here: writing, reading back and deleting them. Not here: which rows are worth it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark.sql import DataFrame

    from ecom_platform.lake.staging import Stage
    from ecom_platform.pipeline.slice_build import Workplace


@contextmanager
def held_rows(work: Workplace, table_name: str) -> Iterator[Callable[[DataFrame], DataFrame]]:
    """Give a function that keeps rows until the end of the block.

    The files lie where those of staged rows of the table lie. A killed run leaves them like those:
    nothing mentions them. Sail has no `cache`, so files it is.
    """
    stages: list[Stage] = []

    def hold(rows: DataFrame) -> DataFrame:
        stage = work.lake.stage(table_name)
        stages.append(stage)
        staged = stage.write_rows(rows, by_hour=False)
        if not staged.paths:
            return work.spark.createDataFrame([], rows.schema)
        return work.spark.read.parquet(*staged.paths)

    try:
        yield hold
    finally:
        for stage in stages:
            stage.discard()
