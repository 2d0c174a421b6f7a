"""Sensors: what the arrival of objects starts, and what is started because nothing else did.

Belongs here: deciding, as plain functions, whether to ask for a run. Not here: what it does.
"""

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

import dagster as dg

from ecom_platform.contracts.clean import CLEAN_EVENTS
from ecom_platform.contracts.model import DIMENSIONS, FACT_USER_EVENTS, PARTIALS
from ecom_platform.contracts.raw import REJECTED_EVENTS
from ecom_platform.contracts.row_ledger import ROW_LEDGER
from ecom_platform.jobs import (
    DIMENSIONS_DAILY_JOB,
    EVENTS_HOURLY_JOB,
    MARTS_DAILY_JOB,
    PROFILE_DAILY_JOB,
)
from ecom_platform.lake.lake import Lake
from ecom_platform.lake.slices import digest
from ecom_platform.landing.objects import LandingObject, LandingStore
from ecom_platform.partitions import contiguous_ranges, to_date, to_key
from ecom_platform.pipeline import marts
from ecom_platform.pipeline.backlog import Memory, StaleSlice, find_backlog
from ecom_platform.pipeline.inputs import MULTIDAY
from ecom_platform.pipeline.raw import find_candidates
from ecom_platform.schedules import RANGE_END_TAG, RANGE_START_TAG

# A file that was written to a moment ago may still be growing.
SETTLED_AFTER = dt.timedelta(seconds=5)
# A run takes its objects off the list. Those that stay on it this long were not ingested: the
# run failed, or never came. They are asked for again.
ASK_AGAIN_AFTER = dt.timedelta(minutes=15)


@dataclass(frozen=True)
class Decision:
    """What a tick asks for.

    Attributes:
        run_key: identifies the request; None to ask for nothing.
        cursor: what to remember: when each waiting object was asked for.
        reason: why, in words.
    """

    run_key: str | None
    cursor: str
    reason: str


def decide(candidates: Iterable[LandingObject], cursor: str | None, now: dt.datetime) -> Decision:
    """Decide whether new objects call for a run.

    Nothing depends on an order of times: what counts is which objects are not recorded as
    ingested, so equal timestamps and failed ticks lose nothing.

    Args:
        candidates: objects that are not recorded as they are now.
        cursor: what the last tick remembered.
        now: the time of the tick.
    """
    asked: Mapping[str, float] = json.loads(cursor) if cursor else {}
    waiting = {_token(found): found for found in candidates}
    # A store that lists versions lists nothing that is still being written.
    settled = {t for t, f in waiting.items() if f.version or now - f.modified_at >= SETTLED_AFTER}
    recent = now.timestamp() - ASK_AGAIN_AFTER.total_seconds()
    new = {token for token in settled if asked.get(token, 0.0) <= recent}
    remembered = {token: at for token, at in asked.items() if token in waiting and token not in new}
    remembered |= dict.fromkeys(new, now.timestamp())
    if not new:
        unsettled = len(waiting) - len(settled)
        reason = f"{len(settled)} objects await their run, {unsettled} may still be written"
        return Decision(None, json.dumps(remembered), reason if waiting else "nothing new")
    run_key = digest([*sorted(new), now.isoformat()])
    return Decision(run_key, json.dumps(remembered), f"{len(new)} new objects")


@dg.sensor(
    name="landing_events_sensor",
    job=EVENTS_HOURLY_JOB,
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Asks for one run when new objects lie under landing/events/.",
)
def landing_events_sensor(
    context: dg.SensorEvaluationContext,
    lake: dg.ResourceParam[Lake],
    landing: dg.ResourceParam[LandingStore],
) -> dg.SensorResult | dg.SkipReason:
    """Look for new objects; the dates they touch are rebuilt by automation."""
    now = dt.datetime.now(tz=dt.UTC)
    decision = decide(find_candidates(lake, landing), context.cursor, now)
    if decision.run_key is None:
        context.update_cursor(decision.cursor)
        return dg.SkipReason(decision.reason)
    request = dg.RunRequest(run_key=decision.run_key, partition_key=now.date().isoformat())
    return dg.SensorResult(run_requests=[request], cursor=decision.cursor)


AUTOMATION_SENSOR = dg.AutomationConditionSensorDefinition(
    "late_data_sensor",
    target=dg.AssetSelection.all(),
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Rebuilds dates outside the hourly run that late objects have touched.",
)


def _token(found: LandingObject) -> str:
    return digest([found.key, str(found.size), found.version or found.modified_at.isoformat()])


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
    jobs=[EVENTS_HOURLY_JOB, DIMENSIONS_DAILY_JOB, PROFILE_DAILY_JOB, MARTS_DAILY_JOB],
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


SENSORS = (landing_events_sensor, AUTOMATION_SENSOR, overdue_dates_sensor)
