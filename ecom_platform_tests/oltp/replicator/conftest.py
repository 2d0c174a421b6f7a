"""Replicators over a shop, and what their files say when they are applied in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ecom_platform.oltp.migrate import TABLES
from ecom_platform.oltp.replicator.options import BEST_FOR_THE_LAKE, DmsSettings
from ecom_platform.oltp.replicator.task import Replicator
from ecom_platform_tests.oltp.conftest import Ask

KEYS = {
    "brands": ("brand_id",),
    "categories": ("category_id",),
    "products": ("product_id",),
    "users": ("user_id",),
    "sessions": ("session_id", "user_id"),
    "events": ("event_id",),
}
Task = Callable[..., Replicator]


@pytest.fixture
def task(shop: str, tmp_path: Path) -> Iterator[Task]:
    """Makes replicators of the shop into the test's folder; slots go when the test ends."""
    made: list[Replicator] = []
    slot = "s_" + shop.rpartition("/")[2]

    def make(settings: DmsSettings = BEST_FOR_THE_LAKE, **options: Any) -> Replicator:
        made.append(Replicator(shop, tmp_path, settings, slot=slot, **options))
        return made[-1]

    yield make
    for each in made:
        each.close()
    last = Replicator(shop, tmp_path, BEST_FOR_THE_LAKE, slot=slot)
    last._source.drop_slot()
    last.close()


def written(folder: Path, table: str) -> list[dict[str, Any]]:
    """All rows of a table's Parquet files, in the order of their names: the load first."""
    files = sorted((folder / "shop" / table).rglob("*.parquet"), key=_order)
    rows: list[dict[str, Any]] = []
    for file in files:
        cursor = duckdb.execute(
            "SELECT * FROM read_parquet(?, hive_partitioning = false)", [str(file)]
        )
        names = [column[0] for column in cursor.description]
        rows += [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return rows


def folded(folder: Path, table: str) -> list[str]:
    """What a table is after all its files, row by row as text."""
    current: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in written(folder, table):
        key = tuple(row[column] for column in KEYS[table])
        if row["Op"] == "D":
            current.pop(key, None)
        else:
            current[key] = row
    beside = {"Op", "committed_at", "change_seq"}
    return sorted(
        repr(
            [
                str(value) if value is not None else None
                for name, value in row.items()
                if name not in beside
            ]
        )
        for row in current.values()
    )


def stored(url: str, table: str, ask: Ask) -> list[str]:
    """What a table is in the database, in the same form."""
    rows = ask(url, f"SELECT * FROM shop.{table}")
    return sorted(
        repr([str(value) if value is not None else None for value in row]) for row in rows
    )


def assert_same(folder: Path, url: str, ask: Ask) -> None:
    """The files, applied, are the database; every change is there once, in order."""
    for table in TABLES:
        assert folded(folder, table) == stored(url, table, ask), table
        sequences = [row["change_seq"] for row in written(folder, table) if row["change_seq"]]
        assert sequences == sorted(set(sequences)), table


def _order(path: Path) -> tuple[bool, str]:
    return not path.name.startswith("LOAD"), path.name
