"""A real shop and a lake that follows it: histories of both, and whether they agree in the end.

Belongs here: what can happen to the two, and comparing them. Not here: which histories are tried.
"""

from __future__ import annotations

import csv
import datetime as dt
import shutil
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecom_platform.contracts.oltp import SHOP_TABLES
from ecom_platform.lake.lake import Lake
from ecom_platform.landing.stores import open_landing
from ecom_platform.oltp.connection import connect
from ecom_platform.oltp.replicator.options import BEST_FOR_THE_LAKE
from ecom_platform.oltp.replicator.task import Replicator
from ecom_platform.oltp.simulate import simulate
from ecom_platform.pipeline.slice_build import Workplace
from ecom_platform.settings import load_settings
from ecom_platform_tests.platform_in_small import Drop, SmallPlatform
from ecom_platform_tests.samples import HEADER
from ecom_platform_tests.shop_in_small import SmallShop

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# The nine columns of the files as text, put together from the tables as the database holds them.
LINES = """
WITH RECURSIVE paths AS (
    SELECT category_id, category_name::text AS path FROM shop.categories WHERE parent_id IS NULL
    UNION ALL
    SELECT below.category_id, paths.path || '.' || below.category_name
    FROM shop.categories AS below JOIN paths ON below.parent_id = paths.category_id
)
SELECT regexp_replace(to_char(event_time, 'YYYY-MM-DD HH24:MI:SS.US'), '[.]0+$', '') || ' UTC',
    event_type::text, product_id::text, category_id::text, path, brand_name, events.price::text,
    user_id::text, session_id::text
FROM shop.events JOIN shop.products USING (product_id) JOIN paths USING (category_id)
LEFT JOIN shop.brands USING (brand_id)
"""
_OF_THE_SHOP = ("event_id", "device_type", "source_channel")


def small_platform(folder: Path, spark: SparkSession) -> SmallPlatform:
    """A lake of its own in a folder."""
    settings = load_settings(lake=str(folder), plain_profiles=True, _env_file=None)
    lake = Lake(settings)
    work = Workplace(lake, lambda: spark, "run-1")
    return SmallPlatform(lake, open_landing(settings), work, Drop(settings.landing_path))


def replicator_of(url: str, landing: Path) -> Replicator:
    """A replicator of a database into a folder of landing, with a slot of its own."""
    slot = "s_" + url.rpartition("/")[2]
    return Replicator(url, landing, BEST_FOR_THE_LAKE, slot=slot)


@dataclass
class LivingShop:
    """A database, a replicator of it, and a lake.

    Attributes:
        url: address of the database.
        folder: where lakes are made.
        spark: the engine.
    """

    url: str
    folder: Path
    spark: SparkSession
    lives: int = field(default=0)

    def __post_init__(self) -> None:
        self.platform = small_platform(self.folder / "lake", self.spark)
        self.shop = SmallShop(self.platform)
        self.landing = self.platform.lake.settings.landing_path / "dms"

    def replicator(self) -> Replicator:
        return replicator_of(self.url, self.landing)

    def act(self, what: str, how_much: int = 1) -> None:
        """Let something happen: live, flush, reload, repeat, rewrite, fold."""
        getattr(self, what)(how_much)

    def live(self, transactions: int) -> None:
        self.lives += 1
        simulate(self.url, transactions=transactions, seed=self.lives)

    def flush(self, _: int = 1) -> None:
        """A replicator starts, writes what happened, and ends."""
        with closing(self.replicator()) as task:
            task.start()
            task.flush_all()

    def reload(self, _: int = 1) -> None:
        with closing(self.replicator()) as task:
            task.start(reload=True)

    def repeat(self, number: int) -> None:
        """A file of changes comes once more, under a later name, as after a restart of DMS."""
        files = sorted(path for path in self.landing.rglob("2*.parquet"))
        if files:
            path = files[number % len(files)]
            shutil.copy(path, path.with_name(f"29990101-0000000{number:02d}.parquet"))

    def fold(self, _: int = 1) -> None:
        self.shop.feed()

    def end(self) -> None:
        """Everything arrives; the slot is given back."""
        self.flush()
        self.fold()
        with closing(self.replicator()) as task:
            task._source.drop_slot()

    def tables(self) -> dict[str, tuple[list[str], list[str]]]:
        """Every table as the database and as the lake hold it, in one form."""
        found = {}
        with connect(self.url) as connection:
            for table, contract in SHOP_TABLES.items():
                columns = contract.schema.names
                query = f"SELECT {', '.join(columns)} FROM shop.{table}"
                there = _texts(connection.execute(query).fetchall())
                rows = self.shop.current(table)
                found[table] = there, _texts([[row[name] for name in columns] for row in rows])
        return found

    def facts(self) -> tuple[list[str], list[str]]:
        """The fact as it comes from the tables, and from the same events as lines of a file."""
        other = small_platform(self.folder / "lake of files", self.spark)
        path = other.lake.settings.landing_path / "events" / "all.csv"
        path.parent.mkdir(parents=True)
        with connect(self.url) as connection, path.open("w", newline="") as stream:
            stream.write(f"{HEADER}\n")
            csv.writer(stream, lineterminator="\n").writerows(connection.execute(LINES).fetchall())
        other.ingest()
        later = dt.datetime.now(tz=dt.UTC) + dt.timedelta(days=2)
        found = []
        for platform in (self.platform, other):
            for table in ("clean_events", "fact_user_events"):
                platform.rebuild(table, now=later)
            rows = platform.rows("fact_user_events")
            found.append(
                sorted(
                    repr({n: v for n, v in row.items() if n not in _OF_THE_SHOP}) for row in rows
                )
            )
        return found[0], found[1]


def _texts(rows: list[Any]) -> list[str]:
    return sorted(
        repr([None if v is None else str(v).removesuffix("+00:00") for v in row]) for row in rows
    )
