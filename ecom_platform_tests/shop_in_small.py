"""A shop in small: files of DMS, dropped into a lake and folded.

Belongs here: writing such files and looking at what became of them. Not here: fixtures.
"""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from ecom_platform.contracts import TABLES
from ecom_platform.contracts.oltp import CHANGE_LEDGER, SHOP_TABLES, current_name
from ecom_platform.pipeline.ingest_report import IngestReport
from ecom_platform.pipeline.shop.events import ingest_shop_events
from ecom_platform.pipeline.shop.fold import find_stale_table, rebuild_table
from ecom_platform.pipeline.shop.ingest import ChangesReport, find_changes, ingest_changes
from ecom_platform_tests.samples import utc

if TYPE_CHECKING:
    from ecom_platform_tests.platform_in_small import SmallPlatform

LOAD = "LOAD00000001.csv"
WRITTEN = utc("2020-04-15 09:00")
_CATEGORY = 2118786382981189011


@dataclass
class SmallShop:
    """A lake, and DMS's folder in its landing area."""

    platform: SmallPlatform

    def drop(self, table: str, name: str, *lines: str, written_at: dt.datetime = WRITTEN) -> str:
        """Write an object of CSV lines without names; returns its key."""
        key = f"dms/shop/{table}/{name}"
        path = self.platform.lake.settings.landing_path / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(line + "\n" for line in lines))
        os.utime(path, (written_at.timestamp(),) * 2)
        return key

    def drop_all(self) -> None:
        """A full load of every table, a row each, and a change of some."""
        at = "2020-04-15 09:00:00"
        self.drop("brands", LOAD, "1,acme")
        self.drop("categories", LOAD, "5,electronics,NULL", f"{_CATEGORY},audio,5")
        self.drop("products", LOAD, f"7,acme audio,1,{_CATEGORY},5.20,3")
        self.drop("users", LOAD, f"9,Ada,ada@example.com,{at}")
        self.drop("sessions", LOAD, f"db62839d-67f7-40c2-806a-41e3a858efa7,9,mobile,email,{at}")
        self.drop("events", LOAD, f"1,db62839d-67f7-40c2-806a-41e3a858efa7,9,7,view,{at},5.20")
        self.drop("products", "20200415-100000000.csv", f"U,7,acme audio,1,{_CATEGORY},4.00,3")
        self.drop("events", "20200415-100000000.csv", "D,1,NULL,NULL,NULL,NULL,NULL,NULL")

    def ingest(self) -> ChangesReport:
        """Read what is pending."""
        platform = self.platform
        found = find_changes(platform.lake, platform.store)
        return ingest_changes(platform.lake, platform.store, found, platform.work.run_id)

    def fold(self, *tables: str) -> list[str]:
        """Fold the stale tables; their names."""
        folded = []
        for table in tables or SHOP_TABLES:
            if stale := find_stale_table(self.platform.lake, table):
                rebuild_table(self.platform.work, table, stale)
                folded.append(table)
        return folded

    def run(self) -> ChangesReport:
        """Read what is pending, fold what is stale."""
        report = self.ingest()
        self.fold()
        return report

    def feed(self, *again: dt.date) -> IngestReport:
        """Read and fold what is pending, and bring raw_events to what the tables hold then."""
        self.run()
        report = IngestReport()
        ingest_shop_events(self.platform.work, report, again)
        return report

    def facts(self) -> list[dict[str, Any]]:
        """The fact, by event, after the dates that are stale were rebuilt."""
        for table in ("clean_events", "fact_user_events"):
            self.platform.rebuild(table)
        return self.rows("fact_user_events")

    def rows(self, table: str) -> list[dict[str, Any]]:
        """The published rows of any table of the lake, by its key."""
        files = self.platform.lake.table(table).files()
        found = [row for file in files for row in pq.read_table(file.path).to_pylist()]
        return sorted(found, key=lambda row: tuple(str(row[c]) for c in TABLES[table].key))

    def current(self, table: str) -> list[dict[str, Any]]:
        """The rows of a table of the shop as they are now."""
        return self.rows(current_name(table))

    def fates(self) -> dict[str, tuple[int, int, int]]:
        """By file name: rows applied, superseded, deleted."""
        return {
            row["source_object"].removeprefix("dms/shop/"): (
                row["applied_count"],
                row["superseded_count"],
                row["deleted_count"],
            )
            for row in self.rows(CHANGE_LEDGER.name)
        }
