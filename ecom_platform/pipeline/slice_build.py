"""Building one slice: what every table's step does between reading its input and committing.

Belongs here: reading, staging and auditing a slice. Not here: which table, which row logic.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyiceberg.expressions import And, GreaterThanOrEqual
from pyspark.sql import functions as F

from ecom_platform.errors import PublishConflict
from ecom_platform.lake.audit import (
    CountsByHour,
    Equation,
    Finding,
    enforce,
    judge_equation,
    judge_rows,
    judge_schema,
    measure,
    total,
)
from ecom_platform.lake.footers import proven_rules
from ecom_platform.pipeline.publishing import files_of, hold_only, until
from ecom_platform.pipeline.reading import read_files, read_paths

if TYPE_CHECKING:
    from pyiceberg.expressions import BooleanExpression
    from pyspark.sql import DataFrame, SparkSession

    from ecom_platform.lake.lake import Lake
    from ecom_platform.lake.slices import StaleDate
    from ecom_platform.lake.staging import StagedFiles
    from ecom_platform.lake.table import TableFile, TableVersion


Judge = Callable[["DataFrame"], list[Finding]]

# Rows that one task writes in about a second.
FEW_ROWS = 500_000


@dataclass(frozen=True)
class Workplace:
    """What a step works with: a lake, an engine, and the run on whose behalf it works."""

    lake: Lake
    open_spark: Callable[[], SparkSession]
    run_id: str

    @property
    def spark(self) -> SparkSession:
        """The engine's session; started only when there is something to compute."""
        return self.open_spark()


@dataclass(frozen=True)
class Rebuilt:
    """A slice that was rebuilt and published.

    Attributes:
        slice_: what was rebuilt.
        numbers: counts of this publication, by name.
        findings: the audit's verdicts.
        seconds: how long it took.
        how: of a table without dates, whether dates were added to it or all were counted; in words.
        dates_added: how many were added; 0 where all were counted.
    """

    slice_: StaleDate
    numbers: Mapping[str, int]
    findings: Sequence[Finding]
    seconds: float
    how: str = ""
    dates_added: int = 0


@dataclass(frozen=True)
class Source:
    """The published input rows of a slice, and their number."""

    rows: DataFrame
    row_count: int


class SliceBuild:
    """The building of one slice of one table.

    Make it before reading any input: the version of the table taken here is the one that the
    commit is checked against, so another run's newer publication is never undone.
    """

    def __init__(
        self,
        work: Workplace,
        table_name: str,
        slice_: StaleDate,
        version: TableVersion | None = None,
    ) -> None:
        """Begin to build.

        Args:
            work: lake, engine and run id.
            table_name: the table.
            slice_: the slice.
            version: the table, where several slices are committed together.
        """
        self._work = work
        self.slice_ = slice_
        self.version: TableVersion = version or work.lake.table(table_name)
        self._started = time.monotonic()

    def replaced(self, where: BooleanExpression | None = None) -> list[TableFile]:
        """The files that the slice consists of now.

        Raises:
            PublishConflict: the slice is some hours of a date that another run published as a
                whole since they were found stale: its files hold other hours too.
        """
        has_dates = self.version.contract.partition_by is not None
        dates = [self.slice_.event_date] if has_dates else None
        files = files_of(self.slice_, self.version.files(dates, where))
        if self.slice_.hours is not None and (
            not hold_only(self.slice_, files) or self._is_published_as_a_whole()
        ):
            raise PublishConflict(
                f"{self.version.contract.name}: while run {self._work.run_id} was about to publish "
                f"{self.slice_.label}, another run published the whole date; the former gave way, "
                "nothing is lost: run it again to publish what is still stale"
            )
        return files

    def _is_published_as_a_whole(self) -> bool:
        date = self.slice_.event_date
        published = self._work.lake.publications.published(self.version.contract.name, [date])
        return date in published and published[date].is_whole

    def _require_that_it_is_not_held(self) -> None:
        """Give way to a rollback: asked after the version was taken, so none is missed.

        One that begins later changes what this version is checked against.
        """
        contract = self.version.contract
        date = self.slice_.event_date if contract.partition_by else None
        if hold := self._work.lake.holds.of(contract.name).get(date):
            raise PublishConflict(
                f"{contract.name}: run {self._work.run_id} was about to publish "
                f"{self.slice_.label} when it was put back, and gave way: {hold.message}"
            )

    def read(self, table_name: str) -> Source:
        """The published rows of this slice in another table.

        Raises:
            FilesLost: a file of them is not there.
        """
        source = self._work.lake.table(table_name)
        files = files_of(self.slice_, source.files([self.slice_.event_date]))
        rows = read_files(self._work, source.contract, files)
        if hold_only(self.slice_, files):  # the manifests know the number
            return Source(rows, sum(file.row_count for file in files))
        rows = rows.where(F.hour("event_time").isin(list(self.slice_.hours or ())))
        return Source(rows, rows.count())

    def read_history(self, table_name: str, first: dt.date | None = None) -> Source:
        """The published rows of another table of all dates up to this slice's.

        Args:
            table_name: the table.
            first: leave out the dates before it.

        Raises:
            FilesLost: a file of them is not there.
        """
        source = self._work.lake.table(table_name)
        where = until(self.slice_.event_date)
        if first:
            where = And(GreaterThanOrEqual("event_date", first.isoformat()), where)
        files = source.files(where=where)
        rows = read_files(self._work, source.contract, files)
        return Source(rows, sum(file.row_count for file in files))

    def stage(self, rows: DataFrame, source: Source) -> StagedFiles:
        """Write rows where no reader sees them.

        Args:
            rows: what to write.
            source: what they are built from: few rows give one file.

        Raises:
            PublishConflict: the date was put back by hand since it was found stale.
        """
        self._require_that_it_is_not_held()
        stage = self._work.lake.stage(self.version.contract.name)
        few = source.row_count < FEW_ROWS
        return stage.write_rows(rows, by_hour=self.slice_.hours is not None, in_one_task=few)

    def read_staged(self, staged: StagedFiles) -> DataFrame:
        """The rows that were staged, read back from their files."""
        contract = self.version.contract
        date = self.slice_.event_date if contract.partition_by else None
        return read_paths(self._work, contract, dict.fromkeys(staged.paths, date))

    def audit(
        self, staged: StagedFiles, equation: Equation | None = None, judge: Judge | None = None
    ) -> tuple[CountsByHour, list[Finding]]:
        """Measure and judge staged rows.

        Args:
            staged: the rows.
            equation: counts that must agree.
            judge: gives further verdicts on the rows that are specific to the table.

        Returns:
            What was counted, by hour, and the findings, all passed.

        Raises:
            AuditFailed: a blocking check failed.
        """
        contract = self.version.contract
        where = staged.folder if staged.paths else "no file"
        schema = judge_schema(staged.schemas(), contract)
        # Rows of another shape cannot be measured: the engine would not find the columns.
        enforce([schema], contract.name, self.slice_.label, where)
        rows = self.read_staged(staged)
        proven = proven_rules([file.footer for file in staged.files], contract)
        counts = measure(rows, contract, proven)
        findings = [schema, *judge_rows(total(counts), contract)]
        findings += [judge_equation(equation)] if equation else []
        findings += judge(rows) if judge else []
        enforce(findings, contract.name, self.slice_.label, where)
        return counts, findings

    def rebuilt(
        self, counts: CountsByHour, staged: StagedFiles, findings: Sequence[Finding]
    ) -> Rebuilt:
        """Sum up what was done."""
        numbers = total(counts) | {"bytes": staged.byte_count}
        return Rebuilt(self.slice_, numbers, findings, time.monotonic() - self._started)
