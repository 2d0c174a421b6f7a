"""The basis of a table without dates: its partials, what is published of them, its fingerprint.

Belongs here: what such a table is built from and held against. Not here: building it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ecom_platform.contracts.model import FACT_USER_EVENTS
from ecom_platform.errors import InputsBehind
from ecom_platform.lake.slices import digest
from ecom_platform.pipeline.inputs import sources_of
from ecom_platform.pipeline.publishing import until
from ecom_platform.pipeline.staleness import LOGIC_VERSIONS, stale_dates

if TYPE_CHECKING:
    from ecom_platform.lake.lake import Lake
    from ecom_platform.lake.publications import PublishedDate
    from ecom_platform.pipeline.slice_build import Source

# A table without dates has no hours; its fingerprint stands where those of hour 0 would, and that
# of the shop's tables where those of hour 1 would.
WHOLE, SHOP = 0, 1
_NAMED_DATES = 5


@dataclass(frozen=True)
class Basis:
    """What a table without dates is built from.

    Attributes:
        table: the table.
        states: what is published of its partials, by date.
    """

    table: str
    states: Mapping[str, Mapping[dt.date, PublishedDate]]

    @classmethod
    def of(cls, lake: Lake, table: str, partials: Sequence[str]) -> Basis:
        """The basis as it is published now."""
        return cls(table, {partial: lake.publications.published(partial) for partial in partials})

    def last_common_date(self) -> dt.date | None:
        """The last date up to which all partials have events to add up, or None if one has none.

        A date that lost all its events stays on record, built from nothing. It must not count: the
        same events would have another as-of date if it had never had any.
        """
        last = [
            max((date for date, state in dates.items() if state.fingerprints), default=None)
            for dates in self.states.values()
        ]
        known = [date for date in last if date]
        return min(known) if known and len(known) == len(last) else None

    def fingerprint(self, as_of: dt.date) -> str:
        """What the table has on record when it is built from all dates up to one."""
        return digest(
            [
                LOGIC_VERSIONS[self.table],
                *(
                    f"{partial} {date.isoformat()} {state.fingerprint}"
                    for partial, dates in sorted(self.states.items())
                    for date, state in sorted(dates.items())
                    if date <= as_of
                ),
            ]
        )

    def dates_between(self, since: dt.date, as_of: dt.date) -> list[dt.date]:
        """The dates after one, up to another."""
        known = {date for dates in self.states.values() for date in dates}
        return sorted(date for date in known if since < date <= as_of)

    def require_that_it_matches(self, lake: Lake, as_of: dt.date, now: dt.datetime) -> None:
        """Make sure that no partial is behind what it is built from itself.

        Raises:
            InputsBehind: one is, on a date up to the as-of date.
        """
        for partial in self.states:
            behind = [date for date in stale_dates(lake, partial, None, now) if date <= as_of]
            if behind:
                named = ", ".join(date.isoformat() for date in behind[:_NAMED_DATES])
                more = len(behind) - _NAMED_DATES
                raise InputsBehind(
                    f"{self.table} is not rebuilt: {partial} does not match "
                    f"{sources_of(partial)[0]} on {named}{f' and {more} more dates' * (more > 0)}. "
                    f"Materialize these dates of {partial} first"
                )


@dataclass(frozen=True)
class History:
    """What a dimension is held against: all dates of its partials up to the as-of date.

    Attributes:
        lake: the lake.
        as_of: the date.
        sources: the rows of its partials, by table; of none where dates were added to it.
        beside: the rows of the tables without dates that were read beside them.
    """

    lake: Lake
    as_of: dt.date
    sources: Mapping[str, Source]
    beside: Mapping[str, Source] = field(default_factory=dict)

    def count_events(self) -> int:
        """The events of these dates, from the manifests of the fact."""
        files = self.lake.table(FACT_USER_EVENTS.name).files(where=until(self.as_of))
        return sum(file.row_count for file in files)


def is_settled(published: PublishedDate, target: Mapping[int, str], now: dt.datetime) -> bool:
    """Whether a table was built from all that it should be, but for today's changes of the shop."""
    if published.fingerprints.get(WHOLE) != target[WHOLE]:
        return False
    is_of_today = published.published_at and published.published_at.date() >= now.date()
    return bool(is_of_today) or published.fingerprints.get(SHOP) == target.get(SHOP)
