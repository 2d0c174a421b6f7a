"""The rejected events of clean_events: its step writes both, so both go back together.

Belongs here: finding the rejected events of a version of clean_events. Not here: committing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyiceberg.expressions import EqualTo

from ecom_platform.contracts.clean import CLEAN_EVENTS
from ecom_platform.contracts.raw import REJECTED_EVENTS
from ecom_platform.errors import CannotRollBack
from ecom_platform.lake.publications import Publication
from ecom_platform.pipeline.history import version_beside
from ecom_platform.pipeline.rollback_plan import DateChange

if TYPE_CHECKING:
    from ecom_platform.lake.lake import Lake
    from ecom_platform.lake.publications import PublishedDate
    from ecom_platform.lake.table import Snapshot, TableFile, TableVersion
    from ecom_platform.pipeline.rollback_plan import RollbackPlan

OF_CLEAN = EqualTo("layer", "clean")


@dataclass(frozen=True)
class RejectedBeside:
    """What goes back of rejected_events together with dates of clean_events.

    Attributes:
        version: rejected_events as it is.
        dates: the dates.
        change: the files of all of them, as they are and as they will be.
        states: what was recorded of the dates then.
    """

    version: TableVersion
    dates: Sequence[dt.date]
    change: DateChange
    states: dict[dt.date, PublishedDate]

    def publications(self, snapshot: Snapshot) -> list[Publication]:
        """The records of the dates, once they are back."""
        records = []
        for date in self.dates:
            files = [file for file in self.change.then if file.event_date == date]
            rows, state = sum(file.row_count for file in files), self.states.get(date)
            records.append(
                Publication(
                    table_name=REJECTED_EVENTS.name,
                    event_date=date,
                    hour=None,
                    fingerprints={},
                    row_count=rows,
                    byte_count=sum(file.byte_count for file in files),
                    measures=state.measures if state and state.row_count == rows else {},
                    snapshot=snapshot,
                )
            )
        return records


def find_rejected_beside(lake: Lake, plan: RollbackPlan) -> RejectedBeside | None:
    """The rejected events that go back with dates of clean_events; None if there are none.

    Raises:
        CannotRollBack: they are not those that clean_events was built with: that version of
            rejected_events is forgotten.
    """
    version = lake.existing_tables().get(REJECTED_EVENTS.name)
    if version is None:
        return None
    dates = [change.event_date for change in plan.changes if change.event_date]
    snapshot = version_beside(version, plan.snapshot)
    now = _files(version, dates, None)
    then = _files(version, dates, snapshot.snapshot_id) if snapshot else []
    _require_recorded_numbers(lake, plan, then)
    order = (snapshot.sequence_number or 0) if snapshot else 0
    states = lake.publications.published_as_of(REJECTED_EVENTS.name, order)
    return RejectedBeside(version, dates, DateChange(None, now, then), states)


def _files(
    version: TableVersion, dates: Sequence[dt.date], snapshot_id: int | None
) -> list[TableFile]:
    files = version.files(dates, OF_CLEAN, snapshot_id)
    return [file for file in files if file.only("layer") == "clean"]


def _require_recorded_numbers(lake: Lake, plan: RollbackPlan, then: Sequence[TableFile]) -> None:
    order = plan.snapshot.sequence_number or 0
    for date, state in lake.publications.published_as_of(CLEAN_EVENTS.name, order).items():
        if date not in {change.event_date for change in plan.changes}:
            continue
        found = sum(file.row_count for file in then if file.event_date == date)
        recorded = state.measures.get("rejected", found)
        if found != recorded:
            raise CannotRollBack(
                f"{CLEAN_EVENTS.name} {date} cannot be put back to {plan.snapshot.snapshot_id}: "
                f"its {recorded:,} rejected events are forgotten, the nearest version of "
                f"{REJECTED_EVENTS.name} has {found:,}"
            )
