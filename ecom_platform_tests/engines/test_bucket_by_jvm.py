"""JVM Spark and a bucket: it has no client of S3, so files go through this machine."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ecom_platform.engines.session import open_session
from ecom_platform.lake.lake import Lake
from ecom_platform.landing.stores import open_landing
from ecom_platform.pipeline.slice_build import Workplace
from ecom_platform.settings import Settings
from ecom_platform_tests.engines.conftest import need_java
from ecom_platform_tests.ledger_in_small import account, run_all
from ecom_platform_tests.platform_in_small import SmallPlatform
from ecom_platform_tests.s3_in_small import BucketDrop
from ecom_platform_tests.samples import at
from ecom_platform_tests.trust.processes import ended, start

if TYPE_CHECKING:
    from ecom_platform_tests.s3_in_small import Bucket


def run_by_jvm(settings: Settings, told: Path) -> None:
    """From landing to the ledger in a process of its own: one process has one kind of session."""
    for variable in [name for name in os.environ if name.startswith("SPARK_")]:
        del os.environ[variable]  # where the tests' other sessions are
    lake = Lake(settings)
    assert lake.s3
    work = Workplace(lake, lambda: open_session("local"), "run-jvm")
    run_all(SmallPlatform(lake, open_landing(settings), work, BucketDrop(lake.s3)))
    told.write_text(json.dumps({"engine reads": lake.is_read_by_engine}))


@pytest.mark.java
@pytest.mark.s3
@pytest.mark.parametrize("place", ["s3"], indirect=True)
def test_jvm_spark_publishes_slices_in_a_bucket(
    platform: SmallPlatform, settings: Settings, bucket: Bucket, tmp_path: Path
) -> None:
    need_java()
    told = tmp_path / "told.json"
    platform.drop("a.csv", at(1), at(1), {**at(2), "user_session": ""}, at(3))
    child = start(run_by_jvm, settings.model_copy(update={"engine": "local"}), told)
    assert ended(child) == 0
    assert json.loads(told.read_text()) == {"engine reads": False}
    assert [row["event_time"].hour for row in platform.rows("fact_user_events")] == [1, 3]
    assert [row["event_time"].hour for row in platform.rows("rejected_events")] == [2]
    assert account(platform)["fact"] == 2
    files = bucket.listed("tables/fact_user_events/data/")
    assert files
    assert all(name.endswith(".parquet") for name in files), "only what was written, no marks"
