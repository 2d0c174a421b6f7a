"""The landing sensor: whether objects have come that call for a run.

Belongs here: looking at a part of landing a tick, and deciding. Not here: what the run does.
"""

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace

import dagster as dg

from ecom_platform.jobs import EVENTS_HOURLY_JOB
from ecom_platform.lake.lake import Lake
from ecom_platform.lake.slices import digest
from ecom_platform.landing.objects import LandingObject, LandingStore
from ecom_platform.pipeline.raw import not_recorded
from ecom_platform.pipeline.shop.events import waiting_events

# A file that was written to a moment ago may still be growing.
SETTLED_AFTER = dt.timedelta(seconds=5)
# A run takes its objects off the list. Those that stay on it this long were not ingested: the
# run failed, or never came. They are asked for again.
ASK_AGAIN_AFTER = dt.timedelta(minutes=15)

# Listing requests of one tick, a thousand keys each: a tick must end in time, however many
# objects there are.
SWEEP_PAGES = 5
NEWEST_PAGES = 2
# So many of the last keys are looked at again in every tick, for keys come a little out of order.
OVERLAP_KEYS = 1000
# What a cursor remembers at most. A run takes all that waits, so that one request is enough for
# any number of objects.
MOST_REMEMBERED = 5000


@dataclass(frozen=True)
class Memory:
    """What one tick leaves to the next: the sensor's cursor.

    Attributes:
        asked: when each waiting object was asked for.
        asked_for_all: when so many were asked for that not each is remembered; 0 for never.
        swept_to: the key after which the sweep goes on; empty for the first.
        newest_after: the key after which the newest keys begin.
    """

    asked: Mapping[str, float] = field(default_factory=dict)
    asked_for_all: float = 0.0
    swept_to: str = ""
    newest_after: str = ""

    @classmethod
    def of(cls, cursor: str | None) -> "Memory":
        """Read a cursor; one that an older version of the platform left is started anew."""
        try:
            return cls(**json.loads(cursor)) if cursor else cls()
        except (TypeError, ValueError):
            return cls()

    @property
    def cursor(self) -> str:
        """As Dagster keeps it."""
        return json.dumps(asdict(self))


@dataclass(frozen=True)
class Look:
    """What a tick saw of landing.

    Attributes:
        found: objects.
        is_whole: whether that is all there is.
        memory: where the next look goes on.
    """

    found: Sequence[LandingObject]
    is_whole: bool
    memory: Memory


@dataclass(frozen=True)
class Decision:
    """What a tick asks for.

    Attributes:
        run_key: identifies the request; None to ask for nothing.
        memory: what to remember.
        reason: why, in words.
    """

    run_key: str | None
    memory: Memory
    reason: str


def look(landing: LandingStore, memory: Memory, prefix: str = "events/") -> Look:
    """List a part of landing in a bounded number of requests.

    A sweep goes through all keys, a part a tick, and finds whatever came, wherever it sorts. As
    keys that begin with their date or hour come at the end, the end is looked at in every tick.

    Args:
        landing: the landing area.
        memory: what the last tick left.
        prefix: which keys.
    """
    swept, swept_to = landing.list_some(prefix, memory.swept_to, SWEEP_PAGES)
    if not swept_to and not memory.swept_to:
        return Look(swept, is_whole=True, memory=memory)
    newest, _ = landing.list_some(prefix, memory.newest_after, NEWEST_PAGES)
    followed = max(memory.newest_after, _followed(swept), _followed(newest))
    return Look(
        list({one.key: one for one in (*swept, *newest)}.values()),
        is_whole=False,
        # Nothing there: what came last was deleted, and the end lies further to the front.
        memory=replace(memory, swept_to=swept_to, newest_after=followed if newest else ""),
    )


def _followed(listed: Sequence[LandingObject]) -> str:
    """The key after which the last of some listed objects lie, so many as are to overlap."""
    return listed[-OVERLAP_KEYS - 1].key if len(listed) > OVERLAP_KEYS else ""


def decide(
    candidates: Iterable[LandingObject], memory: Memory, now: dt.datetime, *, is_whole: bool = True
) -> Decision:
    """Decide whether new objects call for a run.

    Nothing depends on an order of times: what counts is which objects are not recorded as
    ingested, so equal timestamps and failed ticks lose nothing.

    Args:
        candidates: objects that are not recorded as they are now.
        memory: what the last tick left, after its look at landing.
        now: the time of the tick.
        is_whole: whether no other objects can wait: then the others are forgotten.
    """
    waiting = {_token(found): found for found in candidates}
    # A store that lists versions lists nothing that is still being written.
    settled = {t for t, f in waiting.items() if f.version or now - f.modified_at >= SETTLED_AFTER}
    recent = now.timestamp() - ASK_AGAIN_AFTER.total_seconds()
    asked = {t: at for t, at in memory.asked.items() if at > recent}
    new = settled - asked.keys() if memory.asked_for_all <= recent else set()
    kept = {t: at for t, at in asked.items() if t in waiting or not is_whole}
    kept |= dict.fromkeys(new, now.timestamp())
    if len(kept) > MOST_REMEMBERED:
        memory = replace(memory, asked={}, asked_for_all=now.timestamp())
    else:
        memory = replace(memory, asked=kept)
    if not new:
        unsettled = len(waiting) - len(settled)
        reason = f"{len(settled)} objects await their run, {unsettled} may still be written"
        return Decision(None, memory, reason if waiting else "nothing new")
    run_key = digest([*sorted(new), now.isoformat()])
    return Decision(run_key, memory, f"{len(new)} new objects")


@dg.sensor(
    name="landing_events_sensor",
    job=EVENTS_HOURLY_JOB,
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Asks for one run when new objects lie under landing/events/, or the shop's tables "
    "have changed.",
)
def landing_events_sensor(
    context: dg.SensorEvaluationContext,
    lake: dg.ResourceParam[Lake],
    landing: dg.ResourceParam[LandingStore],
) -> dg.SensorResult | dg.SkipReason:
    """Look for new objects; the dates they touch are rebuilt by automation."""
    now = dt.datetime.now(tz=dt.UTC)
    seen = look(landing, Memory.of(context.cursor))
    candidates = not_recorded(lake, seen.found)
    if waiting := waiting_events(lake):
        candidates.append(waiting)
    decision = decide(candidates, seen.memory, now, is_whole=seen.is_whole)
    return answer(context, decision, partition_key=now.date().isoformat())


def answer(
    context: dg.SensorEvaluationContext, decision: Decision, partition_key: str | None = None
) -> dg.SensorResult | dg.SkipReason:
    """What Dagster is told of a decision, which either way is remembered.

    Args:
        context: of the tick.
        decision: whether a run is asked for.
        partition_key: of that run, if its job has partitions.
    """
    if decision.run_key is None:
        context.update_cursor(decision.memory.cursor)
        return dg.SkipReason(decision.reason)
    request = dg.RunRequest(run_key=decision.run_key, partition_key=partition_key)
    return dg.SensorResult(run_requests=[request], cursor=decision.memory.cursor)


def _token(found: LandingObject) -> str:
    return digest([found.key, str(found.size), found.version or found.modified_at.isoformat()])
