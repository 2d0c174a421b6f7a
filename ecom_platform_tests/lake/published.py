"""Published rows for tests of SQL: committed without an engine, queried, compared byte by byte.

Belongs here: publishing by hand and looking. Not here: staging (staged.py), the pipeline.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import TYPE_CHECKING

from pyiceberg.expressions import AlwaysTrue, EqualTo

from ecom_platform.lake.sql import connect
from ecom_platform_tests.lake.staged import stage_rows

if TYPE_CHECKING:
    from pathlib import Path

    from ecom_platform.lake.lake import Lake
    from ecom_platform.lake.staging import StagedFiles
    from ecom_platform_tests.samples import Row

FACT = "fact_user_events"


def publish(lake: Lake, *differences: Row, table: str = FACT, day: int | None = None) -> None:
    """Publish rows; with a day they replace it."""
    commit(lake, stage_rows(lake, table, *differences), table, day)


def commit(lake: Lake, staged: StagedFiles, table: str = FACT, day: int | None = None) -> None:
    version = lake.table(table)
    date = EqualTo("event_date", f"2020-04-{day or 1:02d}")
    version.commit(
        remove=version.files(where=date) if day else [],
        add=staged.uris,
        replaces=date if day else AlwaysTrue(),
        properties={"ecom.run_id": "run-1"},
    )


def query(lake: Lake, sql: str, as_of: dt.datetime | None = None) -> list[tuple]:
    with connect(lake, as_of) as connection:
        return connection.execute(sql).fetchall()


def content(folder: Path) -> dict[str, str]:
    """Every file below a folder, with a hash of its content."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }
