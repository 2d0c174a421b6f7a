"""Every dimension, row for row and column for column, against a recount of the same lines.

The recount is DuckDB's, from the text of the objects: its own duplicates, rules and sums.
"""

from __future__ import annotations

import datetime as dt
import random
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from ecom_platform.generator import GeneratorConfig, generate
from ecom_platform_tests.dimensions_in_small import DIMENSIONS, all_rows, run_all
from ecom_platform_tests.pipeline.model.recount import recount
from ecom_platform_tests.samples import DAY, csv_line, csv_text

if TYPE_CHECKING:
    from ecom_platform_tests.platform_in_small import SmallPlatform

SECONDS = [0, 1, *range(3600, 86400, 3600), 86398, 86399]


def dense_lines(count: int, seed: int = 7, days: int = 4) -> list[str]:
    """Lines of few users, products, sessions and seconds, so that all of them collide.

    Sessions last over midnight, products change back and forth, within a second too, and are
    bought several times; a part is repeated, has no session, costs nothing, is of no known type.
    """
    chance = random.Random(seed)
    lines: list[str] = []
    for _ in range(count):
        if lines and chance.random() < 0.05:
            lines.append(chance.choice(lines))
            continue
        moment = dt.datetime.combine(DAY, dt.time()) + dt.timedelta(
            days=chance.randrange(days), seconds=chance.choice(SECONDS)
        )
        product = chance.randrange(1, 13)
        steady = product > 6  # half of the products never change
        lines.append(
            csv_line(
                {
                    "event_time": f"{moment:%Y-%m-%d %H:%M:%S} UTC",
                    "event_type": chance.choice(
                        ["view"] * 6 + ["cart", "remove_from_cart", "purchase", "purchase", "wish"]
                    ),
                    "product_id": product,
                    "category_id": 7 if steady else chance.choice([7, 8]),
                    "category_code": "" if product % 3 == 0 else chance.choice(["a.b", "c"]),
                    "brand": "acme" if steady else chance.choice(["", "acme", "zoo"]),
                    "price": "5.10" if steady else chance.choice(["9.99", "0.05", "10.00", "0"]),
                    "user_id": chance.randrange(1, 21),
                    "user_session": chance.choice(["", "s1", "s2", "s3", "s4", "s5", "s6"]),
                }
            )
        )
    return lines


def objects_of(platform: SmallPlatform) -> list[Path]:
    return sorted((platform.lake.settings.landing_path / "events").iterdir())


def assert_agrees(platform: SmallPlatform) -> None:
    expected, found = recount(objects_of(platform)), all_rows(platform)
    for table in DIMENSIONS:
        assert len(found[table]) == len(expected[table]) > 0, table
        for row, other in zip(found[table], expected[table], strict=True):
            assert row == other, table


def test_where_everything_collides(platform: SmallPlatform) -> None:
    platform.drop("a.csv", text=csv_text(dense_lines(900)))
    run_all(platform)
    assert_agrees(platform)
    rows = all_rows(platform)
    users, products, versions = (rows[table] for table in DIMENSIONS)
    # The sample holds what it is for.
    assert max(row["active_days"] for row in users) == 4
    assert min(row["session_count"] for row in users) < 6
    assert any(row["buyer_count"] < row["purchase_count"] for row in products)
    assert any(row["lowest_price"] < row["price"] < row["highest_price"] for row in products)
    assert any(row["category_level_1"] == "unknown" for row in products)
    assert len(versions) > 5 * len(products)


def test_the_same_lines_in_other_objects_and_another_order_of_arrival(
    platform: SmallPlatform,
) -> None:
    lines = dense_lines(400, days=2)
    random.Random(1).shuffle(lines)
    platform.drop("z.csv", text=csv_text(lines[150:]))
    run_all(platform)
    platform.drop("b.csv", text=csv_text(lines[:100]))
    platform.drop("a.csv", text=csv_text(lines[50:250]))
    run_all(platform)
    assert_agrees(platform)
    found = all_rows(platform)
    for path in objects_of(platform):
        path.unlink()
    platform.drop("all.csv", text=csv_text(lines))
    expected = recount(objects_of(platform))
    assert found == expected


def test_generated_events_of_three_dates(platform: SmallPlatform) -> None:
    config = GeneratorConfig(start=DAY, end=DAY + dt.timedelta(days=2), rows=6_000, split="day")
    generate(config, platform.lake.settings.landing_path / "events")
    run_all(platform)
    assert_agrees(platform)


def test_real_rows(platform: SmallPlatform, real_rows: Path) -> None:
    target = platform.lake.settings.landing_path / "events" / "2019-Oct.csv"
    target.parent.mkdir(parents=True)
    shutil.copy2(real_rows, target)
    run_all(platform)
    assert_agrees(platform)


def test_late_lines_change_the_rows_that_they_touch_and_no_others(
    platform: SmallPlatform,
) -> None:
    lines = dense_lines(300, days=3)
    late = [line for line in lines if line.startswith(f"{DAY + dt.timedelta(days=1)}")][::20]
    platform.drop("on_time.csv", text=csv_text([line for line in lines if line not in late]))
    run_all(platform)
    before = all_rows(platform)
    platform.drop("late.csv", text=csv_text(late))
    rebuilt = run_all(platform)
    assert all(rebuilt.values())
    assert_agrees(platform)
    after = all_rows(platform)
    fields = [line.split(",") for line in late]
    touched = {"user_id": {int(f[7]) for f in fields}, "product_id": {int(f[2]) for f in fields}}
    for table in DIMENSIONS:
        key = "user_id" if table == "dim_users" else "product_id"
        untouched = [
            [row for row in rows[table] if row[key] not in touched[key]] for rows in (before, after)
        ]
        assert untouched[0] == untouched[1], table
    assert before["dim_users"] != after["dim_users"]
    assert before["dim_products"] != after["dim_products"]
