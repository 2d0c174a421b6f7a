"""However the same events arrive and are worked on, every table ends the same, row for row."""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, example, given, settings

from ecom_platform.pipeline.inputs import DATED_TABLES
from ecom_platform.pipeline.ledger.verdict import judge_ledger
from ecom_platform.pipeline.staleness import stale_dates
from ecom_platform.settings import load_settings
from ecom_platform_tests.ledger_in_small import accounts
from ecom_platform_tests.platform_in_small import LONG_AFTER
from ecom_platform_tests.samples import csv_line
from ecom_platform_tests.trust.contents import (
    assert_same,
    built_contents,
    contents_by_line,
    delivered_contents,
)
from ecom_platform_tests.trust.histories import (
    DATES,
    MARTS,
    Delivery,
    Run,
    Step,
    delivered_lines,
    histories,
    play,
    put,
    settle,
    whole_steps,
)
from ecom_platform_tests.trust.victims import OWN_ENGINE, open_platform

if TYPE_CHECKING:
    from ecom_platform.lake.lake import Lake
    from ecom_platform_tests.platform_in_small import SmallPlatform
    from ecom_platform_tests.s3_in_small import Bucket
    from ecom_platform_tests.trust.contents import Content

_HEADER_LINE = 1


_OF_EVENTS = ("clean", "rejected", "fact", "pending", "lost")

FOLDER = "a folder"

CHOSEN = settings(deadline=None, suppress_health_check=list(HealthCheck))

VIEW = csv_line({"event_time": f"{DATES[0]} 22:59:59 UTC"})
DEARER = csv_line({"event_time": f"{DATES[0]} 22:59:59 UTC", "price": "131.00"})
AFTER_MIDNIGHT = csv_line({"event_time": f"{DATES[1]} 00:00:00 UTC", "event_type": "purchase"})
LAST = csv_line({"event_time": f"{DATES[2]} 00:00:00 UTC", "brand": ""})
NO_SESSION = csv_line({"event_time": f"{DATES[1]} 00:00:00 UTC", "user_session": ""})


def hours(number: int) -> dt.timedelta:
    return dt.timedelta(hours=number)


# Whatever chance brings: conflicts of a second, a session over midnight, repetitions in one object
# and between objects, a new version that gives up a date, late objects, an hour of an open date.
EVERYTHING_AT_ONCE = [
    Delivery("a", (AFTER_MIDNIGHT, VIEW, VIEW, "x"), zipped=True),
    Run(hours(0), None, 2, reread=False),
    Delivery("b", (LAST, NO_SESSION, VIEW), zipped=False),
    Run(hours(1), DATES[1:], 1, reread=False),
    Run(hours(75), None, 4, reread=False),
    Delivery("b", (DEARER, NO_SESSION), zipped=False),
    Run(hours(0), DATES[:2], 4, reread=True),
    Delivery("c/a", (VIEW, AFTER_MIDNIGHT), zipped=False),
]


@example(history=EVERYTHING_AT_ONCE)
@settings(CHOSEN, max_examples=2, derandomize=True)
@given(history=histories())
def test_tables_do_not_depend_on_the_order_of_arrival(history: list[Step]) -> None:
    hold_to_one_ordered_load(history, marts=False)


@pytest.mark.s3
@pytest.mark.slow
def test_tables_in_a_bucket_do_not_depend_on_it_either(bucket: Bucket) -> None:
    hold_to_one_ordered_load(EVERYTHING_AT_ONCE, marts=False, place=bucket.lake)


@pytest.mark.s3
@pytest.mark.slow
@settings(CHOSEN, max_examples=25)
@given(history=histories())
def test_tables_in_a_bucket_do_not_depend_on_any_of_dozens_of_orders(
    bucket: Bucket, history: list[Step]
) -> None:
    hold_to_one_ordered_load(history, marts=True, place=bucket.lake)


@pytest.mark.slow
@settings(CHOSEN, max_examples=300)
@given(history=histories())
def test_tables_do_not_depend_on_any_of_hundreds_of_orders(history: list[Step]) -> None:
    hold_to_one_ordered_load(history, marts=True)


def hold_to_one_ordered_load(history: list[Step], *, marts: bool, place: str = FOLDER) -> None:
    """Compare what a history leaves with what its lines give when they come at once, in order.

    The lines come in order to a folder, wherever the history happens.
    """
    delivered = delivered_lines(history)
    ordered = tuple(sorted(delivered))
    built, by_line, fates = ordered_load(ordered, marts=marts)
    with a_platform(place) as platform:
        play(platform, history, marts=marts)
        assert_same(built_contents(platform.lake), built)
        expected = {
            table: {row: delivered[ordered[line - _HEADER_LINE - 1]] for line, row in rows.items()}
            for table, rows in by_line.items()
        }
        found = delivered_contents(platform.lake)
        assert found == expected
        assert fates_by_date(platform) == fates
        assert accounts(platform, "object_status")["current"].get("line", 0) == delivered.total()
        assert judge_ledger(platform.lake).is_complete
        assert_nothing_is_left(platform.lake, marts=marts)


@cache
def ordered_load(
    ordered: tuple[str, ...], *, marts: bool
) -> tuple[dict[str, Content], dict[str, dict[int, tuple[object, ...]]], dict[str, object]]:
    with a_platform() as platform:
        put(platform, Delivery("all", ordered, zipped=False))
        settle(platform, marts=marts)
        contents = built_contents(platform.lake), contents_by_line(platform.lake)
        return *contents, fates_by_date(platform)


def fates_by_date(platform: SmallPlatform) -> dict[str, object]:
    """What the row ledger says of events, by date; lines are delivered more often in a history."""
    said = accounts(platform, "event_date")
    return {
        str(date): {n: count for n, count in counts.items() if n.startswith(_OF_EVENTS)}
        for date, counts in said.items()
    }


def assert_nothing_is_left(lake: Lake, *, marts: bool) -> None:
    dated = [name for name in DATED_TABLES if marts or name not in MARTS]
    assert not any(stale_dates(lake, name, None, LONG_AFTER) for name in dated)
    whole = whole_steps(marts=marts)
    assert not [name for name, step in whole.items() if step.find_stale(lake, LONG_AFTER)]


@contextmanager
def a_platform(place: str = FOLDER) -> Iterator[SmallPlatform]:
    """A new platform, in a folder or below a place in a bucket."""
    folder = Path(tempfile.mkdtemp(prefix="ecom-order-"))
    try:
        chosen = load_settings(
            lake=str(folder / "lake") if place == FOLDER else f"{place}/{folder.name}",
            state=str(folder / "state"),
            start_date=dt.date(2019, 10, 1),
            _env_file=None,
        )
        platform = open_platform(chosen, OWN_ENGINE)
        yield platform
        platform.lake.catalog.close()
    finally:
        shutil.rmtree(folder)
