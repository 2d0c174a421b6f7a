"""A mart by date: what its dates are built from, and what is counted on both sides.

Belongs here: reading inputs, holding back dates whose inputs are behind. Not here: any mart.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyiceberg.expressions import EqualTo
from pyspark.sql import functions as F

from ecom_platform.contracts.marts import MULTIDAY_SESSION_EVENTS
from ecom_platform.contracts.model import FACT_USER_EVENTS, SESSION_DAYS
from ecom_platform.errors import InputsBehind
from ecom_platform.lake.audit import NO_HOUR, Finding
from ecom_platform.pipeline.dated_tables import BuiltDate, DatedTable
from ecom_platform.pipeline.inputs import INPUTS_OF, MULTIDAY
from ecom_platform.pipeline.outcomes import Outcome, Refused
from ecom_platform.pipeline.reading import read_files
from ecom_platform.pipeline.scratch import Scratch
from ecom_platform.pipeline.slice_build import SliceBuild, Source, Workplace
from ecom_platform.pipeline.staleness import stale_dates
from ecom_platform.pipeline.stored import StoredTables
from ecom_platform.transforms.marts.carts import CART_COLUMNS, CART_EVENTS
from ecom_platform.transforms.marts.multiday import (
    begun_on_the_date,
    label_events,
    without_sessions,
)

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from ecom_platform.lake.slices import StaleDate
    from ecom_platform.transforms.keeping import Keep

# Late enough for a date to have ended, whenever it is asked whether its inputs are behind.
_AFTER = dt.timedelta(days=2)


class MartInputs:
    """What is published of a mart's inputs, seen from one date."""

    def __init__(self, stored: StoredTables, event_date: dt.date) -> None:
        self._stored = stored
        self.event_date = event_date

    def rows(self, table_name: str, days_before: int = 0) -> DataFrame:
        """The rows of the date in a table, or of an earlier one."""
        return self._of(days_before).rows(table_name, self._date(days_before))

    def row_count(self, table_name: str, days_before: int = 0) -> int:
        """Their number, from the manifests."""
        return self._of(days_before).row_count(table_name, self._date(days_before))

    def events(self, days_before: int = 0) -> DataFrame:
        """The events of the date, or of an earlier one, with `is_crawler_like`."""
        events = self.rows(FACT_USER_EVENTS.name, days_before)
        return label_events(events, self.rows(SESSION_DAYS.name, days_before))

    def cart_events(self) -> DataFrame:
        """What the sessions that began on the date did with carts, on whichever date."""
        is_wanted = F.col("event_type").isin(*CART_EVENTS)
        own = without_sessions(self.events().where(is_wanted), self.seen())
        begun = self.begun().where(is_wanted)
        return own.select(*CART_COLUMNS).unionByName(begun.select(*CART_COLUMNS))

    def seen(self) -> DataFrame:
        """What sessions that were seen on several dates did on this one."""
        return self.rows(MULTIDAY)

    def begun(self) -> DataFrame:
        """All that those of them did that began on this date, as if it were on this date."""
        began_here = EqualTo("session_start_date", self.event_date.isoformat())
        version = self._stored.work.lake.table(MULTIDAY)
        files = version.files(where=began_here)
        rows = read_files(self._stored.work, MULTIDAY_SESSION_EVENTS, files)
        return begun_on_the_date(rows.where(f"session_start_date = DATE '{self.event_date}'"))

    def _date(self, days_before: int) -> dt.date:
        return self.event_date - dt.timedelta(days=days_before)

    def _of(self, days_before: int) -> StoredTables:
        date = self._date(days_before)
        if date in self._stored.dates:
            return self._stored
        return StoredTables(self._stored.work, [date])


# Takes the name of the mart, its inputs and its rows.
Reconcile = Callable[[str, MartInputs, "DataFrame"], list[Finding]]


@dataclass(frozen=True)
class Mart(DatedTable):
    """How a mart is built, date by date.

    Attributes:
        build: makes the rows of a date from its inputs, which inputs.INPUTS_OF names.
        reconcile: holds rows of a date against what they are counted from.
    """

    build: Callable[[MartInputs, Keep], DataFrame]
    reconcile: Reconcile

    def judge(self, inputs: MartInputs, rows: DataFrame) -> list[Finding]:
        """Hold rows of a date against what they are counted from."""
        return self.reconcile(self.contract.name, inputs, rows)

    def _rebuild_together(self, work: Workplace, slices: Sequence[StaleDate]) -> Iterator[Outcome]:
        behind = self._behind(work, slices)
        yield from (Refused(s, behind[s.event_date]) for s in slices if s.event_date in behind)
        ready = [slice_ for slice_ in slices if slice_.event_date not in behind]
        yield from super()._rebuild_together(work, ready)

    def _behind(self, work: Workplace, slices: Sequence[StaleDate]) -> dict[dt.date, InputsBehind]:
        """The dates of which an input does not match what it is built from itself."""
        behind: dict[dt.date, InputsBehind] = {}
        for each in INPUTS_OF[self.contract.name]:
            dates = [slice_.event_date - each.distance for slice_ in slices]
            stale = stale_dates(work.lake, each.table, dates, _end_of(dates))
            for date in stale:
                concerned = [date + each.distance]
                if each.table == MULTIDAY:
                    # It is behind as a whole: sessions of one date may have begun on any other.
                    concerned = [slice_.event_date for slice_ in slices]
                reason = InputsBehind(
                    f"{self.contract.name} is not rebuilt: {each.table} does not match what it is "
                    f"built from on {date}. Materialize that date of {each.table} first"
                )
                behind |= dict.fromkeys(concerned, reason)
        return behind

    def _build(self, build: SliceBuild, stored: StoredTables) -> BuiltDate:
        inputs = MartInputs(stored, build.slice_.event_date)
        first = INPUTS_OF[self.contract.name][0].table
        row_count = inputs.row_count(first)
        with Scratch(stored.work, self.contract.name) as scratch:
            rows = self.build(inputs, scratch.keep)
            staged = build.stage(rows, Source(rows, 0))  # marts are small: one file a date
        counts, findings = build.audit(staged, judge=lambda rows: self.judge(inputs, rows))
        counts.setdefault(NO_HOUR, {"row_count": 0})["rows_in"] = row_count
        rebuilt = build.rebuilt(counts, staged, findings)
        return BuiltDate(build.slice_, staged, counts, rebuilt)


def _end_of(dates: Sequence[dt.date]) -> dt.datetime:
    return dt.datetime.combine(max(dates), dt.time(), tzinfo=dt.UTC) + _AFTER
