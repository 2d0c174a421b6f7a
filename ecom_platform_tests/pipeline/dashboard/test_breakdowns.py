"""Sections that divide: products beside sessions, devices and channels, places of leaders.

What is divided once already cannot follow a category or a brand, and says so.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from ecom_platform.lake.lake import Lake
from ecom_platform.settings import load_settings
from ecom_platform_tests.dashboard_in_small import (
    Looked,
    day,
    looking,
    publish_facts,
    publish_rows,
    steps,
    written,
)

if TYPE_CHECKING:
    from pathlib import Path

    from ecom_platform_tests.samples import Row

DAYS, LOST = 15, 5


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fifteen days; on the sixth the purchases were lost. Two devices, two channels, two brands."""
    folder = tmp_path_factory.mktemp("shop")
    lake = Lake(load_settings(lake=str(folder), minimum_rows=10_000, _env_file=None))
    publish_facts(lake, DAYS, lost_on=LOST)
    publish_rows(lake, "mart_funnel", [row for number in range(DAYS) for row in funnel(number)])
    publish_rows(lake, "mart_sessions", [row for number in range(DAYS) for row in lengths(number)])
    publish_rows(lake, "mart_sales", [row for number in range(DAYS) for row in sold(number)])
    return written(lake, folder / "page")


def by(breakdown: str, value: str) -> Row:
    return {"breakdown": breakdown, "breakdown_value": value}


def funnel(number: int) -> list[Row]:
    products = {"unit": "product_session", "loose_cart_count": 30, "strict_cart_count": 20}
    products |= {"loose_purchase_count": 6, "strict_purchase_count": 4}
    toys = by("category_level_1", "toys")
    return [
        steps(number, 100, 5),
        steps(number, 200, 8, **products),
        steps(number, 50, 2, **toys),
        steps(number, 60, 3, **toys, **products),
        steps(number, 70, 4, **by("device_type", "mobile")),
        steps(number, 30, 1, **by("device_type", "desktop")),
        # Nobody buys who comes from there: it is to be seen all the same.
        steps(number, 90, 0, **by("source_channel", "banner")),
        steps(number, 10, 5, **by("source_channel", "direct")),
    ]


def lengths(number: int) -> list[Row]:
    def cut(sessions: int, seconds: int, **row: object) -> Row:
        counted = {"session_count": sessions, "event_count": 4 * sessions, "bounce_count": 1}
        lasting = {"duration_seconds": sessions * seconds, "median_seconds": seconds + number}
        return {"event_date": day(number), **counted, **lasting, "p95_seconds": 9 * seconds, **row}

    mobile = by("device_type", "mobile")
    return [
        cut(100, 60),
        cut(110, 30, cut="silence"),
        cut(70, 40, **mobile),
        cut(77, 20, cut="silence", **mobile),
    ]


def sold(number: int) -> list[Row]:
    """`a` leads at first, `b` in the second week."""
    revenue = {"a": 90, "b": 60} if number < 8 else {"a": 60, "b": 90}
    order = sorted(revenue, key=lambda brand: -revenue[brand])
    rows = [
        {
            **by("brand", brand),
            "revenue_usd": Decimal(revenue[brand]),
            "buyer_count": 7,
            "revenue_rank": place,
            "rank_change": {"a": -1, "b": 1}[brand] if number >= 8 else None,
        }
        for place, brand in enumerate(order, 1)
    ]
    whole = by("all", "all"), by("category_level_1", "toys")
    rows += [{**one, "revenue_usd": Decimal(150)} for one in whole]
    return [{"event_date": day(number), **row} for row in rows]


def test_products_of_sessions_stand_beside_sessions(page: Path, chromium: Any) -> None:
    with looking(chromium) as looked:
        looked.open(page, "funnel")
        assert steps_of(looked, "Sessions, in order") == [700, 70, 0]
        assert steps_of(looked, "Products of sessions, in order") == [1400, 140, 28]
        assert steps_of(looked, "Products of sessions, in any order") == [1400, 210, 42]
        rates = table(looked, "Rates")
        assert rates["Products of sessions, in order"] == [
            *("1,400", "10.0 %", "20.0 %", "2.00 %"),
            "4.00 %",
        ]
        assert rates["Products of sessions, in any order"][1:4] == ["15.0 %", "20.0 %", "3.00 %"]
        looked.page.select_option("#category", label="toys")
        looked.drawn()
        assert steps_of(looked, "Products of sessions, in order") == [420, 140, 28]


def steps_of(looked: Looked, panel: str) -> list[int]:
    items = looked.page.locator(f"section[aria-label='{panel}'] .steps li").all()
    return [int(item.get_attribute("data-count") or -1) for item in items]


def table(looked: Looked, panel: str, keys: int = 1) -> dict[str, list[str]]:
    """The rows of a panel's table by their first cells."""
    rows = looked.page.locator(f"section[aria-label='{panel}'] > .scroll tbody tr").all()
    cells = [row.locator("th, td").all_inner_texts() for row in rows]
    return {", ".join(row[:keys]): [text.strip() for text in row[keys:]] for row in cells}


def test_devices_and_channels_stand_also_where_nothing_is_sold(page: Path, chromium: Any) -> None:
    with looking(chromium) as looked:
        looked.open(page, "funnel")
        assert table(looked, "By device")["mobile"][:3] == ["490", "28", "5.71 %"]
        assert list(table(looked, "By channel")) == ["banner", "direct"]
        assert table(looked, "By channel")["banner"][:3] == ["630", "0", "0.00 %"]
        assert "Not divided by" not in looked.text("section[aria-label='By device']")
        looked.page.select_option("#category", label="toys")
        assert table(looked, "By device")["mobile"][:2] == ["490", "28"]
        assert "Not divided by category" in looked.text("section[aria-label='By device']")
        assert "Not divided by" not in looked.text("section[aria-label='By main category']")


def test_a_percentile_is_that_of_a_day_and_never_of_several(page: Path, chromium: Any) -> None:
    with looking(chromium) as looked:
        looked.open(page, "sessions")
        assert f"of {day(14)}, the last complete day" in looked.text(
            "section[aria-label='By device']"
        )
        found = table(looked, "By device", keys=2)
        assert found["mobile, by the given id"] == [
            *("490", "–", "4.00", "1.43 %"),
            *("40 s", "54 s", "6 min 00 s"),
        ]
        assert found["mobile, cut at 30 minutes of silence"][:2] == ["539", "+10.0 %"]
        both = table(looked, "Two ways to cut")
        assert both["by the given id"][4:6] == ["1 min 00 s", "1 min 14 s"]
        # An incomplete day stands for nothing.
        looked.page.fill("#from", day(LOST).isoformat())
        looked.page.fill("#to", day(LOST).isoformat())
        assert "* Of no day" in looked.text("section[aria-label='By device']")
        assert table(looked, "By device", keys=2)["mobile, by the given id"][-2:] == ["–", "–"]


def test_places_and_what_they_gained_are_those_of_the_mart(page: Path, chromium: Any) -> None:
    with looking(chromium) as looked:
        looked.open(page, "sales")
        assert table(looked, f"Brands on {day(14)}") == {
            "b": ["1", "▲ 1", "$90.00", "1", "7", "$90.00"],
            "a": ["2", "▼ 1", "$60.00", "1", "7", "$60.00"],
        }
        # Against the seven days before, in which the purchases of one were lost.
        assert "No change is shown" in looked.text("section[aria-label='Brands']")
        looked.page.fill("#from", day(10).isoformat())
        looked.drawn()
        assert {name: row[:2] for name, row in table(looked, "Brands").items()} == {
            "b": ["1", "–"],
            "a": ["2", "–"],
        }
        looked.page.fill("#from", day(11).isoformat())
        looked.drawn()
        # Days 11 to 14 against 7 to 10: `b` led in both.
        assert {name: row[:2] for name, row in table(looked, "Brands").items()} == {
            "b": ["1", "±0"],
            "a": ["2", "±0"],
        }
        looked.page.fill("#to", day(12).isoformat())
        looked.page.fill("#from", day(12).isoformat())
        # A week before, a day was incomplete: the mart knows a change, the page shows none.
        looked.drawn()
        assert {row[1] for row in table(looked, f"Brands on {day(12)}").values()} == {"–"}
