"""The marts in small: bringing the marts of a small platform up to date.

Belongs here: driving their steps by hand. Not here: what they should hold.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from ecom_platform.pipeline.inputs import MULTIDAY
from ecom_platform.pipeline.marts import MART_STEPS, MART_WHOLE_STEPS, MULTIDAY_STEP
from ecom_platform.pipeline.outcomes import Refused
from ecom_platform.pipeline.staleness import stale_dates
from ecom_platform_tests.dimensions_in_small import rebuild_partials
from ecom_platform_tests.platform_in_small import LONG_AFTER

if TYPE_CHECKING:
    from ecom_platform.pipeline.outcomes import Outcome
    from ecom_platform_tests.platform_in_small import SmallPlatform

NEEDED = ("session_days", "product_version_days")


def rebuild_multiday(platform: SmallPlatform, now: dt.datetime = LONG_AFTER) -> list[dt.date]:
    """Look for sessions of several dates, if need be; the dates that were rebuilt."""
    stale = stale_dates(platform.lake, MULTIDAY, None, now)
    outcomes = MULTIDAY_STEP.rebuild_dates(platform.work, list(stale.values()))
    return [rebuilt(outcome) for outcome in outcomes]


def rebuild_marts(
    platform: SmallPlatform, now: dt.datetime = LONG_AFTER
) -> dict[str, list[dt.date]]:
    """Rebuild the stale dates of marts; which they were, by table."""
    done = {}
    for name, mart in MART_STEPS.items():
        stale = stale_dates(platform.lake, name, None, now)
        outcomes = mart.rebuild_dates(platform.work, list(stale.values()))
        done[name] = [rebuilt(outcome) for outcome in outcomes]
    return done


def run_marts(platform: SmallPlatform, now: dt.datetime = LONG_AFTER) -> dict[str, list[dt.date]]:
    """From landing to the marts; the dates that were rebuilt, by table."""
    platform.run(now)
    rebuild_partials(platform, now, only=NEEDED)
    multiday = rebuild_multiday(platform, now)
    dated = rebuild_marts(platform, now)
    for mart in MART_WHOLE_STEPS.values():
        if stale := mart.find_stale(platform.lake, now):
            mart.rebuild(platform.work, stale)
    return {MULTIDAY: multiday, **dated}


def rebuilt(outcome: Outcome) -> dt.date:
    """The date of an outcome that is no refusal."""
    if isinstance(outcome, Refused):
        raise outcome.reason
    return outcome.slice_.event_date
