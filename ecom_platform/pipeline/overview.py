"""The overview of a lake in numbers: its tables, its dates, and what waits in landing.

Belongs here: what an overview consists of. Not here: looking it up (survey.py), showing it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ecom_platform.lake.holds import Hold
    from ecom_platform.lake.objects import ObjectOutcome
    from ecom_platform.lake.table import TableVersion
    from ecom_platform.landing.objects import LandingObject


@dataclass(frozen=True)
class Totals:
    """The size of a table's published version: files, rows, and bytes on disk."""

    files: int
    rows: int
    size_bytes: int


@dataclass(frozen=True)
class TableOverview:
    """One table.

    Attributes:
        name: the table.
        totals: its size.
        dates: the event dates that it holds, sorted; none if it is not divided by date.
        as_of: the last date that a table without dates takes into account.
        duplicates: rows that were dropped because they repeat another one; None: does not apply.
        rejected: lines or rows that were not accepted; None: does not apply.
        stale: the dates that no longer match what they are built from; of a table without
            dates, the one that it should be as of.
        last_run: the run that published last.
        published_at: when that was.
    """

    name: str
    totals: Totals
    dates: Sequence[dt.date] = ()
    as_of: dt.date | None = None
    duplicates: int | None = None
    rejected: int | None = None
    stale: Sequence[dt.date] = ()
    last_run: str | None = None
    published_at: dt.datetime | None = None


@dataclass(frozen=True)
class DateOverview:
    """One date, from raw_events to the fact; counts are in rows, None where it is not built.

    Attributes:
        event_date: the date.
        rows_in: rows of raw_events that clean_events was built from.
        duplicates: of those, repetitions of another one.
        rejected: of those, the ones that broke a rule, by reason.
        rows_out: rows of the fact.
        published_at: when the fact of the date was published.
        stale: the tables, as far as the fact, in which the date no longer matches its input.
    """

    event_date: dt.date
    rows_in: int | None
    duplicates: int | None
    rejected: Mapping[str, int]
    rows_out: int | None
    published_at: dt.datetime | None
    stale: Sequence[str]


@dataclass(frozen=True)
class LandingOverview:
    """What lies in landing and is not in the lake.

    Attributes:
        pending: objects that the next run reads.
        refused: objects that were refused whole, with the reason; the next run leaves them.
        ignored: files whose names are not those of data.
    """

    pending: Sequence[LandingObject] = ()
    refused: Sequence[ObjectOutcome] = ()
    ignored: Sequence[str] = ()


@dataclass
class LakeOverview:
    """A lake, from metadata alone: no data file is opened, and nothing is created by looking.

    Attributes:
        tables: those that exist, and those that could be built.
        landing: what waits.
        dates: every date that any of the event tables holds, in order.
        held: what was put back by hand, and is not rebuilt until it is released.
    """

    tables: list[TableOverview] = field(default_factory=list)
    landing: LandingOverview = field(default_factory=LandingOverview)
    dates: list[DateOverview] = field(default_factory=list)
    held: list[Hold] = field(default_factory=list)


def totals(version: TableVersion) -> Totals:
    """The size of a table's version, from the summary of its snapshot."""
    snapshot = version.iceberg.current_snapshot()
    summary = snapshot.summary if snapshot else None
    if summary is None:
        return Totals(0, 0, 0)
    names = ("total-data-files", "total-records", "total-files-size")
    return Totals(*(int(summary[name] or 0) for name in names))
