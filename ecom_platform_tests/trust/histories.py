"""Histories: one set of events delivered and worked on in any order, as hypothesis makes them up.

Belongs here: lines, deliveries, runs, and playing them on a lake. Not here: what must come out.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import gzip
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from ecom_platform.errors import InputsBehind
from ecom_platform.pipeline.inputs import MULTIDAY
from ecom_platform.pipeline.marts import MART_STEPS, MART_WHOLE_STEPS, MULTIDAY_STEP, PROFILE_STEPS
from ecom_platform.pipeline.model import PARTIAL_STEPS
from ecom_platform.pipeline.raw import contributors, find_candidates, ingest
from ecom_platform.pipeline.staleness import stale_dates
from ecom_platform.pipeline.whole_tables import WHOLE_STEPS
from ecom_platform_tests.ledger_in_small import rebuild_ledger
from ecom_platform_tests.platform_in_small import LONG_AFTER, STEPS
from ecom_platform_tests.samples import DAY, csv_line, csv_text, utc

if TYPE_CHECKING:
    from ecom_platform.pipeline.model.dimensions import Dimension
    from ecom_platform_tests.platform_in_small import SmallPlatform

DATES = tuple(DAY + dt.timedelta(days=number) for number in range(3))

DAILY_STEPS = {**PARTIAL_STEPS, **PROFILE_STEPS}
MARTS = {MULTIDAY: MULTIDAY_STEP, **MART_STEPS}

# The first date is open, the second has begun before it ends: rows may be a day ahead.
BEGIN = utc(f"{DAY} 22:30")


@dataclass(frozen=True)
class Delivery:
    """An object is put into landing, or a new version of it.

    Attributes:
        key: which object.
        lines: its lines; the same one may be there several times.
        zipped: as CSV.gz.
    """

    key: str
    lines: tuple[str, ...]
    zipped: bool


@dataclass(frozen=True)
class Run:
    """A run as the schedule, automation or a person starts it.

    Attributes:
        after: time that passes before it.
        dates: the dates that it rebuilds, one or a range; None for all.
        upto: how many tables after raw_events it rebuilds.
        reread: read all objects of its dates again.
    """

    after: dt.timedelta
    dates: tuple[dt.date, ...] | None
    upto: int
    reread: bool


Step = Delivery | Run

# Few different values, so that conflicts are frequent: several states of a product in one second,
# sessions over midnight and of several users, the same event in two spellings.
_MOMENTS = (
    f"{DATES[0]} 22:59:59 UTC",
    f"{DATES[0]} 23:59:59 UTC",
    f"{DATES[1]} 00:00:00 UTC",
    f"{DATES[1]} 00:00:00.5 UTC",
    f"{DATES[1]} 03:30:00+03:30",
    f"{DATES[1]} 12:30:15 UTC",
    f"{DATES[2]} 00:00:00 UTC",
)
_CATEGORIES = (
    {"category_id": "2053013555631882655", "category_code": "electronics.smartphone"},
    {"category_id": "2053013555631882656", "category_code": ""},
)
_MALFORMED = ("x", "", f"{DATES[0]} 23:00:00 UTC,view,none,1,,,1.00,11,s", f"{DATES[1]},view")


@st.composite
def lines(draw: st.DrawFn) -> str:
    """A line of the landing format; some are no event, some break a rule."""
    if draw(st.integers(0, 9)) == 9:
        return draw(st.sampled_from(_MALFORMED))
    return csv_line(
        {
            "event_time": draw(st.sampled_from(_MOMENTS)),
            "event_type": draw(st.sampled_from(["view", "purchase", "cart", "bought", ""])),
            "product_id": draw(st.sampled_from(["7", "8"])),
            **draw(st.sampled_from(_CATEGORIES)),
            "brand": draw(st.sampled_from(["samsung", "apple", ""])),
            "price": draw(st.sampled_from(["2.50", "2.5", "1.00", "0.00"])),
            "user_id": draw(st.sampled_from(["11", "12"])),
            "user_session": draw(st.sampled_from(["session-a", "session-b", ""])),
        }
    )


@st.composite
def histories(draw: st.DrawFn) -> list[Step]:
    """Deliveries of parts of one set of events, with runs between them."""
    events = draw(st.lists(lines(), min_size=1, max_size=8, unique=True))
    deliveries = st.builds(
        Delivery,
        key=st.sampled_from(["a", "b", "c/a"]),
        lines=st.lists(st.sampled_from(events), max_size=8).map(tuple),
        zipped=st.booleans(),
    )
    dates = st.none() | st.sampled_from([DATES[:1], DATES[1:2], DATES[2:], DATES[:2], DATES[1:]])
    runs = st.builds(
        Run,
        after=st.sampled_from([0, 1, 2, 5, 26, 100]).map(lambda hours: dt.timedelta(hours=hours)),
        dates=dates,
        upto=st.integers(0, len(STEPS) + 2),
        reread=st.booleans(),
    )
    groups = st.tuples(st.lists(deliveries, min_size=1, max_size=3), runs)
    return [
        step
        for delivered, run in draw(st.lists(groups, min_size=1, max_size=3))
        for step in (*delivered, run)
    ]


def delivered_lines(history: Iterable[Step]) -> Counter[str]:
    """How often each line lies in landing in the end: in the newest version of each object."""
    newest = {(s.key, s.zipped): s.lines for s in history if isinstance(s, Delivery)}
    return Counter(line for lines in newest.values() for line in lines)


def play(platform: SmallPlatform, history: Sequence[Step], *, marts: bool) -> None:
    """Let a history happen, and in the end, long after, a run that has time for everything.

    Args:
        platform: where.
        history: what happens.
        marts: whether runs get as far as the marts, which takes several times as long.
    """
    now = BEGIN
    for number, step in enumerate(history):
        if isinstance(step, Delivery):
            put(platform, step)
        else:
            now += step.after
            run(platform, f"run-{number}", now, step, marts=marts)
    settle(platform, marts=marts)


def put(platform: SmallPlatform, delivery: Delivery) -> None:
    """Put an object into landing."""
    content = csv_text(delivery.lines).encode()
    if delivery.zipped:
        platform.drop(f"{delivery.key}.csv.gz", content=gzip.compress(content, mtime=0))
    else:
        platform.drop(f"{delivery.key}.csv", content=content)


def run(
    platform: SmallPlatform, run_id: str, now: dt.datetime, how: Run, *, marts: bool = False
) -> None:
    """One run: pending objects first, then tables one after the other, as far as it goes."""
    lake, store = platform.lake, platform.store
    objects = {found.key: found for found in find_candidates(lake, store)}
    if how.reread:
        again = contributors(lake, store, how.dates or DATES)
        objects |= {found.key: found for found in again}
    ingest(lake, store, list(objects.values()), run_id, reread=how.reread)
    for table in list(STEPS)[: how.upto]:
        platform.rebuild(table, how.dates, now)
    if how.upto >= len(STEPS):
        rebuild_ledger(platform, now, how.dates)
    if how.upto > len(STEPS):
        for name, step in {**DAILY_STEPS, **(MARTS if marts else {})}.items():
            stale = stale_dates(lake, name, how.dates, now)
            list(step.rebuild_dates(platform.work, list(stale.values())))
    if how.upto > len(STEPS) + 1:
        # A table of all dates does not start from partials that are behind.
        with contextlib.suppress(InputsBehind):
            for whole in whole_steps(marts=marts).values():
                if slice_ := whole.find_stale(lake, now):
                    whole.rebuild(platform.work, slice_)


def whole_steps(*, marts: bool) -> dict[str, Dimension]:
    """The tables of all dates, with the marts or without."""
    return {n: step for n, step in WHOLE_STEPS.items() if marts or n not in MART_WHOLE_STEPS}


def settle(platform: SmallPlatform, *, marts: bool) -> None:
    """A run over everything, when every date has long ended."""
    everything = Run(dt.timedelta(), None, len(STEPS) + 2, reread=False)
    run(platform, "run-last", LONG_AFTER, everything, marts=marts)
