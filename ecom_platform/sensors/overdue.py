"""The backstop: runs of dates that are stale, and that nothing else has asked for.

Belongs here: deciding which stale dates are overdue, and the runs for them. Not here: finding them.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

import dagster as dg

from ecom_platform.contracts.clean import CLEAN_EVENTS
from ecom_platform.contracts.model import DIMENSIONS, FACT_USER_EVENTS, PARTIALS
from ecom_platform.contracts.oltp import SHOP_STEP_TABLES
from ecom_platform.contracts.raw import REJECTED_EVENTS
from ecom_platform.contracts.row_ledger import ROW_LEDGER
from ecom_platform.jobs import (
    DIMENSIONS_DAILY_JOB,
    EVENTS_HOURLY_JOB,
    MARTS_DAILY_JOB,
    PROFILE_DAILY_JOB,
    SHOP_CHANGES_JOB,
)
from ecom_platform.lake.lake import Lake
from ecom_platform.lake.slices import digest
from ecom_platform.partitions import contiguous_ranges, to_date, to_key
from ecom_platform.pipeline import marts
from ecom_platform.pipeline.backlog import Memory, StaleSlice, find_backlog
from ecom_platform.pipeline.inputs import MULTIDAY
from ecom_platform.schedules import RANGE_END_TAG, RANGE_START_TAG


@dataclass(frozen=True)
class Rebuild:
    """Tables that one run rebuilds together, of one job.

    Attributes:
        job_name: the job.
        tables: what is materialized: a stale date of one of them is rebuilt with all.
    """

    job_name: str
    tables: tuple[str, ...]


# In the order of the data flow. Every table that can be stale is in one of them (a test).
REBUILDS = (
    Rebuild(SHOP_CHANGES_JOB.name, SHOP_STEP_TABLES),
    Rebuild(
        EVENTS_HOURLY_JOB.name,
        (CLEAN_EVENTS.name, REJECTED_EVENTS.name, FACT_USER_EVENTS.name, ROW_LEDGER.name),
    ),
    Rebuild(DIMENSIONS_DAILY_JOB.name, tuple(contract.name for contract in PARTIALS)),
    Rebuild(DIMENSIONS_DAILY_JOB.name, tuple(contract.name for contract in DIMENSIONS)),
    Rebuild(PROFILE_DAILY_JOB.name, tuple(marts.PROFILE_STEPS)),
    Rebuild(PROFILE_DAILY_JOB.name, tuple(marts.PROFILE_LAKE_STEPS)),
    Rebuild(MARTS_DAILY_JOB.name, (MULTIDAY, *marts.MART_STEPS)),
    Rebuild(MARTS_DAILY_JOB.name, tuple(marts.MART_WHOLE_STEPS)),
)
# Each takes its turn in the queue, and the next tick asks for the rest.
MOST_RUNS_OF_A_TICK = 8
PARTITION_TAG = "dagster/partition"
_IN_PROGRESS = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
]


@dg.sensor(
    name="overdue_dates_sensor",
    jobs=[
        SHOP_CHANGES_JOB,
        EVENTS_HOURLY_JOB,
        DIMENSIONS_DAILY_JOB,
        PROFILE_DAILY_JOB,
        MARTS_DAILY_JOB,
    ],
    minimum_interval_seconds=15 * 60,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Has stale dates rebuilt that schedules and automation have missed.",
)
def overdue_dates_sensor(
    context: dg.SensorEvaluationContext, lake: dg.ResourceParam[Lake]
) -> dg.SensorResult:
    """Compare what is published with what it was built from, whatever Dagster remembers."""
    return look_for_overdue(context.instance, lake, context.cursor, dt.datetime.now(tz=dt.UTC))


def look_for_overdue(
    instance: dg.DagsterInstance, lake: Lake, cursor: str | None, now: dt.datetime
) -> dg.SensorResult:
    """Ask for runs of what has been stale for a while and no run covers.

    Args:
        instance: knows the runs in progress.
        lake: the lake.
        cursor: what the last look left.
        now: the time of the look.
    """
    memory = Memory(cursor)
    first, today = lake.settings.start_date, now.date()
    found = find_backlog(lake, now)
    # Rows may be a day ahead of the clock: their date is no partition yet.
    backlog = [one for one in found if first <= (one.event_date or first) <= today]
    overdue = memory.overdue(backlog, covered_by_runs(instance, backlog), now)
    requests = list(islice(_requests(overdue, memory, now), MOST_RUNS_OF_A_TICK))
    reason = f"{len(backlog)} stale slices wait, for automation or for their run"
    return dg.SensorResult(
        run_requests=requests,
        skip_reason=None if requests else reason if backlog else "nothing is stale",
        cursor=memory.cursor,
    )


def _requests(
    overdue: Iterable[StaleSlice], memory: Memory, now: dt.datetime
) -> Iterator[dg.RunRequest]:
    """A run for each range of overdue dates, remembered when it is taken."""
    for rebuild in REBUILDS:
        by_date: dict[dt.date | None, list[StaleSlice]] = defaultdict(list)
        for one in overdue:
            if one.table in rebuild.tables:
                by_date[one.event_date].append(one)
        if whole := by_date.pop(None, []):
            memory.ask(whole, now)
            yield _request(rebuild, whole, {}, now)
        for first, last in contiguous_ranges(date for date in by_date if date):
            asked = [s for date in by_date if date and first <= date <= last for s in by_date[date]]
            memory.ask(asked, now)
            tags = {RANGE_START_TAG: to_key(first), RANGE_END_TAG: to_key(last)}
            yield _request(rebuild, asked, tags, now)


def _request(
    rebuild: Rebuild, asked: Iterable[StaleSlice], tags: Mapping[str, str], now: dt.datetime
) -> dg.RunRequest:
    return dg.RunRequest(
        run_key=digest([*(one.token for one in asked), now.isoformat()]),
        job_name=rebuild.job_name,
        asset_selection=[dg.AssetKey(table) for table in rebuild.tables],
        tags=tags,
    )


def covered_by_runs(
    instance: dg.DagsterInstance, backlog: Collection[StaleSlice]
) -> set[StaleSlice]:
    """What of a backlog runs that are queued or in progress rebuild."""
    covered: set[StaleSlice] = set()
    for run in instance.get_runs(filters=dg.RunsFilter(statuses=_IN_PROGRESS)):
        tables = {key.to_user_string() for key in run.asset_selection or ()} or {
            table
            for rebuild in REBUILDS
            for table in rebuild.tables
            if rebuild.job_name == run.job_name
        }
        covered |= {
            one for one in backlog if one.table in tables and _includes(run.tags, one.event_date)
        }
    return covered


def _includes(tags: Mapping[str, str], date: dt.date | None) -> bool:
    """Whether a run's partitions include a date; a run without partitions includes none."""
    one = tags.get(PARTITION_TAG)
    first, last = tags.get(RANGE_START_TAG, one), tags.get(RANGE_END_TAG, one)
    return date is None or bool(first and last and to_date(first) <= date <= to_date(last))
