"""A platform in small: one temporary lake that tests fill, run and look into.

Belongs here: driving the pipeline by hand and reading what is published. Not here: fixtures.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ecom_platform.pipeline.clean import rebuild_clean_events
from ecom_platform.pipeline.model import rebuild_fact_user_events
from ecom_platform.pipeline.raw import find_candidates, ingest
from ecom_platform.pipeline.staleness import stale_dates
from ecom_platform_tests.samples import csv_text, utc

if TYPE_CHECKING:
    from pathlib import Path

    from ecom_platform.lake.lake import Lake
    from ecom_platform.landing.objects import LandingStore
    from ecom_platform.pipeline.ingest_report import IngestReport
    from ecom_platform.pipeline.slice_build import Rebuilt, Workplace
    from ecom_platform_tests.s3_in_small import BucketDrop

STEPS = {"clean_events": rebuild_clean_events, "fact_user_events": rebuild_fact_user_events}

# Every date of the samples is closed by then, and no object is older than its events.
LONG_AFTER = utc("2020-06-01 00:00")
_FIRST_WRITTEN = utc("2020-05-01 00:00")


@dataclass
class Drop:
    """Puts objects into landing, each a second younger than the last."""

    landing: Path
    _written: int = field(default=0)

    def __call__(
        self,
        key: str,
        *differences: Mapping[str, object] | str,
        text: str | None = None,
        content: bytes | None = None,
        written_at: dt.datetime | None = None,
    ) -> str:
        """Write an object below `events/` and return its key.

        Args:
            key: the name below `events/`.
            differences: one line each.
            text: the whole object instead of lines.
            content: the same as bytes.
            written_at: the time of the file.
        """
        path = self.landing / "events" / key
        path.parent.mkdir(parents=True, exist_ok=True)
        body = text if text is not None else csv_text(differences)
        path.write_bytes(content if content is not None else body.encode())
        self._written += 1
        moment = written_at or _FIRST_WRITTEN + dt.timedelta(seconds=self._written)
        os.utime(path, (moment.timestamp(), moment.timestamp()))
        return f"events/{key}"

    def take_away(self, key: str) -> None:
        """Delete an object, by the key that writing it returned."""
        (self.landing / key).unlink()


@dataclass
class SmallPlatform:
    """A lake with its landing area and an engine."""

    lake: Lake
    store: LandingStore
    work: Workplace
    drop: Drop | BucketDrop

    def ingest(self, run_id: str = "run-1", *, reread: bool = False) -> IngestReport:
        """Ingest whatever is pending; with `reread` everything in landing."""
        objects = self.store.list() if reread else find_candidates(self.lake, self.store)
        return ingest(self.lake, self.store, objects, run_id, reread=reread)

    def rebuild(
        self, table: str, dates: Iterable[dt.date] | None = None, now: dt.datetime = LONG_AFTER
    ) -> list[Rebuilt]:
        """Rebuild what is stale of a table."""
        stale = stale_dates(self.lake, table, dates, now)
        return [STEPS[table](self.work, slice_) for slice_ in stale.values()]

    def run(self, now: dt.datetime = LONG_AFTER) -> dict[str, list[Rebuilt]]:
        """From landing to the fact; what was rebuilt, by table."""
        self.ingest()
        return {table: self.rebuild(table, now=now) for table in STEPS}

    def rows(self, table: str) -> list[dict[str, Any]]:
        """The published rows as another reader of Iceberg sees them, by time and line."""
        rows = self.lake.table(table).iceberg.scan().to_arrow().to_pylist()
        order = ("source_object", "source_row", "event_time", "event_id")
        return sorted(rows, key=lambda row: [str(row.get(name, "")) for name in order])

    def values(self, table: str, column: str) -> list[Any]:
        """One column of the published rows, sorted."""
        return sorted(row[column] for row in self.rows(table))

    def origins(self, table: str = "raw_events") -> list[tuple[str, int]]:
        """Object and line of every published row."""
        return [(row["source_object"], row["source_row"]) for row in self.rows(table)]

    def pending(self) -> list[str]:
        """The keys of landing objects that an ingest would look at."""
        return [found.key for found in find_candidates(self.lake, self.store)]

    def paths(self, table: str) -> set[str]:
        """The published files."""
        return {file.path for file in self.lake.table(table).files()}

    def snapshots(self, table: str) -> int:
        """How many versions the table has had."""
        return len(self.lake.table(table).iceberg.metadata.snapshots)

    def state(self, table: str) -> tuple[object, ...]:
        """Everything of a table that a refused publication must not touch."""
        current = self.lake.table(table).iceberg.current_snapshot()
        published = self.lake.publications.published(table)
        return (current and current.snapshot_id, self.rows(table), published)
