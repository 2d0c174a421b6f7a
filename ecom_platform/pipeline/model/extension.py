"""Extending a table without dates: from what it holds and from the dates that came after it.

Belongs here: when that gives what building it from all dates would. Not here: row logic.

What a table holds is taken for what all dates up to its as-of date give only where that is certain.
Everything else, late data and changed logic among it, is built from all dates.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ecom_platform.contracts import TABLES
from ecom_platform.lake.changes import OPERATION
from ecom_platform.pipeline.model.basis import WHOLE, Basis
from ecom_platform.pipeline.publishing import label_of
from ecom_platform.pipeline.reading import read_files
from ecom_platform.pipeline.slice_build import Source
from ecom_platform.pipeline.staleness import stale_dates

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from ecom_platform.lake.lake import Lake
    from ecom_platform.lake.slices import StaleDate
    from ecom_platform.lake.table import TableVersion
    from ecom_platform.pipeline.model.dimensions import Dimension
    from ecom_platform.pipeline.slice_build import SliceBuild, Workplace
    from ecom_platform.transforms.keeping import Keep

_A_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Extension:
    """What a table is extended from.

    Attributes:
        work: lake and engine.
        build: the building of the table.
        rows: what it holds, as of an earlier date.
        since: that date.
        dates: those that are added.
        beside: the tables without dates that are read beside the partials, as of the new date.
        keep: computes rows once for all who read them.
    """

    work: Workplace
    build: SliceBuild
    rows: Source
    since: dt.date
    dates: list[dt.date]
    beside: Mapping[str, Source]
    keep: Keep

    @property
    def as_of(self) -> dt.date:
        """The date as of which the table will be."""
        return self.build.slice_.event_date

    @property
    def words(self) -> str:
        """What is done, in words."""
        return f"{label_of(self.dates)} added to what was published as of {self.since}"

    def added(self, table_name: str, first: dt.date | None = None) -> DataFrame:
        """The rows of a dated table of the dates that are added.

        Args:
            table_name: the table.
            first: from this date on, in place of the first that is added.

        Raises:
            FilesLost: a file of them is not there.
        """
        return self.build.read_history(table_name, first or self.since + _A_DAY).rows

    def history(self, table_name: str) -> DataFrame:
        """The rows of a dated table of all dates.

        Raises:
            FilesLost: a file of them is not there.
        """
        return self.build.read_history(table_name).rows


def read_exact(work: Workplace, dimension: Dimension, as_of: dt.date) -> Source | None:
    """The rows of a table without dates, where it is certain that all dates up to one give them.

    Raises:
        FilesLost: a file of them is not there.
    """
    version = work.lake.table(dimension.contract.name)
    basis = Basis.of(work.lake, dimension.contract.name, dimension.partials)
    if _why_not_exact(work.lake, version, basis, as_of):
        return None
    return _read(work, version)


def find_extension(
    build: SliceBuild,
    work: Workplace,
    dimension: Dimension,
    beside: Mapping[str, Source],
    keep: Keep,
) -> Extension | str:
    """What a table can be extended from, or why it must be built from all dates.

    Args:
        build: the building of the table; its version of the table is what is looked at.
        work: lake and engine.
        dimension: how the table is built.
        beside: the tables without dates that are read beside the partials, as of the new date.
        keep: computes rows once for all who read them.

    Raises:
        FilesLost: a file of the table is not there.
    """
    name = dimension.contract.name
    published = work.lake.publications.published_whole(name)
    if published is None:
        return "nothing was published before"
    basis = Basis.of(work.lake, name, dimension.partials)
    why = _why_not_later(build.slice_, basis, published.event_date)
    why = why or _why_not_exact(work.lake, build.version, basis, published.event_date)
    why = why or _why_inputs_are_missing(work.lake, dimension, beside)
    if why:
        return why
    rows, since = _read(work, build.version), published.event_date
    dates = basis.dates_between(since, build.slice_.event_date)
    return Extension(work, build, rows, since, dates, beside, keep)


def _why_not_later(slice_: StaleDate, basis: Basis, since: dt.date) -> str:
    if slice_.event_date <= since:
        return "what it counts changed, or how"
    if slice_.target[WHOLE] != basis.fingerprint(slice_.event_date):
        return "what it counts changed a moment ago"
    return ""


def _why_not_exact(lake: Lake, version: TableVersion, basis: Basis, as_of: dt.date) -> str:
    """Why it is not certain that a table holds what all dates up to one give; "" where it is."""
    name = basis.table
    published = lake.publications.published_whole(name)
    snapshot = version.iceberg.current_snapshot()
    if published is None or snapshot is None or published.event_date != as_of:
        return f"{name} is not as of {as_of}"
    if published.fingerprints.get(WHOLE) != basis.fingerprint(as_of):
        return f"dates up to {as_of} changed, or how {name} is built from them"
    is_own = snapshot.summary is not None and snapshot.summary[OPERATION] is None
    if lake.holds.of(name) or not is_own or snapshot.sequence_number != published.sequence_number:
        return f"{name} was written since it was published"
    return ""


def _why_inputs_are_missing(lake: Lake, dimension: Dimension, beside: Mapping[str, Source]) -> str:
    for other in dimension.beside:
        if other.contract.name not in beside:
            return f"{other.contract.name} does not hold the same dates"
    now = dt.datetime.now(tz=dt.UTC)
    for table in dimension.looks_up:
        if lake.holds.of(table) or stale_dates(lake, table, None, now):
            return f"{table} does not match what it is built from"
    return ""


def _read(work: Workplace, version: TableVersion) -> Source:
    files = version.files()
    rows = read_files(work, TABLES[version.contract.name], files)
    return Source(rows, sum(file.row_count for file in files))
