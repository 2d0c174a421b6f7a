"""The steps of the partials: a stale date of one of them, rebuilt and published.

Belongs here: what each is built from and which counts must agree. Not here: row logic.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from ecom_platform.contracts.model import (
    PRODUCT_BUYER_DAYS,
    PRODUCT_DAYS,
    PRODUCT_VERSION_DAYS,
    SESSION_DAYS,
    USER_TASTE_DAYS,
)
from ecom_platform.contracts.model.counts import EVENT_COUNT_COLUMNS
from ecom_platform.lake.audit import NO_HOUR, Equation, Finding, judge_equation
from ecom_platform.pipeline.dated_tables import BuiltDate, DatedTable
from ecom_platform.pipeline.inputs import INPUT_OF
from ecom_platform.pipeline.scratch import Scratch
from ecom_platform.pipeline.slice_build import SliceBuild, Source
from ecom_platform.pipeline.stored import StoredTables
from ecom_platform.transforms.model.partials import (
    build_product_buyer_days,
    build_product_days,
    build_session_days,
    build_user_taste_days,
)
from ecom_platform.transforms.model.versions import build_product_version_days

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from ecom_platform.settings import Settings

EVERY_ROW = "COUNT(*)"
EVENTS = f"SUM({' + '.join(EVENT_COUNT_COLUMNS)})"


@dataclass(frozen=True)
class Partial(DatedTable):
    """How a partial is built, and what is counted on both sides of its equation.

    Attributes:
        build: makes its rows from those of its source, which inputs.INPUT_OF names.
        of_source: SQL that counts in the source.
        of_rows: SQL that counts the same in the rows that were built.
        keeps: whether `build` takes a `keep`, for rows that several of its branches read.
    """

    build: Callable[..., DataFrame]
    of_source: str
    of_rows: str
    keeps: bool = False

    @property
    def source_name(self) -> str:
        """The table that it is built from."""
        return INPUT_OF[self.contract.name]

    def _build(self, build: SliceBuild, stored: StoredTables) -> BuiltDate:
        name, source, date = self.contract.name, self.source_name, build.slice_.event_date
        rows = Source(stored.rows(source, date), stored.row_count(source, date))
        with Scratch(stored.work, name) as scratch:
            made = (
                self.build(rows.rows, scratch.keep)
                if self.keeps
                else self.make(rows.rows, stored.work.lake.settings)
            )
            staged = build.stage(made, rows)

        def reconcile(built: DataFrame) -> list[Finding]:
            every_row = self.of_source == EVERY_ROW
            total = rows.row_count if every_row else count(rows.rows, self.of_source)
            return [judge_equation(Equation(source, total, {name: self.count(built)}))]

        counts, findings = build.audit(staged, judge=reconcile)
        counts.setdefault(NO_HOUR, {"row_count": 0})["rows_in"] = rows.row_count
        rebuilt = build.rebuilt(counts, staged, findings)
        return BuiltDate(build.slice_, staged, counts, rebuilt)

    def make(self, source: DataFrame, settings: Settings) -> DataFrame:  # noqa: ARG002
        """The rows of a date from those of its source; settings matter to few tables."""
        return self.build(source)

    def count(self, rows: DataFrame) -> int:
        """What its rows stand for, in the unit of its equation."""
        return count(rows, self.of_rows)


PARTIAL_STEPS = {
    partial.contract.name: partial
    for partial in (
        Partial(SESSION_DAYS, build_session_days, EVERY_ROW, EVENTS),
        Partial(USER_TASTE_DAYS, build_user_taste_days, EVERY_ROW, "SUM(event_count)"),
        Partial(PRODUCT_DAYS, build_product_days, EVERY_ROW, EVENTS),
        Partial(
            PRODUCT_BUYER_DAYS,
            build_product_buyer_days,
            "SUM(CASE WHEN event_type = 'purchase' THEN 1 ELSE 0 END)",
            "SUM(purchase_count)",
        ),
        Partial(
            PRODUCT_VERSION_DAYS,
            build_product_version_days,
            "COUNT(DISTINCT product_id)",
            "COUNT(DISTINCT product_id)",
            keeps=True,
        ),
    )
}


def count(rows: DataFrame, sql: str) -> int:
    """One number counted over rows; over none it is 0."""
    return int(rows.agg(F.expr(sql).alias("counted")).collect()[0]["counted"] or 0)
