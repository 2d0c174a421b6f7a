"""Stored tables: what the lake holds of some dates, looked up once for all of them.

Belongs here: reading what is published, for whoever judges it. Not here: judging, rebuilding.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyiceberg.expressions import In

from ecom_platform.contracts import TABLES
from ecom_platform.contracts.raw import RAW_EVENTS
from ecom_platform.lake.publications import PublishedDate
from ecom_platform.pipeline.reading import read_files

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from ecom_platform.lake.objects import ObjectOutcome
    from ecom_platform.lake.table import TableFile
    from ecom_platform.pipeline.slice_build import Workplace


# Some checks hold a date against the week before it.
DAYS_BEFORE = 7


@dataclass(frozen=True)
class Verdict:
    """How a date was judged last.

    Attributes:
        passed: whether every blocking check passed.
        judged_at: when; of several checks, when the first of them was.
    """

    passed: bool
    judged_at: dt.datetime


def _never_judged(_: dt.date) -> None:
    return None


class StoredTables:
    """The published files and records of some dates, as of the first look at each table.

    Thousands of dates cost one look at each table's manifests and one at the publications.

    Attributes:
        work: lake, engine and run id.
        dates: the dates.
        last_verdict: tells how the table that is judged was judged last on one of the dates.
    """

    def __init__(
        self,
        work: Workplace,
        dates: Iterable[dt.date],
        last_verdict: Callable[[dt.date], Verdict | None] = _never_judged,
    ) -> None:
        self.work = work
        self.dates = frozenset(dates)
        self.last_verdict = last_verdict
        self._files: dict[str, dict[dt.date, list[TableFile]]] = {}
        self._published: dict[str, dict[dt.date, PublishedDate]] = {}
        self._whole: dict[str, PublishedDate | None] = {}
        self._spans: dict[str, tuple[dt.date, dt.date] | None] = {}
        self._objects: dict[str, ObjectOutcome] | None = None
        self._of_objects: dict[str, list[TableFile]] | None = None

    def files(self, table_name: str, event_date: dt.date) -> list[TableFile]:
        """The files of one of the dates."""
        if table_name not in self._files:
            by_date: dict[dt.date, list[TableFile]] = defaultdict(list)
            for file in self.work.lake.table(table_name).files(self.dates):
                if file.event_date:
                    by_date[file.event_date].append(file)
            self._files[table_name] = by_date
        return self._files[table_name].get(event_date, [])

    def row_count(self, table_name: str, event_date: dt.date) -> int:
        """The rows of one of the dates, from the manifests."""
        return sum(file.row_count for file in self.files(table_name, event_date))

    def rows(self, table_name: str, event_date: dt.date) -> DataFrame:
        """The rows of one of the dates; without files, no rows.

        Raises:
            FilesLost: a file of them is not there.
        """
        return read_files(self.work, TABLES[table_name], self.files(table_name, event_date))

    def rows_of_all(self, table_name: str) -> DataFrame:
        """The rows of all of the dates together; without files, no rows."""
        files = [file for date in sorted(self.dates) for file in self.files(table_name, date)]
        return read_files(self.work, TABLES[table_name], files)

    def published(self, table_name: str) -> dict[dt.date, PublishedDate]:
        """What is recorded of a table, of the dates and of the week before each."""
        if table_name not in self._published:
            wanted = {d - dt.timedelta(days=n) for d in self.dates for n in range(DAYS_BEFORE + 1)}
            found = self.work.lake.publications.published(table_name, wanted)
            self._published[table_name] = found
        return self._published[table_name]

    def published_whole(self, table_name: str) -> PublishedDate | None:
        """What is recorded of a table without dates, or None before its first publication."""
        if table_name not in self._whole:
            self._whole[table_name] = self.work.lake.publications.published_whole(table_name)
        return self._whole[table_name]

    def files_of_object(self, source_object: str) -> list[TableFile]:
        """All files of raw_events of an object that has rows of one of the dates; of any dates."""
        if self._of_objects is None:
            name = RAW_EVENTS.name
            of_dates = [file for date in self.dates for file in self.files(name, date)]
            keys = {str(file.only("source_object")) for file in of_dates}
            by_object: dict[str, list[TableFile]] = {key: [] for key in keys}
            table = self.work.lake.table(name)
            for file in table.files(where=In("source_object", keys)) if keys else []:
                if (key := str(file.only("source_object"))) in keys:
                    by_object[key].append(file)
            self._of_objects = by_object
        return self._of_objects.get(source_object, [])

    def objects(self) -> dict[str, ObjectOutcome]:
        """The landing objects whose rows are visible."""
        if self._objects is None:
            self._objects = self.work.lake.objects.ingested()
        return self._objects

    def is_expected(self, table_name: str, event_date: dt.date) -> bool:
        """Whether a date should hold rows: it lies between the first and the last that do."""
        if table_name not in self._spans:
            dates = self.work.lake.publications.published(table_name)
            self._spans[table_name] = (min(dates), max(dates)) if dates else None
        span = self._spans[table_name]
        return span is not None and span[0] <= event_date <= span[1]


def read_whole(work: Workplace, table_name: str) -> DataFrame:
    """All published rows of a table.

    Raises:
        FilesLost: a file of them is not there.
    """
    return read_files(work, TABLES[table_name], work.lake.table(table_name).files())


def read_if_published(work: Workplace, table_name: str) -> DataFrame:
    """All rows of a table without dates; looking at one that a lake does not have creates none."""
    if work.lake.publications.published_whole(table_name) is None:
        return work.spark.createDataFrame([], TABLES[table_name].spark_schema)
    return read_whole(work, table_name)
