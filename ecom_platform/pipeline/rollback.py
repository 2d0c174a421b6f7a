"""Rollback: dates of a table put back to what they were, and held there until released.

Belongs here: carrying out a plan, ending holds. Not here: the plan (rollback_plan.py), asking.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from pyiceberg.expressions import AlwaysTrue, And, BooleanExpression, EqualTo, In

from ecom_platform.contracts.clean import CLEAN_EVENTS
from ecom_platform.contracts.raw import REJECTED_EVENTS
from ecom_platform.errors import CannotRollBack
from ecom_platform.lake.changes import OPERATION, ROLL_BACK
from ecom_platform.lake.holds import Hold
from ecom_platform.lake.publications import Publication
from ecom_platform.lake.slices import digest
from ecom_platform.pipeline.rollback_plan import DateChange, RollbackPlan, differ

if TYPE_CHECKING:
    from ecom_platform.lake.lake import Lake
    from ecom_platform.lake.table import Snapshot, TableVersion

_OF_CLEAN = EqualTo("layer", "clean")


def roll_back(lake: Lake, plan: RollbackPlan, user: str, reason: str) -> Snapshot:
    """Put the dates of a plan back, in one snapshot, and hold them.

    What they were built from is recorded as it was then, so that whatever is built from them
    becomes stale and follows. A date that comes back to what it was before it was first put
    back is held no more: then nothing is left of the rollback.

    Raises:
        PublishConflict: a run published one of the dates since the plan was made.
        CannotRollBack: a file of that version is not there any more.
    """
    _require_files(lake, plan)
    run_id = f"rollback-{uuid.uuid4().hex[:8]}"
    replaced = plan.version.iceberg.current_snapshot()
    assert replaced is not None  # the plan was made from it
    properties = {
        "ecom.run_id": run_id,
        "ecom.table": plan.version.contract.name,
        "ecom.slice": _label(plan.changes),
        OPERATION: ROLL_BACK,
        "ecom.rollback_to": str(plan.snapshot.snapshot_id),
        "ecom.user": user,
        "ecom.reason": reason,
    }
    if plan.version.contract.name == CLEAN_EVENTS.name:
        _put_rejected_back(lake, plan, properties)
    snapshot = _commit(plan.version, plan.changes, properties, _rows_of(plan))
    _record(lake, plan, snapshot, run_id)
    _hold(lake, plan, replaced.snapshot_id, user, reason)
    return snapshot


def release(lake: Lake, table_name: str, dates: Collection[dt.date] | None) -> list[Hold]:
    """End holds of a table: the next run rebuilds what is stale.

    Args:
        lake: the lake.
        table_name: the table.
        dates: which; None for all, and for a table without dates.

    Raises:
        CannotRollBack: nothing of it is held.
    """
    held = lake.holds.of(table_name)
    ended = [hold for date, hold in held.items() if dates is None or date in dates]
    if not ended:
        raise CannotRollBack(
            f"nothing of {table_name} is held{' on these dates' if held else ''}; "
            "`ecom status` lists what is"
        )
    lake.holds.release(ended)
    return sorted(ended, key=lambda hold: hold.event_date or dt.date.min)


def _require_files(lake: Lake, plan: RollbackPlan) -> None:
    lost = [f.path for c in plan.changes for f in c.then if not lake.storage.exists(f.path)]
    if lost:
        raise CannotRollBack(
            f"{plan.version.contract.name} cannot be put back to {plan.snapshot.snapshot_id}: "
            f"{len(lost)} of its files are not there, the first is {lost[0]}"
        )


def _commit(
    version: TableVersion,
    changes: Sequence[DateChange],
    properties: dict[str, str],
    rows: BooleanExpression,
) -> Snapshot:
    kept = {f.location for c in changes for f in c.now} & {
        f.location for c in changes for f in c.then
    }
    return version.commit(
        remove=[f for c in changes for f in c.now if f.location not in kept],
        add=[],
        restore=[f for c in changes for f in c.then if f.location not in kept],
        replaces=rows,
        properties=properties,
    )


def _put_rejected_back(lake: Lake, plan: RollbackPlan, properties: dict[str, str]) -> None:
    """Put the events that clean_events rejected on these dates back too: one step wrote both.

    They become visible first, as when they are built: a crash between the two commits leaves
    dates of which the counts differ, until the rollback is done again.
    """
    version = lake.existing_tables().get(REJECTED_EVENTS.name)
    if version is None:
        return
    snapshot = version.iceberg.snapshot_as_of_timestamp(plan.snapshot.timestamp_ms)
    dates = [change.event_date for change in plan.changes if change.event_date]
    now = [f for f in version.files(dates, _OF_CLEAN) if f.only("layer") == "clean"]
    then = version.files(dates, _OF_CLEAN, snapshot.snapshot_id) if snapshot else []
    change = DateChange(None, now, [f for f in then if f.only("layer") == "clean"])
    if differ(change.now, change.then):
        named = {**properties, "ecom.table": REJECTED_EVENTS.name}
        committed = _commit(version, [change], named, And(_rows_of(plan), _OF_CLEAN))
        records = []
        for date in dates:
            files = [file for file in change.then if file.event_date == date]
            records.append(
                Publication(
                    table_name=REJECTED_EVENTS.name,
                    event_date=date,
                    hour=None,
                    fingerprints={},
                    row_count=sum(file.row_count for file in files),
                    byte_count=sum(file.byte_count for file in files),
                    measures={},
                    snapshot=committed,
                )
            )
        lake.publications.record(records, properties["ecom.run_id"])


def _rows_of(plan: RollbackPlan) -> BooleanExpression:
    dates = [change.event_date.isoformat() for change in plan.changes if change.event_date]
    return In("event_date", dates) if plan.version.contract.partition_by else AlwaysTrue()


def _record(lake: Lake, plan: RollbackPlan, snapshot: Snapshot, run_id: str) -> None:
    name = plan.version.contract.name
    states = lake.publications.published_as_of(name, plan.snapshot.sequence_number or 0)
    if not plan.version.contract.partition_by:
        states = {state.event_date: state for state in states.values()}
    publications = []
    for change in plan.changes:
        date = change.event_date or next(iter(states), None)
        if date is None:
            continue  # a table that keeps no such records
        state = states.get(date)
        known = state is not None and state.row_count == change.rows_then
        publications.append(
            Publication(
                table_name=name,
                event_date=date,
                hour=None,
                fingerprints=state.fingerprints if state and known else _unknown(plan, change),
                row_count=change.rows_then,
                byte_count=sum(file.byte_count for file in change.then),
                measures=state.measures if state and known else {},
                snapshot=snapshot,
            )
        )
    lake.publications.record(publications, run_id)


def _unknown(plan: RollbackPlan, change: DateChange) -> dict[int, str]:
    """Fingerprints of rows of which it is not recorded what they were built from.

    No other rows have these, so that what is built from them follows.
    """
    has_time = "event_time" in plan.version.contract.column_names
    hours = {hour for file in change.then for hour in file.hours} if has_time else {0}
    of_version = plan.version.contract.name, str(plan.snapshot.snapshot_id)
    return {hour: digest([*of_version, str(change.event_date), str(hour)]) for hour in hours}


def _hold(
    lake: Lake, plan: RollbackPlan, replaced_snapshot_id: int, user: str, reason: str
) -> None:
    name = plan.version.contract.name
    held = lake.holds.of(name)
    begun: list[Hold] = []
    ended: list[Hold] = []
    for change in plan.changes:
        earlier = held.get(change.event_date)
        origin = earlier.replaced_snapshot_id if earlier else replaced_snapshot_id
        if earlier and _is_the_origin(plan, change, origin):
            ended.append(earlier)
            continue
        now = dt.datetime.now(tz=dt.UTC)
        begun.append(
            Hold(name, change.event_date, plan.snapshot.snapshot_id, origin, reason, user, now)
        )
    lake.holds.record(begun)
    lake.holds.release(ended)


def _is_the_origin(plan: RollbackPlan, change: DateChange, origin: int) -> bool:
    if plan.version.iceberg.snapshot_by_id(origin) is None:
        return False
    dates = [change.event_date] if change.event_date else None
    return not differ(change.then, plan.version.files(dates, snapshot_id=origin))


def _label(changes: Sequence[DateChange]) -> str:
    dates = [change.event_date.isoformat() for change in changes if change.event_date]
    if not dates:
        return "the whole table"
    return dates[0] if len(dates) == 1 else f"{dates[0]}..{dates[-1]} ({len(dates)} dates)"
