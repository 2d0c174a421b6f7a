"""Rollback: dates of a table put back to what they were, and held there until released.

Belongs here: carrying out a plan, ending holds. Not here: the plan (rollback_plan.py), asking,
what is recorded of it (rollback_records.py).
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyiceberg.expressions import AlwaysTrue, And, BooleanExpression, In

from ecom_platform.contracts.clean import CLEAN_EVENTS
from ecom_platform.errors import CannotRollBack, PublishConflict
from ecom_platform.lake.changes import OPERATION, ROLL_BACK
from ecom_platform.lake.holds import Hold
from ecom_platform.pipeline.publishing import describe_snapshot, label_of
from ecom_platform.pipeline.rejected_beside import OF_CLEAN, RejectedBeside, find_rejected_beside
from ecom_platform.pipeline.rollback_plan import DateChange, RollbackPlan, differ
from ecom_platform.pipeline.rollback_records import RollbackRecords

if TYPE_CHECKING:
    from ecom_platform.lake.lake import Lake
    from ecom_platform.lake.table import Snapshot, TableVersion


def roll_back(lake: Lake, plan: RollbackPlan, user: str, reason: str) -> Snapshot:
    """Put the dates of a plan back, in one snapshot, and hold them.

    They are held before anything changes: a run that is about to publish one of them finds the
    hold, or one of the two commits finds the other. Then they are marked as built from nothing
    known, until it is recorded what they hold: killed at any point, a rollback leaves dates that
    are held and that whatever is built from them follows; it can be repeated, or released.

    A date that comes back to the files that it had before it was first put back is held no more:
    then nothing is left of the rollback.

    Raises:
        PublishConflict: a run published one of the dates since the plan was made.
        CannotRollBack: a file of that version is not there any more.
    """
    name = plan.version.contract.name
    beside = find_rejected_beside(lake, plan) if name == CLEAN_EVENTS.name else None
    _require_files(lake, [*plan.changes, *([beside.change] if beside else [])], plan)
    run_id = f"rollback-{uuid.uuid4().hex[:8]}"
    holds = _Holds.of(lake, plan, user, reason)
    lake.holds.record(holds.begun)
    records = RollbackRecords(lake, plan, run_id)
    records.mark()
    properties = {
        OPERATION: ROLL_BACK,
        "ecom.rollback_to": str(plan.snapshot.snapshot_id),
        "ecom.user": user,
        "ecom.reason": reason,
    }
    try:
        if beside:
            _put_rejected_back(lake, plan, beside, properties, run_id)
        snapshot = _commit(plan.version, plan.changes, _rows_of(plan), properties, run_id)
    except PublishConflict:
        # Rejected events may be back already: the run that won is to publish both tables again.
        records.mark()
        holds.withdraw(lake)
        raise
    records.settle(snapshot, at_their_origin=[hold.event_date for hold in holds.ended])
    lake.holds.release(holds.ended)
    return snapshot


def release(lake: Lake, table_name: str, dates: Collection[dt.date] | None) -> list[Hold]:
    """End holds of a table: the next run rebuilds these dates.

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


@dataclass(frozen=True)
class _Holds:
    """The holds that a rollback begins, ends and takes the place of."""

    begun: Sequence[Hold]
    ended: Sequence[Hold]
    earlier: Sequence[Hold]

    @classmethod
    def of(cls, lake: Lake, plan: RollbackPlan, user: str, reason: str) -> _Holds:
        name, now = plan.version.contract.name, dt.datetime.now(tz=dt.UTC)
        replaced = plan.version.iceberg.current_snapshot()
        assert replaced is not None  # the plan was made from it
        held = lake.holds.of(name)
        begun, ended = [], []
        for change in plan.changes:
            earlier = held.get(change.event_date)
            origin = earlier.replaced_snapshot_id if earlier else replaced.snapshot_id
            if earlier and _is_at(plan, change, origin):
                ended.append(earlier)
                continue
            target = plan.snapshot.snapshot_id
            begun.append(Hold(name, change.event_date, target, origin, reason, user, now))
        again = {hold.event_date for hold in begun}
        return cls(begun, ended, [hold for date, hold in held.items() if date in again])

    def withdraw(self, lake: Lake) -> None:
        """Hold what was held before, and nothing else."""
        lake.holds.release(self.begun)
        lake.holds.record(self.earlier)


def _is_at(plan: RollbackPlan, change: DateChange, snapshot_id: int) -> bool:
    """Whether a date will lie in the files that it had in a version."""
    if plan.version.iceberg.snapshot_by_id(snapshot_id) is None:
        return False
    dates = [change.event_date] if change.event_date else None
    return not differ(change.then, plan.version.files(dates, snapshot_id=snapshot_id))


def _require_files(lake: Lake, changes: Sequence[DateChange], plan: RollbackPlan) -> None:
    lost = [f.path for c in changes for f in c.then if not lake.storage.exists(f.path)]
    if lost:
        raise CannotRollBack(
            f"{plan.version.contract.name} cannot be put back to {plan.snapshot.snapshot_id}: "
            f"{len(lost)} of its files are not there, the first is {lost[0]}"
        )


def _commit(
    version: TableVersion,
    changes: Sequence[DateChange],
    rows: BooleanExpression,
    properties: dict[str, str],
    run_id: str,
) -> Snapshot:
    kept = {f.location for c in changes for f in c.now} & {
        f.location for c in changes for f in c.then
    }
    return version.commit(
        remove=[f for c in changes for f in c.now if f.location not in kept],
        add=[],
        restore=[f for c in changes for f in c.then if f.location not in kept],
        replaces=rows,
        properties={
            **describe_snapshot(version.contract.name, _label(changes), run_id),
            **properties,
        },
    )


def _put_rejected_back(
    lake: Lake,
    plan: RollbackPlan,
    beside: RejectedBeside,
    properties: dict[str, str],
    run_id: str,
) -> None:
    """Put the events that clean_events rejected on these dates back too: one step wrote both.

    They become visible first, as when they are built.
    """
    if differ(beside.change.now, beside.change.then):
        rows = And(_rows_of(plan), OF_CLEAN)
        snapshot = _commit(beside.version, [beside.change], rows, properties, run_id)
        lake.publications.record(beside.publications(snapshot), run_id)


def _rows_of(plan: RollbackPlan) -> BooleanExpression:
    dates = [change.event_date.isoformat() for change in plan.changes if change.event_date]
    return In("event_date", dates) if plan.version.contract.partition_by else AlwaysTrue()


def _label(changes: Sequence[DateChange]) -> str:
    dates = [change.event_date for change in changes if change.event_date]
    if not dates:
        return "the whole table"
    return label_of(dates) + f" ({len(dates)} dates)" * (len(dates) > 1)
