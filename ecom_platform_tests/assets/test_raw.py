"""raw_events in Dagster: pending objects of any date, told date by date."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from ecom_platform_tests.samples import DAY, at

if TYPE_CHECKING:
    from ecom_platform_tests.assets.conftest import Orchestrated
    from ecom_platform_tests.platform_in_small import SmallPlatform

RAW = "raw_events"
NEXT_DAY = DAY + dt.timedelta(days=1)
ONLY_RAW = [RAW]

# From the midnight that begins DAY to the first object of a test.
WRITTEN_AFTER = 30 * 86_400 + 1


def test_dates_outside_the_run_are_told_as_well(
    dagster: Orchestrated, platform: SmallPlatform
) -> None:
    far = dt.date(2019, 10, 1)
    platform.drop("a.csv", at(1), at(2), "x", {**at(1), "price": "dear"}, at(1, day=far))
    platform.drop("b.csv", text="no header")
    run = dagster.run(NEXT_DAY, only=ONLY_RAW)
    assert run.success
    told = run.materialized
    assert set(told) == {(RAW, "2020-04-01"), (RAW, "2020-04-02"), (RAW, "2019-10-01")}
    numbers = told[RAW, "2020-04-01"]
    assert numbers.pop("bytes") > 0
    assert numbers == {
        "dagster/partition_row_count": 2,
        "objects": 1,
        "rows_in": 2,
        "late": 0,
        "after_close": 2,
        "longest_delay_seconds": WRITTEN_AFTER - 3600,
        "malformed": 1,
    }
    assert told[RAW, "2019-10-01"]["dagster/partition_row_count"] == 1
    # The run's own date holds nothing; what the run did as a whole stands with it.
    assert told[RAW, "2020-04-02"] == {
        "dagster/partition_row_count": 0,
        "bytes": 0,
        "objects": 0,
        "rows_in": 0,
        "late": 0,
        "after_close": 0,
        "longest_delay_seconds": 0,
        "malformed": 0,
        "run_objects_ingested": 1,
        "run_objects_refused": 1,
        "run_rows_after_close": 3,
        "run_longest_delay_seconds": WRITTEN_AFTER - 3600 + 183 * 86_400,
        "run_malformed_undated": 1,
        "run_malformed_bad_price": 1,
        "run_malformed_field_count": 1,
    }


def test_a_date_that_is_no_partition_yet_is_ingested_and_told_to_nobody(
    dagster: Orchestrated, platform: SmallPlatform
) -> None:
    today = dt.datetime.now(tz=dt.UTC)
    tomorrow = today.date() + dt.timedelta(days=1)
    platform.drop("a.csv", at(0, day=tomorrow), written_at=today)
    run = dagster.run(DAY, only=ONLY_RAW)
    assert set(run.materialized) == {(RAW, "2020-04-01")}
    assert platform.values(RAW, "event_date") == [tomorrow]


def test_the_numbers_of_a_date_stay_when_a_run_brings_nothing(
    dagster: Orchestrated, platform: SmallPlatform
) -> None:
    platform.drop("a.csv", at(1), at(2))
    first = dagster.run(DAY, only=ONLY_RAW).materialized[RAW, "2020-04-01"]
    again = dagster.run(DAY, only=ONLY_RAW).materialized[RAW, "2020-04-01"]
    for name in ("dagster/partition_row_count", "bytes", "objects"):
        assert again[name] == first[name] > 0
    assert (again["rows_in"], again["run_objects_ingested"]) == (0, 0)


def test_objects_of_the_runs_dates_are_read_again_on_demand(
    dagster: Orchestrated, platform: SmallPlatform
) -> None:
    platform.drop("a.csv", at(1), at(1, day=NEXT_DAY))
    platform.drop("b.csv", at(2))
    platform.drop("c.csv", at(3, day=NEXT_DAY))
    dagster.run(DAY, only=ONLY_RAW)
    before = {file.path for file in platform.lake.table(RAW).files(where=None)}
    run = dagster.run(DAY, only=ONLY_RAW, config={RAW: {"reingest": True}})
    told = run.materialized
    assert told[RAW, "2020-04-01"]["run_objects_ingested"] == 2
    assert told[RAW, "2020-04-02"]["rows_in"] == 1
    assert len(platform.rows(RAW)) == 4
    untouched = before & platform.paths(RAW)
    assert len(untouched) == 1  # c.csv holds no row of that date


def test_reading_again_takes_what_is_pending_too(
    dagster: Orchestrated, platform: SmallPlatform
) -> None:
    platform.drop("a.csv", at(1))
    run = dagster.run(NEXT_DAY, only=ONLY_RAW, config={RAW: {"reingest": True}})
    assert run.materialized[RAW, "2020-04-01"]["rows_in"] == 1
