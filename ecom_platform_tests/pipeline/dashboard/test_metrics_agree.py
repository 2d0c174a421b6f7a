"""One number a metric: from the fact, from every mart that holds it, and on the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ecom_platform.contracts.clean import EVENT_TYPES
from ecom_platform.contracts.metrics import METRICS
from ecom_platform.lake.sql import connect
from ecom_platform.pipeline.dashboard.collect import collect
from ecom_platform_tests.dashboard_in_small import NOW
from ecom_platform_tests.marts_in_small import run_marts
from ecom_platform_tests.pipeline.marts.test_marts_recounted import lines_of_two_weeks
from ecom_platform_tests.samples import at, csv_text

if TYPE_CHECKING:
    import duckdb

    from ecom_platform.contracts.metric import Metric, Place
    from ecom_platform_tests.platform_in_small import SmallPlatform


def at_place(connection: duckdb.DuckDBPyConnection, metric: Metric, place: Place) -> Any:
    """A metric over all dates; of what is exact for its date, by date."""
    where = f"WHERE {place.condition}" if place.rows else ""
    if metric.is_additive or place.over:
        sql = f"SELECT {metric.at(place)} FROM {place.table} {where}"
        (found,) = connection.execute(sql).fetchone() or (None,)
        return float(found)
    sql = f"SELECT event_date, {metric.at(place)} FROM {place.table} {where}"
    return {str(date): value for date, value in connection.execute(sql).fetchall()}


def on_page(page: dict[str, Any], metric: Metric) -> Any:
    """The same from the numbers of the page, added up as its scripts do."""
    told = page["metrics"][metric.name]
    cube = page["cubes"][told["cube"]]
    arrays = cube["series"][f"all|{told['part']}|all|0"]

    def numbers(name: str) -> list[Any]:
        return list(arrays[cube["measures"].index(name)])

    if told["over"]:
        return sum(numbers(told["measure"])) / sum(numbers(told["over"]))
    if told["additive"]:
        return float(sum(numbers(told["measure"])))
    by_date = zip(page["dates"], numbers(told["measure"]), strict=True)
    return {date: value for date, value in by_date if value is not None}


def test_a_metric_is_the_same_number_wherever_it_appears(platform: SmallPlatform) -> None:
    # Chance alone brings no product through all steps, in order, in one session.
    steps = enumerate(("view", "cart", "purchase"))
    straight = [{**at(12, n), "event_type": step, "user_id": 901} for n, step in steps]
    platform.drop("a.csv", text=csv_text([*lines_of_two_weeks(600), *straight]))
    run_marts(platform)
    page = collect(platform.lake, NOW, lambda *_: {})
    recounted = 0
    with connect(platform.lake) as connection:
        for metric in METRICS.values():
            reference = at_place(connection, metric, metric.reference)
            assert reference, metric.name
            for place in metric.places[1:]:
                assert at_place(connection, metric, place) == reference, (metric.name, place)
            assert on_page(page, metric) == pytest.approx(reference), metric.name
            if metric.from_fact:
                (counted,) = connection.execute(metric.from_fact).fetchone() or (None,)
                assert float(counted) == reference, metric.name
                recounted += 1
    assert recounted >= 10
    assert_parts_add_up(page)


def assert_parts_add_up(page: dict[str, Any]) -> None:
    """What the page reads part by part, as it names them, is the whole."""

    def total(cube: str, parts: list[str], measures: list[str]) -> int:
        found = page["cubes"][cube]
        keys = [f"all|{part}|all|0" for part in parts]
        assert {key for key in found["series"] if key.startswith("all|")} <= set(keys), cube
        places = [found["measures"].index(name) for name in measures]
        return sum(sum(found["series"][k][p]) for k in keys if k in found["series"] for p in places)

    hours = [str(hour) for hour in range(24)]
    carted = sum(page["cubes"]["carts"]["series"]["all||all|0"][0])
    assert carted == total("cart_hours", hours, ["carted_count"]) > 0
    events = sum(page["cubes"]["events"]["series"]["all||all|0"][0])
    assert events == total("activity", list(EVENT_TYPES), hours) > 0
