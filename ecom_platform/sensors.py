"""Sensors: what the arrival of objects starts.

Belongs here: deciding, as plain functions, whether to ask for a run. Not here: what it does.
"""

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import dagster as dg

from ecom_platform.jobs import EVENTS_HOURLY_JOB
from ecom_platform.lake.lake import Lake
from ecom_platform.lake.slices import digest
from ecom_platform.landing.objects import LandingObject, LandingStore
from ecom_platform.pipeline.raw import find_candidates

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
    settled = {t for t, found in waiting.items() if now - found.modified_at >= SETTLED_AFTER}
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
    return digest([found.key, str(found.size), found.modified_at.isoformat()])
