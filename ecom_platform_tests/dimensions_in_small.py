"""The dimensions in small: bringing partials and dimensions of a small platform up to date.

Belongs here: driving their steps by hand. Not here: what they should hold.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ecom_platform.contracts import TABLES
from ecom_platform.pipeline.model import DIMENSION_STEPS, PARTIAL_STEPS
from ecom_platform.pipeline.staleness import stale_dates
from ecom_platform_tests.platform_in_small import LONG_AFTER

if TYPE_CHECKING:
    from ecom_platform.pipeline.slice_build import Rebuilt
    from ecom_platform_tests.platform_in_small import SmallPlatform

PARTIALS = tuple(PARTIAL_STEPS)
DIMENSIONS = tuple(DIMENSION_STEPS)


def rebuild_partials(
    platform: SmallPlatform, now: dt.datetime = LONG_AFTER, only: Sequence[str] = PARTIALS
) -> dict[str, int]:
    """Rebuild the stale dates of partials; how many there were, by table."""
    rebuilt = {}
    for name in only:
        partial = PARTIAL_STEPS[name]
        stale = stale_dates(platform.lake, name, None, now)
        for slice_ in stale.values():
            partial.rebuild(platform.work, slice_)
        rebuilt[name] = len(stale)
    return rebuilt


def rebuild_dimension(
    platform: SmallPlatform, name: str, now: dt.datetime = LONG_AFTER
) -> Rebuilt | None:
    """Rebuild one dimension if it is stale."""
    dimension = DIMENSION_STEPS[name]
    stale = dimension.find_stale(platform.lake, now)
    return dimension.rebuild(platform.work, stale) if stale else None


def run_all(platform: SmallPlatform, now: dt.datetime = LONG_AFTER) -> dict[str, Rebuilt | None]:
    """From landing to the dimensions; what was rebuilt of the dimensions."""
    platform.run(now)
    rebuild_partials(platform, now)
    return {name: rebuild_dimension(platform, name, now) for name in DIMENSIONS}


def rows_of(platform: SmallPlatform, table: str) -> list[dict[str, Any]]:
    """The published rows in the order of their key, times without a zone."""
    rows = platform.rows(table)
    plain = [{name: _without_zone(value) for name, value in row.items()} for row in rows]
    return sorted(plain, key=lambda row: tuple(row[name] for name in TABLES[table].key))


def all_rows(platform: SmallPlatform) -> dict[str, list[dict[str, Any]]]:
    """The rows of every dimension."""
    return {name: rows_of(platform, name) for name in DIMENSIONS}


def _without_zone(value: Any) -> Any:
    return value.replace(tzinfo=None) if isinstance(value, dt.datetime) else value
