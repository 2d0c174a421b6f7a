"""Dated tables: rebuilding dates of a table that is daily, several of them in one snapshot.

Belongs here: what partials and marts do alike. Not here: what one of them is built from.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ecom_platform.errors import FilesLost, PublishConflict
from ecom_platform.lake.audit import AuditFailed, CountsByHour
from ecom_platform.pipeline.outcomes import Outcome, Refused
from ecom_platform.pipeline.publishing import (
    DATES_OF_A_SNAPSHOT,
    commit_dates,
    describe_publication,
)
from ecom_platform.pipeline.slice_build import Rebuilt, SliceBuild, Workplace
from ecom_platform.pipeline.stored import StoredTables

if TYPE_CHECKING:
    from ecom_platform.contracts.table import TableContract
    from ecom_platform.lake.slices import StaleDate
    from ecom_platform.lake.staging import StagedFiles
    from ecom_platform.lake.table import TableVersion


@dataclass(frozen=True)
class BuiltDate:
    """A date that passed the audit and waits for being published."""

    slice_: StaleDate
    staged: StagedFiles
    counts: CountsByHour
    rebuilt: Rebuilt


@dataclass(frozen=True)
class DatedTable(ABC):
    """A table that is built date by date, once the date has ended.

    Attributes:
        contract: the table.
    """

    contract: TableContract

    def rebuild_dates(self, work: Workplace, slices: Sequence[StaleDate]) -> Iterator[Outcome]:
        """Rebuild dates of the table, several of them in one snapshot.

        Yields:
            What became of each date, when those that are published with it are done.
        """
        for first in range(0, len(slices), DATES_OF_A_SNAPSHOT):
            yield from self._rebuild_together(work, slices[first : first + DATES_OF_A_SNAPSHOT])

    def rebuild(self, work: Workplace, slice_: StaleDate) -> Rebuilt:
        """Rebuild one date of the table.

        Raises:
            AuditFailed: a blocking rule refused the rows; the last good version stays visible.
            FilesLost: a file of what the date is built from is not there.
            PublishConflict: another run published the same date meanwhile.
        """
        (outcome,) = self.rebuild_dates(work, [slice_])
        if isinstance(outcome, Refused):
            raise outcome.reason
        return outcome

    def _rebuild_together(self, work: Workplace, slices: Sequence[StaleDate]) -> Iterator[Outcome]:
        # Taken before any input is read: the commit is checked against it.
        version = work.lake.table(self.contract.name)
        stored = StoredTables(work, [slice_.event_date for slice_ in slices])
        built = []
        for slice_ in slices:
            try:
                build = SliceBuild(work, self.contract.name, slice_, version)
                built.append(self._build(build, stored))
            except (AuditFailed, FilesLost, PublishConflict) as reason:
                yield Refused(slice_, reason)
        try:
            self._publish(work, version, built)
        except PublishConflict as reason:
            yield from (Refused(date.slice_, reason) for date in built)
        else:
            yield from (date.rebuilt for date in built)

    @abstractmethod
    def _build(self, build: SliceBuild, stored: StoredTables) -> BuiltDate:
        """Build, stage and audit one date.

        Raises:
            AuditFailed: a blocking rule refused the rows.
            FilesLost: a file of what it is built from is not there.
            PublishConflict: the date was put back by hand since it was found stale.
        """

    def _publish(self, work: Workplace, version: TableVersion, dates: Sequence[BuiltDate]) -> None:
        if not dates:
            return
        staged = {date.slice_.event_date: date.staged for date in dates}
        snapshot = commit_dates(version, staged, work.run_id)
        publications = [
            publication
            for date in dates
            for publication in describe_publication(
                self.contract.name, date.slice_, snapshot, date.staged, date.counts
            )
        ]
        work.lake.publications.record(publications, work.run_id)
