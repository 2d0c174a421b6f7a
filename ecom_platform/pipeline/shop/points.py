"""Judging the lake at a fixed point in the log of a database that goes on being written to.

Belongs here: what a look leaves to the next one, and the verdict. Not here: comparing as it is
(agreement.py), what single rows were at a moment (histories.py).

The lake is behind the shop. What a look finds to differ is kept, with the point at which the shop
was seen; when the lake has come past that point, it is held against the lake as of the point.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from heapq import nsmallest
from typing import TYPE_CHECKING

from ecom_platform.contracts.oltp import CURRENT_OLTP
from ecom_platform.lake.audit import Finding, listed
from ecom_platform.lake.awaited_rows import Awaited
from ecom_platform.landing.dms.keys import parse_key
from ecom_platform.pipeline.shop.agreement import compare
from ecom_platform.pipeline.shop.fold import changes_of, find_stale_table
from ecom_platform.pipeline.shop.histories import histories, key_digest, newest_commit

if TYPE_CHECKING:
    from ecom_platform.lake.lake import Lake
    from ecom_platform.pipeline.shop.agreement import Comparison, ShopDatabase

AGREES = "agrees_with_the_shop"
# When a commit of this much later has arrived, everything up to a point has: by default DMS writes
# files of changes every minute, table by table.
ARRIVED_AFTER = dt.timedelta(minutes=15)
# The check looks once a day; what the second look cannot judge either is no usual delay.
LONGEST_WAIT = dt.timedelta(hours=20)
# More rows are not kept. Which are is as good as drawn by lot, and drawn anew at every point.
MOST_AWAITED = 10_000


def look(lake: Lake, shop: ShopDatabase, table: str) -> Finding:
    """Compare a table as it is now, and judge it at the newest point at which that is possible.

    What differs now, and is not later than the point, is recorded for the next look.

    Args:
        lake: the lake.
        shop: the shop's database at one point; it is the one that the next look judges.
        table: the shop's table.

    Raises:
        PublishConflict: another look at the table was recorded at the same time.
    """
    kept = lake.awaited_rows.of(table)
    finding, awaited = _Look(lake, shop, table).judge(kept)
    if kept or awaited:
        lake.awaited_rows.replace(table, awaited)
    return finding


@dataclass(frozen=True)
class _Look:
    """One look at one table: the shop at one point, and the lake."""

    lake: Lake
    shop: ShopDatabase
    table: str

    def judge(self, kept: Awaited | None) -> tuple[Finding, Awaited | None]:
        """The verdict, and what the next look is to judge.

        Args:
            kept: what the look before this one left to be judged.
        """
        fresh = self._differing_now()
        if not fresh.rows:
            return self._finding(f"agrees at {_named(fresh)}"), None
        if kept is None:
            return self._unjudged(fresh), fresh
        if self._is_loaded_since(kept):
            left = replace(fresh, awaited_from=kept.awaited_from)
            return self._unjudged(left), left
        # Asked before the rows are looked at: what arrives meanwhile must not count as missed.
        is_past = self._newest_commit >= kept.point_at + ARRIVED_AFTER and self._is_folded
        left, keys = self._unlike(kept)
        if not left.rows:
            said = f"agrees at {_named(kept)}; rows of {_named(fresh)} are judged at the next look"
            return self._finding(said), fresh
        if is_past:
            said = f"differs at {_named(left)}: {self._faults(left, keys)}"
            return self._finding(said, missed=len(left.rows)), fresh
        return self._unjudged(left, keys), left

    @cached_property
    def _comparison(self) -> Comparison:
        return compare(self.lake, self.shop, self.table)

    @cached_property
    def _newest_commit(self) -> dt.datetime:
        return newest_commit(self.lake)

    @cached_property
    def _is_folded(self) -> bool:
        return find_stale_table(self.lake, self.table) is None

    def _differing_now(self) -> Awaited:
        """The rows that differ, but for those that the shop has changed since its point."""
        point, point_at = self.shop.point, self.shop.point_at
        rows = {
            (date, key_digest(point, key)): in_shop
            for date, keys in self._comparison.differing.items()
            for key, (in_shop, _) in keys.items()
        }
        unlike, _ = self._unlike(Awaited(point, point_at, point_at, rows))
        kept = nsmallest(MOST_AWAITED, unlike.rows.items(), key=lambda row: row[0][1])
        return replace(unlike, rows=dict(kept))

    def _unlike(self, awaited: Awaited) -> tuple[Awaited, dict[str, str]]:
        """What the lake did not hold as of a point, and keys by their digests."""
        if not awaited.rows:
            return awaited, {}
        digests = {digest for _, digest in awaited.rows}
        seen = histories(self.lake, self.table, awaited.point, digests, awaited.point_at)
        unlike = {
            (date, digest): in_shop
            for (date, digest), in_shop in awaited.rows.items()
            if not (
                seen[digest].may_have_been(date, in_shop) if digest in seen else in_shop is None
            )
        }
        return replace(awaited, rows=unlike), {digest: one.key for digest, one in seen.items()}

    def _is_loaded_since(self, kept: Awaited) -> bool:
        """Whether a full load was written after a point: then it tells what was later as well."""
        objects = changes_of(self.lake, self.table).objects
        loads = [o for o in objects if (key := parse_key(o.source_object)) and key.is_full_load]
        return any(o.modified_at > kept.point_at for o in loads)

    def _unjudged(self, left: Awaited, keys: Mapping[str, str] | None = None) -> Finding:
        """The finding of a point that the lake has not come past; a failure if that lasts."""
        name = CURRENT_OLTP[self.table].name
        behind = f"the lake has the log up to {_time(self._newest_commit)}"
        behind += "" if self._is_folded else f", and {name} is not folded from all of it"
        said = f"{behind}; the point is {_named(left)}; {len(left.rows):,} rows differ there"
        if self.shop.point_at - left.awaited_from <= LONGEST_WAIT:
            return self._finding(f"not judged yet: {said}", judged=False)
        told = self._faults(left, keys or {})
        return self._finding(
            f"not judged since {_time(left.awaited_from)}: {said}: {told}. See whether the "
            "replication task runs, and shop_changes_job after it",
            missed=len(left.rows),
            judged=False,
        )

    def _faults(self, left: Awaited, keys: Mapping[str, str]) -> str:
        """The rows, by the names of their keys; keys that only the shop knows are asked for."""
        names = dict(keys)
        for date in {date for date, digest in left.rows if digest not in names}:
            names |= {
                key_digest(left.point, k): k for k in self.shop.checksums_by_key(self.table, date)
            }
        return listed(
            sorted(
                f"{date} {names.get(digest, 'of a key that neither holds any more')}"
                for date, digest in left.rows
            )
        )

    def _finding(self, message: str, *, missed: int = 0, judged: bool = True) -> Finding:
        comparison = self._comparison
        numbers = {
            "rows_in_shop": comparison.in_shop,
            "rows_in_lake": comparison.in_lake,
            "dates": comparison.dates,
            "rows_differing": sum(map(len, comparison.differing.values())),
            "rows_missed": missed,
            "judged": int(judged),
        }
        return Finding(AGREES, not missed, numbers, message, blocking=False)


def _named(awaited: Awaited) -> str:
    return f"{awaited.point} in the log ({_time(awaited.point_at)})"


def _time(moment: dt.datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
