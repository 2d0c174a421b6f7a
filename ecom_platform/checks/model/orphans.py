"""Orphans: keys of the fact that a dimension does not know.

Belongs here: holding dates of the fact against the dimensions, and when. Not here: other checks.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

import dagster as dg

from ecom_platform.assets.check_reports import log_dates
from ecom_platform.contracts.model import DIM_PRODUCTS, DIM_USERS, FACT_USER_EVENTS
from ecom_platform.lake.audit import Finding
from ecom_platform.lake.publications import PublishedDate
from ecom_platform.partitions import to_key
from ecom_platform.pipeline.reading import read_files
from ecom_platform.pipeline.slice_build import Workplace
from ecom_platform.pipeline.staleness import LOGIC_VERSIONS
from ecom_platform.pipeline.stored import StoredTables, read_whole
from ecom_platform.transforms.relations import count_orphans

# check -> (key of the fact, the dimension that should know it)
ORPHAN_CHECKS = {
    "no_orphan_users": ("user_id", DIM_USERS.name),
    "no_orphan_products": ("product_id", DIM_PRODUCTS.name),
}
CHECK_OF = {dimension: check for check, (_, dimension) in ORPHAN_CHECKS.items()}

# One query looks up the keys of as many dates as have this many events: a month at a time.
_EVENTS_OF_A_QUERY = 70_000_000

_UNTIL, _AS_OF, _LOGIC = "orphans_judged_until", "orphans_as_of_date", "orphans_logic_version"


@dataclass(frozen=True)
class JudgedUntil:
    """How far the fact has been held against a dimension.

    It is remembered where the verdicts are, in an observation of the dimension: whoever deletes
    the one has deleted the other.

    Attributes:
        published_at: when the newest date was published of those that were judged.
        as_of: the dimension's as-of date at that time.
    """

    published_at: dt.datetime
    as_of: dt.date


def judge_orphans(stored: StoredTables, event_date: dt.date) -> list[Finding]:
    """Every user and product of the date is in its dimension, up to the dimension's as-of date.

    Dimensions are daily and the fact is hourly: newer dates are not judged yet, but by the run
    that rebuilds the dimension (`judge_changed_dates`). After late data a date may have orphans
    until then; so these checks warn.
    """
    return [_judge(stored, check, [event_date])[event_date] for check in ORPHAN_CHECKS]


def judge_changed_dates(context: dg.OpExecutionContext, work: Workplace, dimension: str) -> None:
    """Judge the dates of the fact that a dimension has reached or that changed since last time.

    The verdicts are shown with the fact, date by date. What is looked up are the keys that the
    fact holds, not those of the partials: the dimension is built from these, and what a partial
    has lost would be missing on both sides.

    Args:
        context: the run that has rebuilt the dimension, or found that there was no need to.
        work: lake, engine and run id.
        dimension: dim_users or dim_products.

    Raises:
        dg.Failure: dates could not be judged, e.g. because a file of them is lost; the others are.
    """
    state = work.lake.publications.published_whole(dimension)
    if state is None:
        return
    published = work.lake.publications.published(FACT_USER_EVENTS.name)
    due = dates_to_judge(published, state.event_date, _last(context.instance, dimension))
    due = {date for date in due if date >= work.lake.settings.start_date}
    stored = StoredTables(work, due)
    faults: dict[dt.date, Exception] = {}
    for dates in _batches(due, published):
        found, failed = _judge_all_that_can_be(stored, CHECK_OF[dimension], dates)
        shown = {to_key(date): [finding] for date, finding in found.items()}
        log_dates(context, FACT_USER_EVENTS.name, shown)
        faults |= failed
    if faults:
        named = "; ".join(f"{to_key(date)}: {fault}" for date, fault in faults.items())
        raise dg.Failure(f"{CHECK_OF[dimension]} could not be judged on {named}")
    if due:
        context.log_event(_observation(dimension, published, state.event_date, len(due)))


def dates_to_judge(
    published: Mapping[dt.date, PublishedDate], as_of: dt.date, last: JudgedUntil | None
) -> set[dt.date]:
    """The dates up to the as-of date whose verdict may have changed.

    Args:
        published: what is published of the fact.
        as_of: the dimension's as-of date.
        last: how far the fact was judged before.
    """
    closed = {date: state for date, state in published.items() if date <= as_of}
    if last is None:
        return set(closed)
    return {
        date
        for date, state in closed.items()
        if date > last.as_of or state.published_at is None or state.published_at > last.published_at
    }


def _judge_all_that_can_be(
    stored: StoredTables, check: str, dates: Collection[dt.date]
) -> tuple[dict[dt.date, Finding], dict[dt.date, Exception]]:
    """Judge dates in one query, or one by one where a date spoils it for the others."""
    try:
        return _judge(stored, check, dates), {}
    except Exception as fault:  # noqa: BLE001  whatever it is, the others are judged
        if len(dates) == 1:
            return {}, dict.fromkeys(dates, fault)
    found: dict[dt.date, Finding] = {}
    faults: dict[dt.date, Exception] = {}
    for date in dates:
        one, failed = _judge_all_that_can_be(stored, check, [date])
        found |= one
        faults |= failed
    return found, faults


def _judge(stored: StoredTables, check: str, dates: Collection[dt.date]) -> dict[dt.date, Finding]:
    key, dimension = ORPHAN_CHECKS[check]
    state = stored.published_whole(dimension)
    as_of = state.event_date if state else None
    reason = "no dimension yet" if as_of is None else f"the dimension is as of {as_of}"
    not_judged = Finding(check, True, {"judged": 0}, f"{reason}: not judged", blocking=False)
    found = dict.fromkeys(dates, not_judged)
    reached = [date for date in dates if as_of and date <= as_of]
    if not reached:
        return found
    name = FACT_USER_EVENTS.name
    files = [file for date in reached for file in stored.files(name, date)]
    events = read_files(stored.work, FACT_USER_EVENTS, files)
    counted = count_orphans(events, read_whole(stored.work, dimension), key).collect()
    by_date = {row["event_date"]: (row["key_count"], row["orphan_count"]) for row in counted}
    for date in reached:
        keys, orphans = by_date.get(date, (0, 0))
        numbers = {"keys": keys, "orphans": orphans, "judged": 1}
        message = f"{orphans:,} of {keys:,} {key}s are not in {dimension}" * (orphans > 0)
        found[date] = Finding(check, orphans == 0, numbers, message, blocking=False)
    return found


def _batches(
    dates: Iterable[dt.date], published: Mapping[dt.date, PublishedDate]
) -> Iterator[list[dt.date]]:
    batch: list[dt.date] = []
    events = 0
    for date in sorted(dates):
        events += published[date].row_count
        if batch and events > _EVENTS_OF_A_QUERY:
            yield batch
            batch, events = [], published[date].row_count
        batch.append(date)
    if batch:
        yield batch


def _last(instance: dg.DagsterInstance, dimension: str) -> JudgedUntil | None:
    """How far the fact was judged, or None when all of it must be judged."""
    for record in instance.fetch_observations(dg.AssetKey(dimension), limit=10).records:
        observation = record.asset_observation
        told = {n: v.value for n, v in observation.metadata.items()} if observation else {}
        if _UNTIL in told:
            until = dt.datetime.fromisoformat(str(told[_UNTIL]))
            as_of = dt.date.fromisoformat(str(told[_AS_OF]))
            # Other logic, other rows: every verdict may have changed.
            same = told[_LOGIC] == LOGIC_VERSIONS[dimension]
            return JudgedUntil(until, as_of) if same else None
    return None


def _observation(
    dimension: str, published: Mapping[dt.date, PublishedDate], as_of: dt.date, judged: int
) -> dg.AssetObservation:
    times = [s.published_at for s in published.values() if s.published_at]
    return dg.AssetObservation(
        dimension,
        description=f"{judged} dates of {FACT_USER_EVENTS.name} were held against {dimension}; "
        "the verdicts are on the check pages of these dates",
        metadata={
            "dates_judged": judged,
            _UNTIL: max(times).isoformat(),
            _AS_OF: as_of.isoformat(),
            _LOGIC: LOGIC_VERSIONS[dimension],
        },
    )
