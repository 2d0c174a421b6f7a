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
from ecom_platform.contracts.marts.carts import FATES
from ecom_platform_tests.dimensions_in_small import rows_of
from ecom_platform_tests.marts_in_small import run_marts
from ecom_platform_tests.pipeline.marts.mart_recount import QUERIES, recount_marts
from ecom_platform_tests.pipeline.model.test_dimensions_recounted import dense_lines, objects_of
from ecom_platform_tests.samples import DAY, at, csv_text

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


def lines_of_two_weeks(count: int) -> list[str]:
    """As dense_lines: of two dates, and of the same weekdays a week later."""
    moved = {f"{DAY + dt.timedelta(days=n)}": f"{DAY + dt.timedelta(days=n + 5)}" for n in (2, 3)}
    lines = dense_lines(count)
    for date, later in moved.items():
        lines = [line.replace(date, later, 1) for line in lines]
    return lines


def test_where_everything_collides(platform: SmallPlatform) -> None:
    platform.drop("a.csv", text=csv_text(lines_of_two_weeks(900)))
    run_marts(platform)
    assert_agrees(platform)
    rows = {table: rows_of(platform, table) for table in QUERIES}
    # The sample holds what it is for.
    assert any(r["strict_purchase_count"] < r["loose_purchase_count"] for r in rows["mart_funnel"])
    assert any(row["difference_count"] > 0 for row in rows["mart_sessions"])
    assert all(sum(row[fate] for row in rows["mart_carts"]) > 0 for fate in FATES.values())
    assert any(row["rank_change"] not in (None, 0) for row in rows["mart_sales"])
    assert any(row["price_change"] not in (None, 0) for row in rows["mart_prices"])
    assert any(row["event_change"] for row in rows["mart_activity"])
    assert any(row["week_number"] == 1 for row in rows["mart_cohorts"])
    assert {row["monetary_score"] for row in rows["mart_users"]} == {1, 2, 3, 4, 5}


def test_crawlers_are_counted_among_all_and_not_among_people(platform: SmallPlatform) -> None:
    crawl = [
        {
            "event_time": f"{DAY} 23:{58 + n // 60}:{n % 60:02d} UTC",
            "user_id": 99,
            "product_id": n % 7,
        }
        for n in range(1, 119)
        if n % 7
    ]
    crawl += [{"event_time": f"{NEXT_DAY} 00:00:0{n} UTC", "user_id": 99} for n in range(5)]
    people = [{**at(12), "user_id": n, "product_id": 1} for n in range(1, 121) if n != 99]
    platform.drop("a.csv", *crawl, *people)
    run_marts(platform)
    assert_agrees(platform)
    products = rows_of(platform, "mart_products")
    assert any(row["least_converting_rank"] == 1 for row in products)
    (user,) = [row for row in rows_of(platform, "mart_users") if row["is_crawler_like"]]
    assert user["user_id"] == 99
    cohorts = {
        row["traffic"]: row["cohort_user_count"] for row in rows_of(platform, "mart_cohorts")
    }
    assert cohorts == {"all": 120, "human": 120}


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
    for table in ("funnel_days", "session_length_days", "mart_sales", "mart_products"):
        assert rebuilt[table] == [NEXT_DAY]
    assert NEXT_DAY in rebuilt["mart_funnel"]
    assert_agrees(platform)
    assert not any(run_marts(platform).values())
