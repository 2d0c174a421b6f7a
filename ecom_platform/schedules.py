"""Schedules: what the clock starts.

Belongs here: times and the partitions they ask for. Not here: what a run does.
"""

import datetime as dt
from collections.abc import Iterable, Sequence

import dagster as dg

from ecom_platform.contracts.model import PARTIALS
from ecom_platform.jobs import (
    DIMENSIONS_DAILY_JOB,
    EVENTS_HOURLY_JOB,
    LAKE_MAINTENANCE_DAILY_JOB,
    MARTS_DAILY_JOB,
    PROFILE_DAILY_JOB,
    SHOP_AGREEMENT_DAILY_JOB,
)
from ecom_platform.lake.lake import Lake
from ecom_platform.lake.slices import OPEN_AFTER_MIDNIGHT
from ecom_platform.partitions import contiguous_ranges, to_key
from ecom_platform.pipeline.inputs import MULTIDAY
from ecom_platform.pipeline.marts import MART_STEPS, PROFILE_STEPS
from ecom_platform.pipeline.staleness import stale_dates

RANGE_START_TAG = "dagster/asset_partition_range_start"
RANGE_END_TAG = "dagster/asset_partition_range_end"


def open_dates(now: dt.datetime) -> tuple[dt.date, dt.date]:
    """The first and last date that an hourly run refreshes.

    Today, and in the first hours of a day yesterday too: its last rows arrive after midnight.
    """
    today = now.astimezone(dt.UTC).date()
    midnight = dt.datetime.combine(today, dt.time(), tzinfo=dt.UTC)
    if now - midnight < OPEN_AFTER_MIDNIGHT:
        return today - dt.timedelta(days=1), today
    return today, today


@dg.schedule(
    name="events_hourly_schedule",
    job=EVENTS_HOURLY_JOB,
    cron_schedule="5 * * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Refreshes the fact at minute 5 of every hour: today, early also yesterday.",
)
def events_hourly_schedule(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """Ask for one run over the open dates."""
    now = context.scheduled_execution_time
    first, last = open_dates(now)
    tags = {RANGE_START_TAG: to_key(first), RANGE_END_TAG: to_key(last)}
    if first == last:
        return dg.RunRequest(run_key=now.isoformat(), partition_key=to_key(last))
    return dg.RunRequest(run_key=now.isoformat(), tags=tags)


def night_requests(
    context: dg.ScheduleEvaluationContext, lake: Lake, names: Sequence[str]
) -> list[dg.RunRequest] | dg.SkipReason:
    """The runs of a night: one for yesterday, before it one for each range of older stale dates.

    Args:
        context: tells the time.
        lake: tells what is stale.
        names: the dated tables of the job; it may hold tables without dates beside them.
    """
    now = context.scheduled_execution_time
    yesterday = now.astimezone(dt.UTC).date() - dt.timedelta(days=1)
    first = lake.settings.start_date
    if yesterday < first:
        return dg.SkipReason(f"no date has ended since {first}, the first of this lake")
    stale = {date for name in names for date in stale_dates(lake, name, None, now)}
    older = [
        dg.RunRequest(
            run_key=f"{now.isoformat()} {to_key(start)}",
            asset_selection=[dg.AssetKey(name) for name in names],
            tags={RANGE_START_TAG: to_key(start), RANGE_END_TAG: to_key(end)},
        )
        for start, end in older_ranges(stale, first, yesterday)
    ]
    return [*older, dg.RunRequest(run_key=now.isoformat(), partition_key=to_key(yesterday))]


def older_ranges(
    stale: Iterable[dt.date], first: dt.date, yesterday: dt.date
) -> list[tuple[dt.date, dt.date]]:
    """The ranges of stale dates that a run for yesterday does not cover.

    Automation has rebuilt them before, as a rule. The night makes up for what it missed, because
    a dimension is not rebuilt from partials that are behind.
    """
    return contiguous_ranges(date for date in stale if first <= date < yesterday)


def _night_schedule(
    job_name: str, cron: str, description: str, names: Sequence[str]
) -> dg.ScheduleDefinition:
    """A schedule that asks for the runs of a night, as `night_requests` gives them."""

    @dg.schedule(
        name=f"{job_name.removesuffix('_job')}_schedule",
        job_name=job_name,
        cron_schedule=cron,
        execution_timezone="UTC",
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=description,
    )
    def schedule(
        context: dg.ScheduleEvaluationContext, lake: dg.ResourceParam[Lake]
    ) -> list[dg.RunRequest] | dg.SkipReason:
        return night_requests(context, lake, names)

    return schedule


dimensions_daily_schedule = _night_schedule(
    DIMENSIONS_DAILY_JOB.name,
    "0 2 * * *",
    "Adds yesterday to the dimensions at 02:00, and whatever older date is stale.",
    [contract.name for contract in PARTIALS],
)
# One machine runs one thing at a time: if dimensions_daily_job is still busy, this waits.
marts_daily_schedule = _night_schedule(
    MARTS_DAILY_JOB.name,
    "30 2 * * *",
    "Adds yesterday to the marts at 02:30, and whatever older date is stale.",
    [MULTIDAY, *MART_STEPS],
)
profile_daily_schedule = _night_schedule(
    PROFILE_DAILY_JOB.name,
    "0 3 * * *",
    "Profiles yesterday at 03:00, and whatever older date is stale.",
    list(PROFILE_STEPS),
)

# After the night's runs: dates that closed at 03:00 are complete, and the engine is idle.
LAKE_MAINTENANCE_DAILY_SCHEDULE = dg.ScheduleDefinition(
    name="lake_maintenance_daily_schedule",
    job=LAKE_MAINTENANCE_DAILY_JOB,
    cron_schedule="30 3 * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Maintains the lake at 03:30, when yesterday has closed.",
)


SHOP_AGREEMENT_DAILY_SCHEDULE = dg.ScheduleDefinition(
    name="shop_agreement_daily_schedule",
    job=SHOP_AGREEMENT_DAILY_JOB,
    cron_schedule="0 4 * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Compares the shop's tables with its database at 04:00.",
)


SCHEDULES = (
    events_hourly_schedule,
    dimensions_daily_schedule,
    profile_daily_schedule,
    marts_daily_schedule,
    LAKE_MAINTENANCE_DAILY_SCHEDULE,
    SHOP_AGREEMENT_DAILY_SCHEDULE,
)
