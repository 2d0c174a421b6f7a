"""Rollback plans: what would change if a table went back to one of its versions.

Belongs here: finding the version and comparing it. Not here: carrying a plan out (rollback.py).
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ecom_platform.contracts.clean import CLEAN_EVENTS
from ecom_platform.contracts.model import FACT_USER_EVENTS
from ecom_platform.contracts.raw import RAW_EVENTS, REJECTED_EVENTS
from ecom_platform.errors import CannotRollBack
from ecom_platform.lake.expiry import in_order
from ecom_platform.pipeline.history import contract_of, existing, version_at
from ecom_platform.pipeline.inputs import DATED_TABLES, built_from, sources_of
from ecom_platform.pipeline.whole_tables import WHOLE_STEPS

if TYPE_CHECKING:
    from pyiceberg.table.snapshots import Snapshot

    from ecom_platform.lake.lake import Lake
    from ecom_platform.lake.publications import PublishedDate
    from ecom_platform.lake.table import TableFile, TableVersion


# Whatever is built from these counts what they hold, and nothing else.
_EVENTS = (CLEAN_EVENTS.name, FACT_USER_EVENTS.name)
_NAMED_TABLES = 3


@dataclass(frozen=True)
class DateChange:
    """What a rollback changes of one date; None for a table without dates.

    Attributes:
        event_date: the date.
        now, then: its files, as they are and as they will be.
    """

    event_date: dt.date | None
    now: Sequence[TableFile]
    then: Sequence[TableFile]

    @property
    def rows_now(self) -> int:
        """Rows that readers see."""
        return sum(file.row_count for file in self.now)

    @property
    def rows_then(self) -> int:
        """Rows that readers will see."""
        return sum(file.row_count for file in self.then)


@dataclass(frozen=True)
class RollbackPlan:
    """What a rollback will do.

    Attributes:
        version: the table as it is.
        snapshot: what it goes back to.
        changes: the dates that differ, in order.
    """

    version: TableVersion
    snapshot: Snapshot
    changes: Sequence[DateChange]


def plan_rollback(
    lake: Lake, table_name: str, to: int | dt.datetime, dates: Collection[dt.date] | None = None
) -> RollbackPlan:
    """Look what would change if a table went back to one of its versions.

    Args:
        lake: the lake.
        table_name: the table.
        to: a snapshot, or the one that was current at a time.
        dates: only these; None for all dates that differ.

    Raises:
        CannotRollBack: the table may not be put back, or that version is not there any more.
    """
    _require_that_it_may(table_name, dates)
    version = existing(lake, table_name)
    snapshot = _find(version, to)
    chosen = None if dates is None else frozenset(dates)
    now, then = _by_date(version, None, chosen), _by_date(version, snapshot.snapshot_id, chosen)
    states_now = lake.publications.published(table_name)
    states_then = lake.publications.published_as_of(table_name, snapshot.sequence_number or 0)
    changes = [
        DateChange(date, now.get(date, []), then.get(date, []))
        for date in sorted(now.keys() | then.keys(), key=lambda date: date or dt.date.min)
        if differ(now.get(date, []), then.get(date, []))
        and not _were_only_compacted(date, now, then, states_now, states_then)
    ]
    return RollbackPlan(version, snapshot, changes)


def differ(now: Iterable[TableFile], then: Iterable[TableFile]) -> bool:
    """Whether two versions of a date lie in different files."""
    return {file.location for file in now} != {file.location for file in then}


def _require_that_it_may(table_name: str, dates: Collection[dt.date] | None) -> None:
    contract = contract_of(table_name)
    why = ""
    if contract.layer == "ledger":
        why = (
            "it records what the platform did, and must say what is true now; "
            "put back the table that it speaks of"
        )
    elif contract.name == RAW_EVENTS.name:
        why = (
            "it holds what lies in landing: deliver the object again as it should be, "
            "and its rows are replaced; or put clean_events back"
        )
    elif contract.name == REJECTED_EVENTS.name:
        why = "it is written together with clean_events, and goes back with it"
    elif contract.name not in DATED_TABLES and contract.name not in WHOLE_STEPS:
        why = (
            "it is made of all that was delivered, and no run asks what of it is held; put back "
            "what is built from it"
        )
    elif contract.name not in _EVENTS and (followers := _built_from(contract.name)):
        sources = [name for name in sources_of(contract.name) if name != RAW_EVENTS.name]
        more = f" and {len(followers) - _NAMED_TABLES} more tables"
        named = ", ".join(followers[:_NAMED_TABLES]) + more * (len(followers) > _NAMED_TABLES)
        why = f"{named} must count every row that it is built from; put back " + (
            f"{' or '.join(sources)}, and it follows" if sources else "what is counted from it"
        )
    elif dates is not None and contract.partition_by is None:
        why = "it has no dates; leave --date out to put it back as a whole"
    if why:
        raise CannotRollBack(f"{contract.name} cannot be put back: {why}")


def _built_from(table_name: str) -> list[str]:
    whole = [name for name, step in WHOLE_STEPS.items() if table_name in step.partials]
    return [*built_from(table_name), *whole]


def _find(version: TableVersion, to: int | dt.datetime) -> Snapshot:
    table, name = version.iceberg, version.contract.name
    if isinstance(to, int):
        found = table.snapshot_by_id(to)
        wanted = f"version {to}"
    else:
        found = version_at(version, to)
        wanted = f"version as of {to.isoformat()}"
    if found is None:
        oldest = in_order(table.snapshots())[0]
        since = dt.datetime.fromtimestamp(oldest.timestamp_ms / 1000, tz=dt.UTC)
        raise CannotRollBack(
            f"{name} has no {wanted}: it was forgotten, or never was. Its history begins at "
            f"{since.isoformat(timespec='seconds')}; `ecom history {name}` lists it"
        )
    return found


def _by_date(
    version: TableVersion, snapshot_id: int | None, dates: frozenset[dt.date] | None
) -> dict[dt.date | None, list[TableFile]]:
    by_date: dict[dt.date | None, list[TableFile]] = defaultdict(list)
    has_dates = version.contract.partition_by is not None
    for file in version.files(snapshot_id=snapshot_id):
        if dates is None or file.event_date in dates:
            by_date[file.event_date if has_dates else None].append(file)
    return by_date


def _were_only_compacted(
    date: dt.date | None,
    now: Mapping[dt.date | None, Sequence[TableFile]],
    then: Mapping[dt.date | None, Sequence[TableFile]],
    states_now: Mapping[dt.date, PublishedDate],
    states_then: Mapping[dt.date, PublishedDate],
) -> bool:
    """Whether a date holds the same rows in other files: built by the same run from the same."""
    if date is None or date not in now or date not in then:
        return False
    one, other = states_now.get(date), states_then.get(date)
    if one is None or other is None:
        return False
    same_files = _rows(now[date]) == _rows(then[date]) == one.row_count == other.row_count
    return same_files and (one.fingerprints, one.run_id) == (other.fingerprints, other.run_id)


def _rows(files: Iterable[TableFile]) -> int:
    return sum(file.row_count for file in files)
