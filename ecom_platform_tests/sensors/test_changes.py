"""The sensor of the shop's changes, and the events that wait in the shop's tables."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import dagster as dg
import pytest

from ecom_platform.pipeline.backlog import find_backlog
from ecom_platform.sensors.changes import landing_dms_sensor
from ecom_platform.sensors.landing import landing_events_sensor
from ecom_platform.sensors.overdue import REBUILDS
from ecom_platform_tests.platform_in_small import LONG_AFTER
from ecom_platform_tests.samples import utc
from ecom_platform_tests.shop_in_small import LOAD, SmallShop

if TYPE_CHECKING:
    from ecom_platform_tests.platform_in_small import SmallPlatform


@pytest.fixture
def shop(platform: SmallPlatform) -> SmallShop:
    return SmallShop(platform)


def tick(sensor: dg.SensorDefinition, shop: SmallShop, cursor: str | None = None) -> Any:
    platform = shop.platform
    context = dg.build_sensor_context(
        cursor=cursor, resources={"lake": platform.lake, "landing": platform.store}
    )
    return sensor(context)


def test_files_of_dms_are_asked_for_once_until_they_are_read(shop: SmallShop) -> None:
    assert tick(landing_dms_sensor, shop).skip_message == "nothing new"
    shop.drop("brands", LOAD, "1,a")
    asked = tick(landing_dms_sensor, shop)
    assert len(asked.run_requests) == 1
    assert tick(landing_dms_sensor, shop, asked.cursor).skip_message is not None
    shop.drop("brands", "20200415-100000000.csv", "U,1,b")
    assert len(tick(landing_dms_sensor, shop, asked.cursor).run_requests) == 1
    shop.run()
    assert tick(landing_dms_sensor, shop).skip_message == "nothing new"


def test_a_file_that_may_still_be_written_is_left_alone(shop: SmallShop) -> None:
    shop.drop("brands", LOAD, "1,a", written_at=dt.datetime.now(tz=dt.UTC))
    assert "1 may still be written" in tick(landing_dms_sensor, shop).skip_message


def test_files_below_events_are_not_its_business(shop: SmallShop) -> None:
    shop.platform.drop("a.csv", {})
    assert tick(landing_dms_sensor, shop).skip_message == "nothing new"


def test_events_in_the_shops_tables_call_for_the_hourly_run(shop: SmallShop) -> None:
    shop.drop_all()
    shop.drop("events", "20200415-110000000.csv", "I,2,NULL,9,7,view,2020-04-15 10:30:00,5.20")
    assert tick(landing_events_sensor, shop).skip_message == "nothing new"
    shop.run()
    assert len(tick(landing_events_sensor, shop).run_requests) == 1
    shop.feed()
    assert tick(landing_events_sensor, shop).skip_message == "nothing new"


def test_a_table_that_was_not_folded_is_in_the_backlog(shop: SmallShop) -> None:
    assert find_backlog(shop.platform.lake, LONG_AFTER) == []
    shop.drop("brands", LOAD, "1,a", written_at=utc("2020-04-15 09:00"))
    shop.ingest()
    (waiting,) = find_backlog(shop.platform.lake, LONG_AFTER)
    assert (waiting.table, waiting.event_date) == ("oltp_brands", None)
    (job,) = [rebuild.job_name for rebuild in REBUILDS if waiting.table in rebuild.tables]
    assert job == "shop_changes_job"
    shop.fold()
    assert find_backlog(shop.platform.lake, LONG_AFTER) == []
