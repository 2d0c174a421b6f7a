"""The backlog: what of all tables no longer matches its input, though something should have run.

Belongs here: looking at every table, and choosing what is overdue. Not here: asking for runs.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ecom_platform.contracts.oltp import CURRENT_OLTP
from ecom_platform.errors import InputsBehind
from ecom_platform.lake.slices import combine, digest, is_open
from ecom_platform.pipeline.inputs import DATED_TABLES, MULTIDAY, inputs_of
from ecom_platform.pipeline.shop.fold import find_stale_tables
from ecom_platform.pipeline.staleness import DAILY_TABLES, stale_dates
from ecom_platform.pipeline.whole_tables import WHOLE_STEPS

if TYPE_CHECKING:
    from ecom_platform.lake.lake import Lake

# Schedules, sensors and automation come first; what is still stale after this time, they missed.
OVERDUE_AFTER = dt.timedelta(minutes=10)
# What was asked for and is still stale, from the same input, was refused or its run failed.
# Asked for at every tick it would fail at every tick.
ASK_AGAIN_AFTER = dt.timedelta(hours=6)
# What is remembered of one tick is bounded; the rest is looked at when these are done.
MOST_REMEMBERED = 2_000


@dataclass(frozen=True)
class StaleSlice:
    """A date of a table that no longer matches its input, or a table without dates as a whole.

    Attributes:
        table: the table.
        event_date: the date; None for a table without dates.
        fingerprint: what it should be built from: when the input changes, so does this.
    """

    table: str
    event_date: dt.date | None
    fingerprint: str

    @property
    def token(self) -> str:
        """Identifies the slice and the input that it should be built from."""
        return digest([self.table, str(self.event_date), self.fingerprint])


def find_backlog(lake: Lake, now: dt.datetime) -> list[StaleSlice]:
    """What is stale and has inputs that are not.

    Dates of which the input is stale itself are left out: they follow when it has been rebuilt.
    So are, in tables that are built daily, dates that are still open: these are the night's.

    Args:
        lake: the lake; a table that does not exist in it is not created by looking.
        now: decides which dates are open.
    """
    exists = lake.existing_tables()
    if not exists:
        return []
    backlog: list[StaleSlice] = []
    # The dates that are stale in a table, or in what it is made of, however far before.
    unready: dict[str, frozenset[dt.date]] = defaultdict(frozenset)
    for table in DATED_TABLES:
        inputs = inputs_of(table)
        if inputs[0].table in exists:
            stale = stale_dates(lake, table, None, now)
            waiting = {date + each.distance for each in inputs for date in unready[each.table]}
            if unready[MULTIDAY] and MULTIDAY in (each.table for each in inputs):
                waiting.update(stale)  # sessions of one date may have begun on any other
            unready[table] = frozenset(waiting.union(stale))
            backlog += [
                StaleSlice(table, date, combine(slice_.target))
                for date, slice_ in stale.items()
                if date not in waiting and not (table in DAILY_TABLES and is_open(date, now))
            ]
    return [*_stale_tables_of_the_shop(lake), *backlog, *_stale_dimensions(lake, now)]


def _stale_tables_of_the_shop(lake: Lake) -> list[StaleSlice]:
    return [
        StaleSlice(CURRENT_OLTP[table].name, None, combine(slice_.target))
        for table, slice_ in find_stale_tables(lake).items()
    ]


def _stale_dimensions(lake: Lake, now: dt.datetime) -> list[StaleSlice]:
    stale = []
    for name, dimension in WHOLE_STEPS.items():
        try:
            slice_ = dimension.find_stale(lake, now)
        except InputsBehind:
            continue  # its partials are in the backlog themselves
        if slice_:
            stale.append(StaleSlice(name, None, combine(slice_.target)))
    return stale


class Memory:
    """What earlier ticks have seen, and what they asked for: the cursor of whoever looks."""

    def __init__(self, cursor: str | None) -> None:
        """Recall.

        Args:
            cursor: what the last tick left; None before the first.
        """
        self._seen: dict[str, list[float]] = json.loads(cursor) if cursor else {}

    def overdue(
        self,
        backlog: Iterable[StaleSlice],
        covered: Collection[StaleSlice],
        now: dt.datetime,
    ) -> list[StaleSlice]:
        """What was stale some time ago already, and should be asked for now.

        Args:
            backlog: what is stale now.
            covered: what runs in progress or queued will rebuild.
            now: the time of the tick.
        """
        moment = now.timestamp()
        remembered: dict[str, list[float]] = {}
        overdue = []
        for one in list(backlog)[:MOST_REMEMBERED]:
            first_seen, asked = self._seen.get(one.token, [moment, 0.0])
            remembered[one.token] = [first_seen, asked]
            waited = moment - first_seen >= OVERDUE_AFTER.total_seconds()
            may_ask = moment - asked >= ASK_AGAIN_AFTER.total_seconds()
            if waited and may_ask and one not in covered:
                overdue.append(one)
        self._seen = remembered
        return overdue

    def ask(self, slices: Iterable[StaleSlice], now: dt.datetime) -> None:
        """Remember that some slices were asked for."""
        for one in slices:
            self._seen[one.token][1] = now.timestamp()

    @property
    def cursor(self) -> str:
        """What the next tick must know."""
        return json.dumps(self._seen)
