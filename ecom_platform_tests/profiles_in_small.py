"""The profile in small: bringing counted values and profiles of a small platform up to date.

Belongs here: driving their steps by hand. Not here: what they should hold.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from ecom_platform.pipeline.marts import PROFILE_LAKE_STEP, PROFILE_STEPS
from ecom_platform.pipeline.staleness import stale_dates
from ecom_platform_tests.platform_in_small import LONG_AFTER

if TYPE_CHECKING:
    from ecom_platform.pipeline.slice_build import Rebuilt
    from ecom_platform_tests.platform_in_small import SmallPlatform


def rebuild_profiles(
    platform: SmallPlatform, now: dt.datetime = LONG_AFTER
) -> dict[str, list[dt.date]]:
    """Rebuild the stale dates of value_days and eda_profile; which they were, by table."""
    rebuilt = {}
    for name, step in PROFILE_STEPS.items():
        stale = stale_dates(platform.lake, name, None, now)
        for slice_ in stale.values():
            step.rebuild(platform.work, slice_)
        rebuilt[name] = list(stale)
    return rebuilt


def rebuild_lake_profile(platform: SmallPlatform, now: dt.datetime = LONG_AFTER) -> Rebuilt | None:
    """Rebuild eda_profile_lake if it is stale."""
    stale = PROFILE_LAKE_STEP.find_stale(platform.lake, now)
    return PROFILE_LAKE_STEP.rebuild(platform.work, stale) if stale else None
