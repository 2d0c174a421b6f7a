"""The steps of the dimensions: a stale dimension, rebuilt and published.

Belongs here: what each is built from, when it is stale, what must agree. Not here: row logic, what
dates may be added to (extension.py).
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
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
from ecom_platform.errors import FilesLost
from ecom_platform.lake.audit import Equation, Finding, judge_equation
from ecom_platform.lake.slices import StaleDate, digest
from ecom_platform.pipeline.model.basis import SHOP, WHOLE, Basis, History, is_settled
from ecom_platform.pipeline.model.extension import Extension, find_extension, read_exact
from ecom_platform.pipeline.model.partials import EVENTS, count
from ecom_platform.pipeline.publishing import commit_slice, describe_publication
from ecom_platform.pipeline.scratch import Scratch
from ecom_platform.pipeline.slice_build import Rebuilt, SliceBuild, Source, Workplace
from ecom_platform.pipeline.stored import read_if_published
from ecom_platform.transforms.model.products import build_dim_products
from ecom_platform.transforms.model.users import build_dim_users, extend_dim_users
from ecom_platform.transforms.model.versions import (
    build_dim_product_versions,
    count_version_faults,
)

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from ecom_platform.contracts.table import TableContract
    from ecom_platform.lake.lake import Lake
    from ecom_platform.lake.staging import StagedFiles


Reconcile = Callable[[History, "DataFrame"], list[Finding]]


@dataclass(frozen=True)
class Dimension:
    """How a dimension is built.

    Attributes:
        contract: the table.
        partials: the tables that it is built from.
        build: makes its rows from theirs, in the same order, the as-of date, the rows of the
            shop's tables, and of those beside.
        reconcile: holds its rows against what they are counted from.
        shop: the shop's tables that it is built from too; a lake may have none of them.
        keeps: whether `build` takes a `keep` as well, for rows that several of its branches read.
        extend: makes its rows from what it holds and from dates that came after all of that.
        looks_up: dated tables that `extend` reads beside the partials: they tell nothing else.
        beside: tables without dates that tell the same as the partials; where it is not certain
            that one is of the same dates, `build` has None in its place.
    """

    contract: TableContract
    partials: tuple[str, ...]
    build: Callable[..., DataFrame]
    reconcile: Reconcile
    shop: tuple[str, ...] = ()
    keeps: bool = False
    extend: Callable[[Extension], DataFrame] | None = None
    looks_up: tuple[str, ...] = ()
    beside: tuple[Dimension, ...] = ()

    @property
    def follows(self) -> tuple[str, ...]:
        """The tables that are built before it and from the same partials, if it reads any."""
        return (*self.looks_up, *(other.contract.name for other in self.beside))

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
        basis = Basis.of(lake, name, self.partials)
        published = lake.publications.published_whole(name)
        as_of = basis.last_common_date()
        if as_of is None:
            if published is None:
                return None
            as_of = published.event_date
        basis.require_that_it_matches(lake, as_of, now)
        target = {WHOLE: basis.fingerprint(as_of)}
        shop = {table: lake.publications.published_whole(table) for table in self.shop}
        if told := [f"{table} {state.fingerprint}" for table, state in shop.items() if state]:
            target[SHOP] = digest(told)
        if published and not rebuild and is_settled(published, target, now):
            return None
        return StaleDate(as_of, None, target)

    def rebuild(self, work: Workplace, slice_: StaleDate, *, whole: bool = False) -> Rebuilt:
        """Rebuild the dimension, of all dates up to the as-of date, and publish it.

        Args:
            work: lake, engine and run id.
            slice_: what staleness found.
            whole: count all dates anew, whatever it holds.

        Raises:
            AuditFailed: a blocking rule refused the rows; the last good version stays visible.
            PublishConflict: another run published the dimension meanwhile.
        """
        build = SliceBuild(work, self.contract.name, slice_)
        with Scratch(work, self.contract.name) as scratch:
            made = self._stage(work, build, scratch, whole=whole)
        staged, history = made.staged, made.history
        counts, findings = build.audit(staged, judge=lambda rows: self.reconcile(history, rows))
        snapshot = commit_slice(build.version, slice_, build.replaced(), staged, work.run_id)
        published = describe_publication(self.contract.name, slice_, snapshot, staged, counts)
        work.lake.publications.record(published, work.run_id)
        rebuilt = build.rebuilt(counts, staged, findings)
        return replace(rebuilt, how=made.how, dates_added=made.dates_added)

    def _stage(self, work: Workplace, build: SliceBuild, scratch: Scratch, *, whole: bool) -> _Made:
        as_of, why = build.slice_.event_date, "as was asked for"
        beside = {} if whole else self._read_beside(work, as_of)
        if self.extend and not whole:
            try:
                found = find_extension(build, work, self, beside, scratch.keep)
                if isinstance(found, Extension):
                    staged = build.stage(self.extend(found), found.rows)
                    history = History(work.lake, as_of, {}, beside)
                    return _Made(staged, history, found.words, len(found.dates))
                why = found
            except FilesLost:
                # Of the table, most likely; building it whole mends it or names what is lost.
                why = "files of what was published are not there"
        sources = {partial: build.read_history(partial) for partial in self.partials}
        shop = [read_if_published(work, table) for table in self.shop]
        known = [beside.get(other.contract.name) for other in self.beside]
        told = [source.rows if source else None for source in known]
        largest = max(sources.values(), key=lambda source: source.row_count)
        kept = (scratch.keep,) if self.keeps else ()
        partials = (source.rows for source in sources.values())
        staged = build.stage(self.build(*partials, as_of, *shop, *told, *kept), largest)
        how = f"from all dates: {why}" if self.extend else ""
        return _Made(staged, History(work.lake, as_of, sources, beside), how)

    def _read_beside(self, work: Workplace, as_of: dt.date) -> dict[str, Source]:
        """The tables beside the partials that are certain to be of the same dates."""
        found = {}
        for other in self.beside:
            with contextlib.suppress(FilesLost):
                if rows := read_exact(work, other, as_of):
                    found[other.contract.name] = rows
        return found


@dataclass(frozen=True)
class _Made:
    """Staged rows of a dimension, what they are held against, and how they were made."""

    staged: StagedFiles
    history: History
    how: str
    dates_added: int = 0


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


def _extend_users(given: Extension) -> DataFrame:
    profiles = read_if_published(given.work, CURRENT_OLTP["users"].name)
    added = given.added(SESSION_DAYS.name)
    sessions, tastes = map(given.history, (SESSION_DAYS.name, USER_TASTE_DAYS.name))
    before, as_of = given.rows.rows, given.as_of
    return extend_dim_users(before, added, sessions, tastes, as_of, profiles, given.keep)


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
            extend=_extend_users,
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
