"""dim_users, to which dates are added, holds what counting all dates gives."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING

import pytest

from ecom_platform.contracts.model import DIM_USERS
from ecom_platform.contracts.oltp import CURRENT_OLTP
from ecom_platform.lake.audit import AuditFailed
from ecom_platform.pipeline.model import DIMENSION_STEPS
from ecom_platform.transforms.model.users import build_dim_users, extend_dim_users
from ecom_platform_tests.dimensions_in_small import rebuild_partials, rows_of
from ecom_platform_tests.pipeline.model.test_dimensions_recounted import (
    dense_lines,
    objects_of,
    recount,
)
from ecom_platform_tests.platform_in_small import LONG_AFTER
from ecom_platform_tests.samples import DAY, at, csv_text

if TYPE_CHECKING:
    from ecom_platform.lake.slices import StaleDate
    from ecom_platform_tests.platform_in_small import SmallPlatform

DATES = [DAY + dt.timedelta(days=number) for number in range(4)]
PARTIALS = ("session_days", "user_taste_days")
STEP = DIMENSION_STEPS["dim_users"]


def stale_after(platform: SmallPlatform, *, rebuild: bool = False) -> StaleDate:
    """From landing to the partials; what is then to be built."""
    platform.run()
    rebuild_partials(platform, only=PARTIALS)
    stale = STEP.find_stale(platform.lake, LONG_AFTER, rebuild=rebuild)
    assert stale
    return stale


@pytest.mark.parametrize(
    "seed", [7, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(8, 14))]
)
def test_users_of_a_lake_that_grows_by_dates_are_those_of_one_count(
    platform: SmallPlatform, seed: int
) -> None:
    lines, made = dense_lines(500, seed=seed), []
    # Two of them at once, and some users who do not come on the last date.
    for dates in (DATES[:1], DATES[1:3], DATES[3:]):
        keep = [line for line in lines if line[:10] in {f"{date}" for date in dates}]
        if dates == DATES[3:]:
            keep = [line for line in keep if len(line.split(",")[7]) == 1]  # users 1 to 9
        platform.drop(f"{dates[0]}.csv", text=csv_text(keep))
        made.append(STEP.rebuild(platform.work, stale_after(platform)).dates_added)
    assert made == [0, 2, 1]
    found = rows_of(platform, "dim_users")
    assert len({row["last_seen_at"].date() for row in found}) > 1
    assert found == recount(objects_of(platform))["dim_users"]
    STEP.rebuild(platform.work, stale_after(platform, rebuild=True), whole=True)
    assert rows_of(platform, "dim_users") == found


def test_profiles_are_those_of_now_whoever_came(platform: SmallPlatform) -> None:
    platform.drop("a.csv", {**at(1), "user_id": 1}, {**at(2), "user_id": 2})
    STEP.rebuild(platform.work, stale_after(platform))
    platform.drop("b.csv", {**at(1, day=DATES[1]), "user_id": 2})
    stale_after(platform)
    spark, schema = platform.work.spark, CURRENT_OLTP["users"].spark_schema
    empty = dict.fromkeys(schema.fieldNames())
    users = spark.createDataFrame(
        [{**empty, "user_id": n, "name": f"user {n}", "email": "x"} for n in (1, 2)],
        schema,
    )
    sessions, tastes = (
        spark.read.parquet(*sorted(platform.paths(partial))) for partial in PARTIALS
    )
    before = spark.read.parquet(*platform.paths("dim_users"))
    added = sessions.where(f"event_date = DATE '{DATES[1]}'")
    extended = extend_dim_users(before, added, sessions, tastes, DATES[1], users)
    whole = build_dim_users(sessions, tastes, DATES[1], users)
    assert extended.columns == DIM_USERS.column_names
    rows = sorted(extended.collect())
    assert rows == sorted(whole.collect())
    assert [row["name"] for row in rows] == ["user 1", "user 2"]


def test_wrong_counts_are_refused(platform: SmallPlatform) -> None:
    platform.drop("a.csv", {**at(1), "user_id": 1}, {**at(2), "user_id": 2})
    STEP.rebuild(platform.work, stale_after(platform))
    before = platform.state("dim_users")
    platform.drop("b.csv", {**at(1, day=DATES[1]), "user_id": 2})
    stale = stale_after(platform)
    extend = STEP.extend
    assert extend
    bad = dataclasses.replace(STEP, extend=lambda given: extend(given).where("user_id <> 1"))
    with pytest.raises(AuditFailed, match="3 fact_user_events against 2 counted_events"):
        bad.rebuild(platform.work, stale)
    assert platform.state("dim_users") == before
