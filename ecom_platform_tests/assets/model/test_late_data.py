"""Automation of partials and dimensions: late data reach them, the open day does not."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import dagster as dg
import pytest

from ecom_platform_tests.dimensions_in_small import DIMENSIONS, PARTIALS
from ecom_platform_tests.samples import DAY, at, utc

if TYPE_CHECKING:
    from ecom_platform_tests.assets.conftest import Orchestrated
    from ecom_platform_tests.platform_in_small import SmallPlatform

TODAY = DAY + dt.timedelta(days=20)
YESTERDAY = TODAY - dt.timedelta(days=1)
OF_FACT = tuple(name for name in PARTIALS if name != "product_version_days")
EVENTS = ("raw_events", "clean_events", "rejected_events", "fact_user_events")


class Daemon:
    """The automation sensor's evaluations, one after the other, on the day TODAY."""

    def __init__(self, dagster: Orchestrated) -> None:
        self._dagster = dagster
        self._cursor: dg.AssetDaemonCursor | None = None  # type: ignore[name-defined]
        self.now = utc(f"{TODAY} 12:00")

    def requested(self) -> dict[str, set[str | None]]:
        """What the next evaluation asks for of partials and dimensions: partitions by asset."""
        self.now += dt.timedelta(minutes=1)
        result = dg.evaluate_automation_conditions(
            defs=self._dagster.defs,
            instance=self._dagster.instance,
            cursor=self._cursor,
            evaluation_time=self.now,
        )
        self._cursor = result.cursor
        names = (*PARTIALS, *DIMENSIONS)
        asked = {name: set(result.get_requested_partitions(dg.AssetKey(name))) for name in names}
        return {name: keys for name, keys in asked.items() if keys}

    def updated(self, *tables: str, date: dt.date | None = None) -> None:
        """Tell Dagster that tables were published."""
        for table in tables:
            event = dg.AssetMaterialization(table, partition=date.isoformat() if date else None)
            self._dagster.instance.report_runless_asset_event(event)


@pytest.fixture
def daemon(dagster: Orchestrated) -> Daemon:
    """A daemon that has looked before: what was there is not new."""
    daemon = Daemon(dagster)
    daemon.updated(*EVENTS, date=DAY)
    daemon.updated(*PARTIALS, date=DAY)
    daemon.updated(*DIMENSIONS)
    assert daemon.requested() == {}
    return daemon


def asked_for(names: tuple[str, ...], date: dt.date | None) -> dict[str, set[str | None]]:
    return {name: {date.isoformat() if date else None} for name in names}


def test_a_fact_that_changed_late_rebuilds_the_partials_of_its_date_and_then_the_dimensions(
    daemon: Daemon,
) -> None:
    daemon.updated("fact_user_events", date=DAY)
    # Not the dimensions: they would be refused while the partials are behind.
    assert daemon.requested() == asked_for(OF_FACT, DAY)
    daemon.updated(*OF_FACT, date=DAY)
    assert daemon.requested() == asked_for(("dim_users", "dim_products"), None)
    daemon.updated("dim_users", "dim_products")
    assert daemon.requested() == {}


def test_clean_events_that_changed_rebuild_the_versions(daemon: Daemon) -> None:
    daemon.updated("clean_events", date=DAY)
    assert daemon.requested() == asked_for(("product_version_days",), DAY)
    daemon.updated("product_version_days", date=DAY)
    assert daemon.requested() == asked_for(("dim_products", "dim_product_versions"), None)


def test_an_old_date_that_was_never_built_is_built(daemon: Daemon) -> None:
    daemon.updated(*EVENTS, date=DAY + dt.timedelta(days=3))
    assert daemon.requested() == asked_for(PARTIALS, DAY + dt.timedelta(days=3))


def test_the_open_day_is_left_alone_and_left_to_the_night_when_it_has_ended(
    daemon: Daemon,
) -> None:
    daemon.updated(*EVENTS, date=TODAY)
    assert daemon.requested() == {}
    daemon.now = utc(f"{TODAY + dt.timedelta(days=1)} 00:30")
    daemon.updated(*EVENTS, date=TODAY)
    assert daemon.requested() == {}
    # The night has built it; rows that come later still correct it.
    daemon.updated(*PARTIALS, date=TODAY)
    assert set(daemon.requested()) == set(DIMENSIONS)
    daemon.updated(*DIMENSIONS)
    daemon.now = utc(f"{TODAY + dt.timedelta(days=1)} 02:30")
    daemon.updated("fact_user_events", date=TODAY)
    assert daemon.requested() == asked_for(OF_FACT, TODAY)


def test_a_date_that_the_night_has_missed_is_built_a_day_later(daemon: Daemon) -> None:
    daemon.updated(*EVENTS, date=YESTERDAY)
    assert daemon.requested() == {}
    daemon.now = utc(f"{TODAY + dt.timedelta(days=1)} 12:00")
    assert daemon.requested() == asked_for(PARTIALS, YESTERDAY)


def test_a_run_of_the_daily_job_asks_for_nothing_more(
    daemon: Daemon, dagster: Orchestrated, platform: SmallPlatform
) -> None:
    platform.drop("a.csv", at(1))
    platform.run()
    daemon.updated(*EVENTS, date=DAY)
    assert daemon.requested() == asked_for(PARTIALS, DAY)
    assert dagster.run(DAY, job="dimensions_daily_job").success
    assert daemon.requested() == {}
