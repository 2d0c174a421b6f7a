"""The steps of the dimensions: a stale dimension, rebuilt as a whole and published.

Belongs here: what each is built from, when it is stale, what must agree. Not here: row logic.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ecom_platform.contracts.model import (
    DIM_PRODUCT_VERSIONS,
    DIM_PRODUCTS,
    DIM_USERS,
    FACT_USER_EVENTS,
    PRODUCT_BUYER_DAYS,
    PRODUCT_DAYS,
    PRODUCT_VERSION_DAYS,
    SESSION_DAYS,
    USER_TASTE_DAYS,
)
from ecom_platform.contracts.oltp import CURRENT_OLTP
from ecom_platform.errors import InputsBehind
from ecom_platform.lake.audit import Equation, Finding, judge_equation
from ecom_platform.lake.slices import StaleDate, digest
from ecom_platform.pipeline.inputs import sources_of
from ecom_platform.pipeline.model.partials import EVENTS, count
from ecom_platform.pipeline.publishing import commit_slice, describe_publication, until
from ecom_platform.pipeline.scratch import Scratch
from ecom_platform.pipeline.slice_build import Rebuilt, SliceBuild, Source, Workplace
from ecom_platform.pipeline.staleness import LOGIC_VERSIONS, stale_dates
from ecom_platform.pipeline.stored import read_if_published
from ecom_platform.transforms.model.products import build_dim_products
from ecom_platform.transforms.model.users import build_dim_users
from ecom_platform.transforms.model.versions import (
    build_dim_product_versions,
    count_version_faults,
)

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from ecom_platform.contracts.table import TableContract
    from ecom_platform.lake.lake import Lake
    from ecom_platform.lake.publications import PublishedDate

# A dimension has no hours; its fingerprint stands where those of hour 0 would, and that of the
# shop's tables where those of hour 1 would.
_WHOLE, _SHOP = 0, 1
_NAMED_DATES = 5


@dataclass(frozen=True)
class History:
    """What a dimension is built from: all dates of its partials up to the as-of date."""

    lake: Lake
    as_of: dt.date
    sources: Mapping[str, Source]

    def count_events(self) -> int:
        """The events of these dates, from the manifests of the fact."""
        files = self.lake.table(FACT_USER_EVENTS.name).files(where=until(self.as_of))
        return sum(file.row_count for file in files)


Reconcile = Callable[[History, "DataFrame"], list[Finding]]


@dataclass(frozen=True)
class Dimension:
    """How a dimension is built.

    Attributes:
        contract: the table.
        partials: the tables that it is built from.
        build: makes its rows from theirs, in the same order, the as-of date, and the rows of the
            shop's tables.
        reconcile: holds its rows against what they are counted from.
        shop: the shop's tables that it is built from too; a lake may have none of them.
        keeps: whether `build` takes a `keep` as well, for rows that several of its branches read.
    """

    contract: TableContract
    partials: tuple[str, ...]
    build: Callable[..., DataFrame]
    reconcile: Reconcile
    shop: tuple[str, ...] = ()
    keeps: bool = False

    def find_stale(
        self, lake: Lake, now: dt.datetime, *, rebuild: bool = False
    ) -> StaleDate | None:
        """Compare what the dimension should be built from with what it was built from.

        What the shop's tables tell changes all the time, and is taken in once a day.

        Args:
            lake: the lake.
            now: decides which dates have ended, and which day it is.
            rebuild: take it for stale, whatever was published.

        Returns:
            The as-of date that it will have and its fingerprint; None when nothing differs, or
            when a partial has no date yet. Without any event left it keeps its as-of date.

        Raises:
            InputsBehind: a partial does not match its own input on a date up to the as-of date.
        """
        name = self.contract.name
        if lake.holds.of(name):
            return None
        states = {partial: lake.publications.published(partial) for partial in self.partials}
        published = lake.publications.published_whole(name)
        as_of = _last_common_date(states)
        if as_of is None:
            if published is None:
                return None
            as_of = published.event_date
        self._require_matching_partials(lake, as_of, now)
        target = {_WHOLE: digest([LOGIC_VERSIONS[name], *_fingerprints(states, as_of)])}
        shop = {table: lake.publications.published_whole(table) for table in self.shop}
        if told := [f"{table} {state.fingerprint}" for table, state in shop.items() if state]:
            target[_SHOP] = digest(told)
        if published and not rebuild and _is_settled(published, target, now):
            return None
        return StaleDate(as_of, None, target)

    def _require_matching_partials(self, lake: Lake, as_of: dt.date, now: dt.datetime) -> None:
        for partial in self.partials:
            behind = [date for date in stale_dates(lake, partial, None, now) if date <= as_of]
            if behind:
                named = ", ".join(date.isoformat() for date in behind[:_NAMED_DATES])
                more = len(behind) - _NAMED_DATES
                raise InputsBehind(
                    f"{self.contract.name} is not rebuilt: {partial} does not match "
                    f"{sources_of(partial)[0]} on {named}{f' and {more} more dates' * (more > 0)}. "
                    f"Materialize these dates of {partial} first"
                )

    def rebuild(self, work: Workplace, slice_: StaleDate) -> Rebuilt:
        """Rebuild the dimension from its partials, all dates up to the as-of date.

        Raises:
            AuditFailed: a blocking rule refused the rows; the last good version stays visible.
            PublishConflict: another run published the dimension meanwhile.
        """
        as_of = slice_.event_date
        dimension = SliceBuild(work, self.contract.name, slice_)
        sources = {partial: dimension.read_history(partial) for partial in self.partials}
        history = History(work.lake, as_of, sources)
        shop = [read_if_published(work, table) for table in self.shop]
        largest = max(sources.values(), key=lambda source: source.row_count)
        with Scratch(work, self.contract.name) as scratch:
            kept = (scratch.keep,) if self.keeps else ()
            rows = self.build(*(source.rows for source in sources.values()), as_of, *shop, *kept)
            staged = dimension.stage(rows, largest)
        counts, findings = dimension.audit(staged, judge=lambda rows: self.reconcile(history, rows))
        snapshot = commit_slice(
            dimension.version, slice_, dimension.replaced(), staged, work.run_id
        )
        published = describe_publication(self.contract.name, slice_, snapshot, staged, counts)
        work.lake.publications.record(published, work.run_id)
        return dimension.rebuilt(counts, staged, findings)


def _is_settled(published: PublishedDate, target: Mapping[int, str], now: dt.datetime) -> bool:
    """Whether a dimension was built from all that it should be, but for today's changes."""
    if published.fingerprints.get(_WHOLE) != target[_WHOLE]:
        return False
    is_of_today = published.published_at and published.published_at.date() >= now.date()
    return bool(is_of_today) or published.fingerprints.get(_SHOP) == target.get(_SHOP)


def _last_common_date(states: Mapping[str, Mapping[dt.date, PublishedDate]]) -> dt.date | None:
    """The last date up to which all partials have events to add up, or None if one has none.

    A date that lost all its events stays on record, built from nothing. It must not count: the
    same events would have another as-of date if it had never had any.
    """
    last = [
        max((date for date, state in dates.items() if state.fingerprints), default=None)
        for dates in states.values()
    ]
    known = [date for date in last if date]
    return min(known) if known and len(known) == len(last) else None


def _fingerprints(
    states: Mapping[str, Mapping[dt.date, PublishedDate]], as_of: dt.date
) -> list[str]:
    return [
        f"{partial} {date.isoformat()} {state.fingerprint}"
        for partial, dates in sorted(states.items())
        for date, state in sorted(dates.items())
        if date <= as_of
    ]


def _every_event_is_counted(history: History, rows: DataFrame) -> list[Finding]:
    """Every event up to the as-of date is counted exactly once."""
    counted = {"counted_events": count(rows, EVENTS)}
    return [judge_equation(Equation(FACT_USER_EVENTS.name, history.count_events(), counted))]


def _versions_follow_each_other(history: History, rows: DataFrame) -> list[Finding]:
    """Every product has one current version, and its versions leave neither gap nor overlap."""
    faults = count_version_faults(rows).collect()[0].asDict()
    products = count(history.sources[PRODUCT_VERSION_DAYS.name].rows, "COUNT(DISTINCT product_id)")
    current = faults.pop("current_count")
    faults["without_current_count"] = faults.pop("product_count") - current
    broken = {name: number for name, number in faults.items() if number}
    message = ", ".join(f"{name}: {number:,}" for name, number in broken.items())
    return [
        judge_equation(Equation("products", products, {"current_versions": current})),
        Finding("versions_follow_each_other", not broken, faults, message),
    ]


DIMENSION_STEPS = {
    dimension.contract.name: dimension
    for dimension in (
        Dimension(
            DIM_USERS,
            (SESSION_DAYS.name, USER_TASTE_DAYS.name),
            build_dim_users,
            _every_event_is_counted,
            shop=(CURRENT_OLTP["users"].name,),
            keeps=True,
        ),
        Dimension(
            DIM_PRODUCTS,
            (PRODUCT_DAYS.name, PRODUCT_VERSION_DAYS.name, PRODUCT_BUYER_DAYS.name),
            build_dim_products,
            _every_event_is_counted,
            shop=(CURRENT_OLTP["products"].name,),
        ),
        Dimension(
            DIM_PRODUCT_VERSIONS,
            (PRODUCT_VERSION_DAYS.name,),
            build_dim_product_versions,
            _versions_follow_each_other,
            keeps=True,
        ),
    )
}
