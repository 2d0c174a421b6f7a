"""Lakes that grow by dates: bringing the marts of users up to date, and how each was made.

Belongs here: what tests of extended and of whole builds share. Not here: what they should find.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING

import pytest

from ecom_platform.pipeline.marts import MART_WHOLE_STEPS
from ecom_platform_tests.dimensions_in_small import rebuild_partials, rows_of
from ecom_platform_tests.marts_in_small import rebuild_multiday
from ecom_platform_tests.pipeline.marts.mart_recount import recount_marts
from ecom_platform_tests.pipeline.model.test_dimensions_recounted import dense_lines, objects_of
from ecom_platform_tests.platform_in_small import LONG_AFTER
from ecom_platform_tests.samples import DAY, Row, at, csv_text

if TYPE_CHECKING:
    from ecom_platform_tests.platform_in_small import SmallPlatform

MARTS = tuple(MART_WHOLE_STEPS)
DATES = tuple(DAY + dt.timedelta(days=number) for number in range(4))
_CRAWLED_IN_A_DATE = 60


def run(platform: SmallPlatform, *, multiday: bool = True) -> dict[str, str]:
    """From landing to the marts of users; how each of them that was stale was made."""
    bring_inputs_up_to_date(platform, multiday=multiday)
    return rebuild(platform)


def bring_inputs_up_to_date(platform: SmallPlatform, *, multiday: bool = True) -> None:
    platform.run()
    rebuild_partials(platform, only=["session_days"])
    if multiday:
        rebuild_multiday(platform)


def rebuild(platform: SmallPlatform, *, whole: bool = False) -> dict[str, str]:
    made = {}
    for name, step in MART_WHOLE_STEPS.items():
        if stale := step.find_stale(platform.lake, LONG_AFTER, rebuild=whole):
            made[name] = step.rebuild(platform.work, stale, whole=whole).how
    return made


def assert_extended(made: dict[str, str]) -> None:
    assert list(made) == list(MARTS)
    assert [how for how in made.values() if "added to what was published as of" not in how] == []


def assert_whole(made: dict[str, str], why: str, marts: Iterable[str] = MARTS) -> None:
    assert {name: made[name] for name in marts} == dict.fromkeys(marts, f"from all dates: {why}")


def contents(platform: SmallPlatform) -> dict[str, list[Row]]:
    return {name: rows_of(platform, name) for name in MARTS}


def assert_as_counted_whole(platform: SmallPlatform) -> None:
    found = contents(platform)
    rebuild(platform, whole=True)
    assert contents(platform) == found


def assert_agrees(platform: SmallPlatform) -> None:
    """Compare with DuckDB's recount of the text of the objects."""
    found, expected = contents(platform), recount_marts(objects_of(platform))
    for name in MARTS:
        assert len(found[name]) == len(expected[name])
        for row, other in zip(found[name], expected[name], strict=True):
            assert row == pytest.approx(other), name


def drop_date(platform: SmallPlatform, lines: list[str], date: dt.date) -> None:
    """Put an object with the lines of a date into landing."""
    platform.drop(f"{date}.csv", text=csv_text([line for line in lines if line[:10] == f"{date}"]))


def crawl(date: dt.date) -> list[Row]:
    """A session that crawls, of a user who does nothing else on that date."""
    return [
        {
            "event_time": f"{date} 23:{n // 60:02d}:{n % 60:02d} UTC",
            "user_id": 99,
            "product_id": n % 7 + 1,
            "user_session": "crawler",
        }
        for n in range(2 * _CRAWLED_IN_A_DATE)
    ]


def lines_by_date(seed: int, dates: int = 6) -> list[str]:
    """Lines that collide, over a Sunday and a Monday; some users come late, some go."""
    lines = dense_lines(150 * dates, seed=seed, days=dates)
    first = {f",{user}," for user in (3, 5, 8)}
    return [
        line
        for line in lines
        if not (line[:10] < f"{DATES[2]}" and any(user in line for user in first))
    ]


def visits(number: int, date: dt.date) -> list[Row]:
    """A session that goes on since the first date, a purchase, and a user who is new."""
    bought = {"user_id": 21, "user_session": f"b{number}", "event_type": "purchase"}
    return [
        at(number + 1, day=date),
        {**at(5, day=date), **bought},
        {**at(6, day=date), "user_id": 30 + number, "user_session": f"n{number}"},
    ]
