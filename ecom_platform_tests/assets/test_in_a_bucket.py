"""The jobs through Dagster, with landing and tables in a bucket: from an object to every layer."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import dagster as dg
import pytest

from ecom_platform.sensors import landing_events_sensor
from ecom_platform_tests.samples import DAY, at

if TYPE_CHECKING:
    from ecom_platform.settings import Settings
    from ecom_platform_tests.assets.conftest import Orchestrated
    from ecom_platform_tests.platform_in_small import SmallPlatform
    from ecom_platform_tests.s3_in_small import Bucket

pytestmark = [pytest.mark.s3, pytest.mark.parametrize("place", ["s3"], indirect=True)]

NEXT_DAY = DAY + dt.timedelta(days=1)


def test_what_lands_in_a_bucket_comes_through_the_jobs_to_the_dimensions(
    dagster: Orchestrated, platform: SmallPlatform, bucket: Bucket, settings: Settings
) -> None:
    bad = {**at(2), "user_session": ""}
    platform.drop("ä ö/a b.csv", at(1), at(1), bad, "no event", at(3, day=NEXT_DAY))
    assert asked_by_the_sensor(dagster)
    run = dagster.run(DAY, NEXT_DAY)
    assert run.success, run.failures
    told = {key[0]: value for key, value in run.materialized.items() if key[1] == str(DAY)}
    counted = {name: values["dagster/partition_row_count"] for name, values in told.items()}
    assert counted == {
        "raw_events": 3,
        "clean_events": 1,
        "rejected_events": 1,
        "fact_user_events": 1,
        "row_ledger": 2,
    }
    assert run.checks("fact_user_events", str(DAY))["row_count_reconciles"]
    assert all(run.checks("row_ledger", str(DAY)).values())
    assert not asked_by_the_sensor(dagster)
    daily = dagster.run(DAY, NEXT_DAY, job="dimensions_daily_job")
    assert daily.success, daily.failures
    assert len(platform.rows("dim_users")) == 1
    told = [
        str(entry)
        for run_of in (run, daily)
        for entry in dagster.instance.all_logs(run_of.result.run_id)
    ]
    told += [settings.model_dump_json(), str(settings), str(dagster.defs.resources)]
    assert bucket.name in "".join(told)
    for key in (bucket.server.secret_key, bucket.server.access_key):
        assert key not in "".join(told)
    # A new version of the object replaces what the old one brought, and nothing else.
    platform.drop("ä ö/a b.csv", at(1, 30), at(3, day=NEXT_DAY))
    assert asked_by_the_sensor(dagster)
    assert dagster.run(DAY).success
    assert [row["event_time"].minute for row in platform.rows("fact_user_events")] == [30, 0]
    assert platform.rows("rejected_events") == []
    assert "landing/events/ä ö/a b.csv" in bucket.listed()


def asked_by_the_sensor(dagster: Orchestrated) -> bool:
    """Whether the sensor, with the resources that Dagster would give it, asks for a run."""
    resources = {name: dagster.defs.resources[name] for name in ("lake", "landing")}
    with dg.build_sensor_context(resources=resources) as context:
        return isinstance(landing_events_sensor(context), dg.SensorResult)
