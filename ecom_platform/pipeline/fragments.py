"""Fragments: the small files of closed dates, and which of them may become one file.

Belongs here: what may be put together. Not here: copying rows (lake/rewriting.py), commits.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from ecom_platform.contracts.clean import CLEAN_EVENTS
from ecom_platform.contracts.raw import REJECTED_EVENTS
from ecom_platform.lake.manifests import committed_in
from ecom_platform.lake.slices import is_open
from ecom_platform.pipeline.inputs import DATED_TABLES
from ecom_platform.pipeline.staleness import stale_dates

if TYPE_CHECKING:
    from ecom_platform.lake.lake import Lake
    from ecom_platform.lake.publications import PublishedDate
    from ecom_platform.lake.table import TableFile, TableVersion

# A file of this size is left alone; smaller ones are put together up to the larger size.
SMALL_BYTES = 16 << 20
LARGE_BYTES = 128 << 20

# The table whose step writes another one along.
_WRITTEN_WITH = {REJECTED_EVENTS.name: CLEAN_EVENTS.name}


@dataclass(frozen=True)
class Fragments:
    """Files of one date that may become one file.

    Attributes:
        event_date: the date.
        files: two or more, in the order of their rows.
        source_object: the object that all rows come from, if the files are replaced by object.
    """

    event_date: dt.date
    files: Sequence[TableFile]
    source_object: str | None


def find_fragments(lake: Lake, version: TableVersion, now: dt.datetime) -> list[Fragments]:
    """The files of closed dates that are better put together.

    A date that is stale or held is left alone: it is about to be rewritten. So is one of which a
    publication is not recorded yet: its run is still at work, or was killed.
    """
    contract = version.contract
    if contract.partition_by != "event_date":
        return []
    busy = _stale(lake, contract.name, now)
    published = lake.publications.published(contract.name)
    order = committed_in(version.iceberg)
    found = []
    for unit, files in _by_unit(version).items():
        date, source_object = unit.event_date, unit.source_object
        if date in busy or is_open(date, now):
            continue
        if source_object is None and not _is_recorded(files, published.get(date), order):
            continue
        bins = [bin_ for bin_ in _bins(files) if source_object is None or _leave_no_gap(bin_)]
        found += [Fragments(date, bin_, source_object) for bin_ in bins]
    return sorted(found, key=lambda fragments: fragments.event_date)


def _stale(lake: Lake, table_name: str, now: dt.datetime) -> set[dt.date]:
    built = _WRITTEN_WITH.get(table_name, table_name)
    held = {date for date in lake.holds.of(built) if date}
    return held | set(stale_dates(lake, built, None, now)) if built in DATED_TABLES else held


def _is_recorded(
    files: Sequence[TableFile], state: PublishedDate | None, order: Mapping[str, int]
) -> bool:
    """Whether the record of a date speaks of these very files."""
    if state is None:
        return True  # a table that keeps no such records
    newest = max(order[file.location] for file in files)
    rows = sum(file.row_count for file in files)
    return newest <= state.sequence_number and rows == state.row_count


class _Unit(NamedTuple):
    """What may lie in one file: the rows of a date, or of one version of one object in it."""

    event_date: dt.date
    source_object: str | None = None
    held: tuple[object, ...] = ()


def _by_unit(version: TableVersion) -> Mapping[_Unit, list[TableFile]]:
    units: dict[_Unit, list[TableFile]] = defaultdict(list)
    apart = version.contract.files_of_objects
    for file in version.files():
        if file.event_date is None:
            continue  # lines that tell no date; their files are replaced by object
        unit = _Unit(file.event_date)
        if apart is not None:
            held = tuple(file.only(column) for column in apart)
            unit = _Unit(file.event_date, None, held)
            if held == tuple(apart.values()):
                key, object_version = file.only("source_object"), file.only("object_version")
                if key is None or object_version is None:
                    continue
                unit = _Unit(file.event_date, key, (object_version,))
        units[unit].append(file)
    return units


def _bins(files: Sequence[TableFile]) -> Iterator[list[TableFile]]:
    """Small files that become one file: as many as make a large one, in the order of their rows."""
    small = sorted((file for file in files if file.byte_count < SMALL_BYTES), key=_first_row)
    bin_: list[TableFile] = []
    for file in small:
        if sum(one.byte_count for one in bin_) + file.byte_count > LARGE_BYTES:
            yield bin_
            bin_ = []
        bin_.append(file)
    if len(bin_) > 1:
        yield bin_


def _leave_no_gap(files: Sequence[TableFile]) -> bool:
    """Whether files hold rows of successive hours.

    An object counts for every hour between the first and the last row of a file: together, files
    with a gap between them would count for more hours, and make these stale.
    """
    hours = {hour for file in files for hour in file.hours}
    return not hours or len(hours) == max(hours) - min(hours) + 1


def _first_row(file: TableFile) -> tuple[str, str]:
    has_time = any(name.name == "event_time" for name in file.schema.fields)
    first = file.bounds("event_time")[0] if has_time else None
    return (first.isoformat() if first else "", file.path)
