"""Publishing: making audited slices visible and recording what they were built from.

Belongs here: the commit of one slice and its record. Not here: building or judging rows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from pyiceberg.expressions import (
    AlwaysTrue,
    And,
    BooleanExpression,
    EqualTo,
    GreaterThanOrEqual,
    In,
    LessThan,
    LessThanOrEqual,
)

from ecom_platform.lake.audit import total
from ecom_platform.lake.publications import Publication

if TYPE_CHECKING:
    from ecom_platform.lake.slices import StaleDate
    from ecom_platform.lake.staging import StagedFiles
    from ecom_platform.lake.table import Snapshot, TableFile, TableVersion

# A snapshot costs the same for one date as for several, and more the more there have been. But
# dates that wait for theirs are lost when a run is killed, and a conflict on one holds up all.
DATES_OF_A_SNAPSHOT = 10


def files_of(slice_: StaleDate, files: Iterable[TableFile]) -> list[TableFile]:
    """The files that hold rows of a slice."""
    if slice_.hours is None:
        return list(files)
    wanted = set(slice_.hours)
    return [file for file in files if wanted.intersection(file.hours)]


def hold_only(slice_: StaleDate, files: Iterable[TableFile]) -> bool:
    """Whether files hold rows of a slice and nothing else, so that they can go as a whole."""
    return slice_.hours is None or all(set(f.hours) <= set(slice_.hours) for f in files)


def rows_of(slice_: StaleDate) -> BooleanExpression:
    """The rows of a slice: another run's change to them is a conflict."""
    date = slice_.event_date.isoformat()
    if slice_.hours is None:
        return EqualTo("event_date", date)
    midnight = dt.datetime.combine(slice_.event_date, dt.time(), tzinfo=dt.UTC)
    first = midnight + dt.timedelta(hours=min(slice_.hours))
    end = midnight + dt.timedelta(hours=max(slice_.hours) + 1)
    return And(
        EqualTo("event_date", date),
        GreaterThanOrEqual("event_time", first.isoformat()),
        LessThan("event_time", end.isoformat()),
    )


def until(event_date: dt.date) -> BooleanExpression:
    """The rows of all dates up to one."""
    return LessThanOrEqual("event_date", event_date.isoformat())


def describe_snapshot(table_name: str, label: str, run_id: str) -> dict[str, str]:
    """What a snapshot says of itself: its run, its table, and what of it is new, in words."""
    return {"ecom.run_id": run_id, "ecom.table": table_name, "ecom.slice": label}


def label_of(dates: Sequence[dt.date]) -> str:
    """Dates in words, by the first and the last; they are in order."""
    first, last = dates[0].isoformat(), dates[-1].isoformat()
    return first if first == last else f"{first}..{last}"


def commit_slice(
    version: TableVersion,
    slice_: StaleDate,
    replaced: Iterable[TableFile],
    staged: StagedFiles,
    run_id: str,
    scope: BooleanExpression | None = None,
) -> Snapshot:
    """Replace a slice of a table in one snapshot.

    Args:
        version: the table as it stood before the inputs were read.
        slice_: what is replaced.
        replaced: the files that go.
        staged: the files that come.
        run_id: recorded in the snapshot.
        scope: narrows the slice to a part of the table's rows.
    """
    rows = rows_of(slice_) if version.contract.partition_by else AlwaysTrue()
    return version.commit(
        remove=replaced,
        add=staged.uris,
        replaces=And(rows, scope) if scope is not None else rows,
        properties=describe_snapshot(version.contract.name, slice_.label, run_id),
    )


def commit_dates(
    version: TableVersion, staged: Mapping[dt.date, StagedFiles], run_id: str
) -> Snapshot:
    """Replace whole dates of a table in one snapshot.

    Args:
        version: the table as it stood before the inputs were read.
        staged: the files that come, by date.
        run_id: recorded in the snapshot.
    """
    dates = sorted(staged)
    return version.commit(
        remove=version.files(dates),
        add=[uri for date in dates for uri in staged[date].uris],
        replaces=In("event_date", [date.isoformat() for date in dates]),
        properties=describe_snapshot(version.contract.name, label_of(dates), run_id),
    )


def describe_publication(
    table_name: str,
    slice_: StaleDate,
    snapshot: Snapshot,
    staged: StagedFiles,
    counts_by_hour: Mapping[int, Mapping[str, int]],
) -> list[Publication]:
    """The records of a published slice: one for a whole date, else one for every hour.

    Args:
        table_name: the table.
        slice_: what was published.
        snapshot: the snapshot that holds it.
        staged: its files.
        counts_by_hour: what was measured, by hour and name; `row_count` among it.
    """
    if slice_.hours is None:
        counts = total(counts_by_hour)
        target = dict(slice_.target)
        return [_publication(table_name, slice_, None, target, staged.byte_count, counts, snapshot)]
    return [
        _publication(
            table_name,
            slice_,
            hour,
            {h: f for h, f in slice_.target.items() if h == hour},
            staged.bytes_of_hour(hour),
            dict(counts_by_hour.get(hour, {})),
            snapshot,
        )
        for hour in slice_.hours
    ]


def _publication(
    table_name: str,
    slice_: StaleDate,
    hour: int | None,
    fingerprints: Mapping[int, str],
    byte_count: int,
    counts: dict[str, int],
    snapshot: Snapshot,
) -> Publication:
    return Publication(
        table_name=table_name,
        event_date=slice_.event_date,
        hour=hour,
        fingerprints=fingerprints,
        row_count=counts.pop("row_count", 0),
        byte_count=byte_count,
        measures=counts,
        snapshot=snapshot,
    )
