"""Staged files for tests of the lake: rows of a table written where no reader sees them yet.

Belongs here: writing files without an engine. Not here: landing objects, the pipeline.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pyarrow as pa

from ecom_platform.contracts import TABLES
from ecom_platform.lake.staging import Stage
from ecom_platform.lake.storage import FolderStorage
from ecom_platform_tests.samples import RAW_ROW, Row

if TYPE_CHECKING:
    from pathlib import Path

    from ecom_platform.lake.lake import Lake
    from ecom_platform.lake.staging import StagedFiles


def stage_rows(lake: Lake, table: str, *differences: Row) -> StagedFiles:
    """Write one file with a row per difference from the ordinary event.

    The date follows the time unless it is given.
    """
    contract = TABLES[table]
    rows = []
    for number, difference in enumerate(differences, start=2):
        row = {**RAW_ROW, "event_id": number, "source_row": number, **difference}
        if "event_time" in difference and "event_date" not in difference:
            row["event_date"] = difference["event_time"].date()
        rows.append({name: row.get(name) for name in contract.column_names})
    stage = lake.stage(table)
    written = pa.Table.from_pylist(rows, schema=contract.arrow_schema)
    write_file(stage, "rows.parquet", written)
    return stage.collect()


def stage_in(folder: Path) -> Stage:
    """A stage of a table of which only the folder matters."""
    return Stage(FolderStorage(folder), "t", engine_writes_here=True)


def write_file(stage: Stage, name: str, rows: pa.Table) -> None:
    """Write one file of a stage, as engines do: without the Arrow schema."""
    with stage.parquet_writer(name, rows.schema, store_schema=False) as writer:
        writer.write_table(rows)


def at(hour: int, day: int = 1) -> Row:
    """The difference of an event at an hour of a day in April 2020."""
    return {"event_time": dt.datetime(2020, 4, day, hour, tzinfo=dt.UTC)}
