"""The shop's database as a test says it is, without a server.

Belongs here: stand-ins that a lake can be compared with. Not here: a real database (oltp/).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from ecom_platform.pipeline.shop.checksums import checksums_by_key
from ecom_platform_tests.samples import utc
from ecom_platform_tests.shop_in_small import SmallShop

NOON = utc("2020-04-15 12:00")


@dataclass
class SameDatabase:
    """A database of which a table holds what the lake does, but for some rows.

    Attributes:
        shop: the lake.
        instead: checksums of rows that differ, by key; None for one that the database has not.
        point: the place in its log.
        point_at: its time there.
    """

    shop: SmallShop
    instead: dict[str, int | None] = field(default_factory=dict)
    point: str = "0/1"
    point_at: dt.datetime = NOON

    def sums_by_date(self, table: str) -> dict[str, tuple[int, int]]:
        rows = self.checksums_by_key(table, "all")
        return {"all": (len(rows), sum(rows.values()))} if rows else {}

    def checksums_by_key(self, table: str, date: str) -> dict[str, int]:
        rows = checksums_by_key(self.shop.platform.lake, table, date)
        changed = {**rows, **self.instead}
        return {key: value for key, value in changed.items() if value is not None}
