"""Maintenance in small: a day that arrived by the hour, its upkeep, and what must not change.

Belongs here: driving maintenance and looking at a lake from outside. Not here: what it should do.
"""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecom_platform.contracts import TABLES
from ecom_platform.pipeline.inputs import INPUT_OF
from ecom_platform.pipeline.maintenance import MaintenanceReport, TableUpkeep, maintain
from ecom_platform.pipeline.staleness import raw_fingerprints, stale_dates
from ecom_platform_tests.platform_in_small import LONG_AFTER
from ecom_platform_tests.samples import at, utc

if TYPE_CHECKING:
    from ecom_platform.lake.lake import Lake
    from ecom_platform_tests.platform_in_small import SmallPlatform

RAW, CLEAN, REJECTED, FACT = "raw_events", "clean_events", "rejected_events", "fact_user_events"
EVENT_TABLES = (RAW, CLEAN, REJECTED, FACT)
NOON = utc("2020-04-01 12:00")  # the first of April is open
TODAY = dt.timedelta(0)
WEEK = dt.timedelta(days=7)
LATER = dt.timedelta(days=8)


def upkeep(platform: SmallPlatform, after: dt.timedelta = TODAY, **options: Any) -> Upkeep:
    """Maintain the lake some time after now: files and versions are as old as they are."""
    now = dt.datetime.now(tz=dt.UTC) + after
    return Upkeep(maintain(platform.lake, now, "maintenance-1", **options))


class Upkeep:
    """A report, looked up by table."""

    def __init__(self, report: MaintenanceReport) -> None:
        assert report.faults == []
        self.report = report

    def __getitem__(self, name: str) -> TableUpkeep:
        return next(table for table in self.report.tables if table.name == name)


def hourly(platform: SmallPlatform, hours: int = 4) -> None:
    """A day by the hour, the last one in a run of its own, with faults of every kind."""
    for hour in range(hours):
        if hour == hours - 1:
            platform.run(now=NOON)
        no_session = {**at(hour, 20), "user_session": ""}
        platform.drop(f"{hour:02d}.csv", at(hour), at(hour), at(hour, 10), no_session, "no event")
    platform.run(now=NOON)


def everything(lake: Lake) -> dict[str, Any]:
    """What maintenance must not change: rows, fingerprints, records, what is stale."""
    published = {name: lake.publications.published(name) for name in TABLES}
    raw = raw_fingerprints(lake.table(RAW).files()) if RAW in lake.existing_tables() else {}
    return {
        "rows": {name: held for name in lake.existing_tables() if (held := rows(lake, name))},
        "published": {
            (name, date): (state.fingerprints, state.row_count, state.measures, state.run_id)
            for name, dates in published.items()
            for date, state in dates.items()
        },
        "raw": raw,
        "stale": {name: sorted(stale_dates(lake, name, None, LONG_AFTER)) for name in INPUT_OF},
        "objects": lake.objects.current(),
    }


def rows(lake: Lake, name: str) -> list[str]:
    if name == "publications":
        return []  # what counts of them is compared by itself
    return sorted(map(str, lake.table(name).iceberg.scan().to_arrow().to_pylist()))


def disk(lake: Lake) -> set[str]:
    return {file.path for file in lake.storage.list(lake.storage.root)}


def data_files(lake: Lake) -> set[str]:
    return {path for path in disk(lake) if path.endswith(".parquet")}


def litter(lake: Lake, table: str, name: str, hours: float) -> Path:
    """Leave a file of some age in a table's folder, as a killed run would."""
    path = Path(lake.storage.root) / table / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"litter")
    age(path, hours)
    return path


def age(path: Path, hours: float) -> None:
    written = dt.datetime.now(tz=dt.UTC).timestamp() - hours * 3600
    os.utime(path, (written, written))
