"""Whether the shop's database and the lake hold the same rows: sums by date, then row by row.

Belongs here: comparing the two as they are. Not here: counting either (checksums.py, and oltp/ on
the shop's side), what may be on its way (points.py), bringing both to one point in the log.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import pyarrow as pa

from ecom_platform.contracts.oltp import SHOP_TABLES
from ecom_platform.pipeline.shop.checksums import DATE_OF, Sums, checksums_by_key, sums_by_date
from ecom_platform.pipeline.shop.privacy import PROFILE_COLUMNS

if TYPE_CHECKING:
    from ecom_platform.lake.lake import Lake
    from ecom_platform.settings import Settings


class ShopDatabase(Protocol):
    """The shop's database as it was at one point in its log.

    Attributes:
        point: the place in the log.
        point_at: the database's own time there.
    """

    point: str
    point_at: dt.datetime

    def sums_by_date(self, table: str) -> Sums:
        """Rows and checksum of a table by date; the date of tables without one is `all`."""

    def checksums_by_key(self, table: str, date: str) -> dict[str, int]:
        """The checksum of every row of a date, by its key as text."""


# Opens the database, given what `tables_to_check` tells of the tables.
OpenShop = Callable[[Sequence[Mapping[str, Any]]], AbstractContextManager[ShopDatabase]]


@dataclass(frozen=True)
class Comparison:
    """A table, compared.

    Attributes:
        table: the shop's table.
        in_shop, in_lake: rows.
        dates: how many dates were compared.
        differing: of rows that differ, by date and key, the checksum in the shop and in the lake;
            None where there is no such row.
    """

    table: str
    in_shop: int
    in_lake: int
    dates: int
    differing: Mapping[str, Mapping[str, tuple[int | None, int | None]]]

    def faults(self, date: str) -> list[str]:
        """The rows of a date that differ, in words: `key: what is wrong`."""
        wrong = {(True, False): "only in the lake", (False, True): "only in the shop"}
        return [
            f"{key}: {wrong.get((shop is None, lake is None), 'other values')}"
            for key, (shop, lake) in sorted(self.differing[date].items())
        ]


def tables_to_check(settings: Settings) -> list[dict[str, Any]]:
    """What the shop's side needs to know to count as the lake does, table by table.

    The names are those of `CheckedTable` there. Profiles are compared as the hashes that the lake
    holds.
    """
    key = settings.profile_key.get_secret_value() if settings.profile_key else ""
    found = []
    for name, table in SHOP_TABLES.items():
        hidden = () if settings.plain_profiles else PROFILE_COLUMNS.get(name, ())
        columns = []
        for field in table.schema:
            is_time = pa.types.is_timestamp(field.type)
            kind = "time" if is_time else "hidden" if field.name in hidden else "plain"
            columns.append((field.name, kind))
        described = {"name": name, "columns": columns, "key": table.key, "date": DATE_OF.get(name)}
        found.append({**described, "hash_key": key.encode()})
    return found


def compare(lake: Lake, shop: ShopDatabase, table: str) -> Comparison:
    """Compare one table: sums by date, and the rows of dates whose sums differ.

    Args:
        lake: the lake.
        shop: the shop's database.
        table: the shop's table.
    """
    there, here = shop.sums_by_date(table), sums_by_date(lake, table)
    dates = sorted(there.keys() | here.keys())
    differing = {}
    for date in dates:
        if there.get(date) != here.get(date):
            theirs = shop.checksums_by_key(table, date)
            ours = checksums_by_key(lake, table, date)
            differing[date] = {
                key: (theirs.get(key), ours.get(key))
                for key in theirs.keys() | ours.keys()
                if theirs.get(key) != ours.get(key)
            }
    rows = [sum(count for count, _ in side.values()) for side in (there, here)]
    return Comparison(table, rows[0], rows[1], len(dates), differing)
