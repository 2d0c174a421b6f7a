"""The page as a browser shows it: no error, no request, numbers that are those of the marts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ecom_platform.lake.lake import Lake
from ecom_platform.lake.sql import connect
from ecom_platform.settings import load_settings
from ecom_platform_tests.dashboard_in_small import (
    day,
    looking,
    publish_facts,
    publish_rows,
    record,
    steps,
    written,
)

DAYS, LOST = 14, 5
HOSTILE = (
    "</script><script>window.taken = true</script><img src=x onerror='window.taken = true'>@data@"
)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Two weeks of the funnel; on the sixth day the purchases were lost."""
    folder = tmp_path_factory.mktemp("shop")
    lake = Lake(load_settings(lake=str(folder), minimum_rows=10_000, _env_file=None))
    publish_facts(lake, DAYS, lost_on=LOST)
    rows = []
    for number in range(DAYS):
        count, bought = 1000 + number, 50 + number
        rows.append(steps(number, count, bought))
        rows.append(steps(number, count - 100, bought, traffic="human"))
        rows.append(steps(number, 300, 7, breakdown="category_level_1", breakdown_value="toys"))
        rows.append(steps(number, 200, 3, breakdown="brand", breakdown_value=HOSTILE))
        rows.append(steps(number, 500, 5, breakdown="brand", breakdown_value="lego"))
    publish_rows(lake, "mart_funnel", rows)
    return lake


@pytest.fixture(scope="module")
def page(shop: Lake, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(shop, tmp_path_factory.mktemp("page"))


def test_a_page_needs_nothing_but_itself_in_any_section_width_and_colour(
    page: Path, chromium: Any
) -> None:
    for width, scheme in ((1400, "light"), (390, "dark")):
        with looking(chromium, width, scheme) as looked:
            looked.open(page)
            sections = looked.page.eval_on_selector_all(
                "#nav a", "links => links.map(a => a.dataset.id)"
            )
            assert len(sections) == 11
            for section in sections:
                looked.page.click(f"#nav a[data-id={section}]")
                looked.drawn()
                assert looked.page.evaluate("document.activeElement.tagName") == "H2"
                wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
                assert not looked.page.evaluate(wide), (section, width)
            assert looked.complaints == []
            assert {url.split("#")[0] for url in looked.requests} <= {page.as_uri(), "about:blank"}
            theme = looked.page.get_attribute("html", "data-theme")
            looked.page.click("#theme")
            looked.drawn()
            assert looked.page.get_attribute("html", "data-theme") != theme == scheme


def test_numbers_are_those_of_the_mart_and_follow_the_filters(
    shop: Lake, page: Path, chromium: Any
) -> None:
    with looking(chromium) as looked:
        looked.open(page)
        # The last seven days are chosen at first.
        assert looked.tile("session_count") == sessions(shop, "breakdown = 'all'", 7, 13)
        looked.page.click("text=All >> nth=0")
        assert looked.tile("session_count") == sessions(shop, "breakdown = 'all'", 0, 13)
        assert looked.tile("conversion_rate") == pytest.approx(
            sum(range(50, 64)) / sum(range(1000, 1014))
        )
        looked.page.select_option("#traffic", "human")
        assert looked.tile("session_count") == sessions(shop, "breakdown = 'all'", 0, 13, "human")
        looked.page.select_option("#traffic", "all")
        looked.page.select_option("#brand", label="lego")
        assert looked.tile("session_count") == sessions(shop, "breakdown_value = 'lego'", 0, 13)
        # Nothing is published of a category and a brand at once: one choice ends the other.
        looked.page.select_option("#category", label="toys")
        assert looked.page.input_value("#brand") == "all|-1"
        looked.page.fill("#from", day(3).isoformat())
        looked.page.fill("#to", day(4).isoformat())
        assert looked.tile("session_count") == sessions(shop, "breakdown_value = 'toys'", 3, 4)
        # Events are not divided by category: their tile says so, and keeps the whole.
        assert looked.tile("event_count") == 40_000
        assert "Not divided by category" in looked.text("[data-metric=event_count]")
        address = looked.page.url
        looked.page.goto("about:blank")
        looked.page.goto(address)
        looked.drawn()
        assert looked.tile("session_count") == sessions(shop, "breakdown_value = 'toys'", 3, 4)


def sessions(lake: Lake, where: str, first: int, last: int, traffic: str = "all") -> int:
    with connect(lake) as connection:
        (found,) = connection.execute(
            f"SELECT SUM(unit_count) FROM mart_funnel WHERE {where} AND traffic = ? "
            "AND unit = 'session' AND event_date BETWEEN ? AND ?",
            [traffic, day(first), day(last)],
        ).fetchone() or (0,)
    return int(found)


def test_an_incomplete_day_is_hatched_and_compared_with_nothing(page: Path, chromium: Any) -> None:
    with looking(chromium) as looked:
        looked.open(page)
        hatched = "document.querySelectorAll('.chart [fill=\"url(#hatch)\"]').length"
        assert looked.page.evaluate(hatched) == 0
        # The seven days before them hold the day without purchases.
        assert f"No comparison: {day(LOST)} is incomplete" in looked.text(
            "[data-metric=session_count]"
        )
        looked.page.fill("#from", day(10).isoformat())
        assert "against" in looked.text("[data-metric=session_count]")
        looked.page.click("text=All >> nth=0")
        looked.drawn()
        charts = looked.page.locator(".chart svg").count()
        assert charts >= 3
        assert looked.page.evaluate(hatched) >= charts
        looked.page.click("#nav a[data-id=quality]")
        assert "2 purchase events where about 400 are usual" in looked.text()


def test_where_every_day_is_incomplete_their_numbers_are_still_there(
    lake: Lake, tmp_path: Path, chromium: Any
) -> None:
    publish_facts(lake, 1)
    record(lake, "fact_user_events", day(0), 9, {})
    publish_rows(lake, "mart_funnel", [steps(0, 10, 1)])
    with looking(chromium) as looked:
        looked.open(written(lake, tmp_path), "funnel")
        assert looked.complaints == []
        assert f"1 incomplete: {day(0)}" in looked.text("#selection")
        assert looked.page.get_attribute(".steps li >> nth=0", "data-count") == "10"
        # Of the three rates two can be told; they are points of their own, not a line.
        assert looked.page.locator(".mark-symbol path[fill=transparent]").count() == 3


def test_what_is_not_published_yet_is_named_and_nothing_is_drawn_for_it(
    page: Path, chromium: Any
) -> None:
    with looking(chromium) as looked:
        looked.open(page, "sales")
        assert "mart_sales is not published in this lake" in looked.text()
        assert looked.page.locator(".chart").count() == 0
        looked.page.click("#nav a[data-id=overview]")
        assert "Not published yet, and so without a tile: Revenue" in looked.text()
        assert looked.page.locator("[data-metric=revenue_usd]").count() == 0


def test_a_chart_without_a_value_is_a_sentence(lake: Lake, tmp_path: Path, chromium: Any) -> None:
    publish_facts(lake, 2)
    publish_rows(lake, "mart_activity", [{"event_date": day(number)} for number in range(2)])
    with looking(chromium) as looked:
        looked.open(written(lake, tmp_path), "activity")
        assert looked.complaints == []
        assert looked.text().count("No day of the selection has a value") == 1


def test_a_name_is_shown_and_never_run(page: Path, chromium: Any) -> None:
    with looking(chromium) as looked:
        looked.open(page, "funnel")
        looked.page.select_option("#brand", label=HOSTILE)
        looked.drawn()
        assert HOSTILE in looked.text("#selection")
        assert HOSTILE in looked.text()
        looked.page.reload()
        looked.drawn()
        assert HOSTILE in looked.text("#selection")
        assert looked.page.evaluate("window.taken") is None
        assert looked.complaints == []


def test_whoever_does_not_see_the_charts_has_words_and_tables(page: Path, chromium: Any) -> None:
    with looking(chromium) as looked:
        looked.open(page)
        charts = looked.page.locator(".chart")
        for number in range(charts.count()):
            assert "highest" in (charts.nth(number).get_attribute("aria-label") or "")
            assert charts.nth(number).get_attribute("role") == "img"
        assert looked.page.locator("details table").count() == charts.count()
        for landmark in ("header", "nav", "main", "footer"):
            assert looked.page.locator(landmark).count() == 1
        unnamed = """[...document.querySelectorAll('input, select, button, a')].filter(
            one => !(one.innerText || one.labels?.length || one.getAttribute('aria-label')))"""
        assert looked.page.evaluate(f"{unnamed}.length") == 0
        looked.page.keyboard.press("Tab")
        assert looked.page.evaluate("document.activeElement.className") == "skip"
        looked.page.focus("#nav a[data-id=funnel]")
        looked.page.keyboard.press("Enter")
        looked.drawn()
        assert looked.page.inner_text("h2") == "Funnel"


def test_a_lake_without_events_gives_a_page_that_says_so(
    lake: Lake, tmp_path: Path, chromium: Any
) -> None:
    page = written(lake, tmp_path)
    with looking(chromium) as looked:
        looked.page.goto(page.as_uri())
        assert "Nothing is published in this lake yet" in looked.text()
        assert looked.complaints == []
