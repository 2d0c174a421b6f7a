"""The row ledger in small: bringing it up to date by hand, and reading what it says.

Belongs here: driving its steps and adding up its rows. Not here: what it should say.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ecom_platform.contracts.row_ledger import COUNT_COLUMNS
from ecom_platform.pipeline.ledger.dates import rebuild_row_ledger
from ecom_platform.pipeline.ledger.undated import rebuild_undated
from ecom_platform.pipeline.staleness import stale_dates
from ecom_platform_tests.platform_in_small import LONG_AFTER
from ecom_platform_tests.samples import DAY, at

if TYPE_CHECKING:
    from ecom_platform.pipeline.slice_build import Rebuilt
    from ecom_platform_tests.platform_in_small import SmallPlatform

LEDGER = "row_ledger"
NEXT_DAY = DAY + dt.timedelta(days=1)
FREE = {"price": "0.00"}
NO_SESSION = {"user_session": ""}
WISH = {"event_type": "wish"}


def fill(platform: SmallPlatform) -> None:
    """Two objects that repeat themselves and each other, with every kind of bad row."""
    platform.drop(
        "a.csv",
        at(1),
        at(1),
        {**at(1), "brand": "", "category_code": ""},
        {**at(2), **FREE},
        {**at(2), **NO_SESSION},
        {**at(2), **WISH},
        {**at(3), "price": "dear"},
        "no,event",
        at(5, day=NEXT_DAY),
    )
    platform.drop(
        "b.csv",
        at(1),
        {**at(1), "brand": "", "category_code": ""},
        {**at(2), **FREE},
        at(4),
        at(5, day=NEXT_DAY),
    )


def rebuild_ledger(
    platform: SmallPlatform,
    now: dt.datetime = LONG_AFTER,
    dates: Iterable[dt.date] | None = None,
) -> list[Rebuilt]:
    """Count every stale date, or those of some, and the lines without one; what was rebuilt."""
    stale = stale_dates(platform.lake, LEDGER, dates, now)
    rebuilt = [rebuild_row_ledger(platform.work, slice_) for slice_ in stale.values()]
    rebuild_undated(platform.work)
    return rebuilt


def run_all(platform: SmallPlatform, now: dt.datetime = LONG_AFTER) -> list[Rebuilt]:
    """From landing to the ledger; what was rebuilt of it."""
    platform.run(now)
    return rebuild_ledger(platform, now)


def accounts(platform: SmallPlatform, *by: str) -> dict[Any, dict[str, int]]:
    """What the ledger says, added up by some of its columns; counts that are 0 are left out."""
    sums: dict[Any, Counter[str]] = {}
    for row in platform.rows(LEDGER):
        key = tuple(row[name] for name in by)
        counts = sums.setdefault(key[0] if len(by) == 1 else key, Counter())
        counts.update({name.removesuffix("_count"): row[name] for name in COUNT_COLUMNS})
    return {key: {name: n for name, n in sorted(c.items()) if n} for key, c in sums.items()}


def account(platform: SmallPlatform) -> dict[str, int]:
    """What the ledger says of all lines together."""
    return accounts(platform)[()]
