"""Every mart, row for row and column for column, against a recount of the same lines.

The recount is DuckDB's, from the text of the objects: its own duplicates, rules and sums.
"""

from __future__ import annotations

import datetime as dt
import random
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ecom_platform.contracts import TABLES
from ecom_platform_tests.dimensions_in_small import rows_of
from ecom_platform_tests.marts_in_small import run_marts
from ecom_platform_tests.pipeline.marts.mart_recount import QUERIES, recount_marts
from ecom_platform_tests.pipeline.model.test_dimensions_recounted import dense_lines, objects_of
from ecom_platform_tests.samples import DAY, csv_text

if TYPE_CHECKING:
    from ecom_platform_tests.platform_in_small import SmallPlatform

NEXT_DAY = DAY + dt.timedelta(days=1)


def assert_agrees(platform: SmallPlatform) -> None:
    expected = recount_marts(objects_of(platform))
    for table in QUERIES:
        found = rows_of(platform, table)
        key = TABLES[table].key
        assert [[row[name] for name in key] for row in found] == [
            [row[name] for name in key] for row in expected[table]
        ]
        for row, other in zip(found, expected[table], strict=True):
            assert row == pytest.approx(other), table


def test_where_everything_collides(platform: SmallPlatform) -> None:
    platform.drop("a.csv", text=csv_text(dense_lines(900)))
    run_marts(platform)
    assert_agrees(platform)
    funnel = rows_of(platform, "mart_funnel")
    assert any(row["strict_purchase_count"] < row["loose_purchase_count"] for row in funnel)


def test_real_rows(platform: SmallPlatform, real_rows: Path) -> None:
    target = platform.lake.settings.landing_path / "events" / "2019-Oct.csv"
    target.parent.mkdir(parents=True)
    shutil.copy2(real_rows, target)
    run_marts(platform)
    assert_agrees(platform)


def test_late_lines_rebuild_the_dates_whose_sessions_they_touch(platform: SmallPlatform) -> None:
    lines = dense_lines(300, days=3)
    late = [line for line in lines if line.startswith(f"{NEXT_DAY}")][::20]
    random.Random(1).shuffle(late)
    platform.drop("on_time.csv", text=csv_text([line for line in lines if line not in late]))
    run_marts(platform)
    platform.drop("late.csv", text=csv_text(late))
    rebuilt = run_marts(platform)
    assert rebuilt["funnel_days"] == [NEXT_DAY]
    assert NEXT_DAY in rebuilt["mart_funnel"]
    assert_agrees(platform)
    assert not any(run_marts(platform).values())
