"""Schedules: what the clock starts.

Belongs here: times and the partitions they ask for. Not here: what a run does.
"""

import datetime as dt

import dagster as dg

from ecom_platform.jobs import EVENTS_HOURLY_JOB
from ecom_platform.lake.slices import OPEN_AFTER_MIDNIGHT
from ecom_platform.partitions import to_key

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
