"""The steps of the dimensions: when one is rebuilt, from what, and what is refused."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from pyspark.sql import functions as F

from ecom_platform.errors import InputsBehind, PublishConflict
from ecom_platform.lake.audit import AuditFailed
from ecom_platform.pipeline import staleness
from ecom_platform.pipeline.model import DIMENSION_STEPS, PARTIAL_STEPS
from ecom_platform.pipeline.staleness import stale_dates
from ecom_platform_tests.dimensions_in_small import (
    DIMENSIONS,
    rebuild_dimension,
    rebuild_partials,
    rows_of,
    run_all,
)
from ecom_platform_tests.platform_in_small import LONG_AFTER
from ecom_platform_tests.samples import DAY, Row, at, utc

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from ecom_platform_tests.platform_in_small import SmallPlatform

    Change = Callable[[DataFrame], DataFrame]

NEXT_DAY = DAY + dt.timedelta(days=1)
CHEAPER: Row = {"price": "99.00", "event_type": "purchase"}


def test_dimensions_are_published_once_and_rebuilt_only_when_a_partial_changed(
    platform: SmallPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [rebuild_dimension(platform, name) for name in DIMENSIONS] == [None, None, None]
    platform.drop("a.csv", at(1), {**at(2), **CHEAPER})
    rebuilt = run_all(platform)
    assert [r.slice_.event_date for r in rebuilt.values() if r] == [DAY, DAY, DAY]
    assert set(run_all(platform).values()) == {None}
    assert {platform.snapshots(name) for name in DIMENSIONS} == {1}

    platform.drop("b.csv", at(3, day=NEXT_DAY))
    assert all(run_all(platform).values())
    assert {platform.snapshots(name) for name in DIMENSIONS} == {2}
    (user,) = rows_of(platform, "dim_users")
    assert (user["active_days"], user["view_count"], user["as_of_date"]) == (2, 2, NEXT_DAY)
    for name in DIMENSIONS:
        (state,) = platform.lake.publications.published(name).values()
        assert state == platform.lake.publications.published_whole(name)
        assert (state.event_date, state.row_count) == (NEXT_DAY, len(platform.rows(name)))

    monkeypatch.setitem(staleness.LOGIC_VERSIONS, "dim_users", "another")
    rebuilt = run_all(platform)
    assert [name for name in DIMENSIONS if rebuilt[name]] == ["dim_users"]


def test_the_open_day_is_not_counted_before_it_has_ended(platform: SmallPlatform) -> None:
    platform.drop("a.csv", at(1), at(1, day=NEXT_DAY))
    assert set(run_all(platform, utc("2020-04-01 23:59")).values()) == {None}
    assert platform.lake.publications.published_whole("dim_users") is None

    noon = utc("2020-04-02 12:00")
    assert all(run_all(platform, noon).values())
    (user,) = rows_of(platform, "dim_users")
    assert (user["view_count"], user["as_of_date"]) == (1, DAY)
    platform.drop("b.csv", at(2, day=NEXT_DAY))
    assert set(run_all(platform, noon).values()) == {None}

    assert all(run_all(platform, utc("2020-04-03 02:00")).values())
    (user,) = rows_of(platform, "dim_users")
    assert (user["view_count"], user["as_of_date"]) == (3, NEXT_DAY)


def test_a_dimension_is_not_rebuilt_from_a_partial_that_is_behind(platform: SmallPlatform) -> None:
    platform.drop("a.csv", at(1), at(1, day=NEXT_DAY))
    run_all(platform)
    before = {name: platform.state(name) for name in DIMENSIONS}
    platform.drop("late.csv", {**at(2), **CHEAPER})
    platform.run()
    message = r"does not match (clean|fact_user)_events on 2020-04-01"
    for name in DIMENSIONS:
        with pytest.raises(InputsBehind, match=rf"{name} is not rebuilt: \w+ {message}"):
            rebuild_dimension(platform, name)
        assert platform.state(name) == before[name]
    rebuild_partials(platform)
    assert all(rebuild_dimension(platform, name) for name in DIMENSIONS)


def test_a_date_that_a_partial_has_missed_is_named(platform: SmallPlatform) -> None:
    platform.drop("a.csv", at(1), at(1, day=NEXT_DAY))
    platform.run()
    rebuild(platform, "session_days", DAY, NEXT_DAY)
    rebuild(platform, "user_taste_days", NEXT_DAY)
    with pytest.raises(InputsBehind) as behind:
        rebuild_dimension(platform, "dim_users")
    assert str(behind.value) == (
        "dim_users is not rebuilt: user_taste_days does not match fact_user_events on 2020-04-01. "
        "Materialize these dates of user_taste_days first"
    )


def test_the_as_of_date_is_the_last_that_all_partials_have(platform: SmallPlatform) -> None:
    platform.drop("a.csv", at(1), at(1, day=NEXT_DAY))
    platform.run()
    rebuild(platform, "session_days", DAY, NEXT_DAY)
    rebuild(platform, "user_taste_days", DAY)
    assert rebuild_dimension(platform, "dim_users")
    (user,) = rows_of(platform, "dim_users")
    assert (user["as_of_date"], user["view_count"]) == (DAY, 1)


def test_of_two_runs_that_rebuild_a_dimension_at_once_one_gives_way(
    platform: SmallPlatform,
) -> None:
    platform.drop("a.csv", at(1))
    platform.run()
    rebuild(platform, "product_version_days", DAY)
    dimension = DIMENSION_STEPS["dim_product_versions"]
    stale = dimension.find_stale(platform.lake, LONG_AFTER)
    assert stale

    def build_while_another_run_publishes(*inputs: DataFrame | dt.date) -> DataFrame:
        dimension.rebuild(platform.work, stale)
        return dimension.build(*inputs)

    slow = dataclasses.replace(dimension, build=build_while_another_run_publishes)
    with pytest.raises(PublishConflict):
        slow.rebuild(platform.work, stale)
    assert len(platform.rows("dim_product_versions")) == 1


# By table: what spoils its rows, and what the refusal says.
FAULTS: dict[str, list[tuple[Change, str]]] = {
    "dim_users": [
        (  # a lost user
            lambda rows: rows.where("user_id <> 7"),
            "row_count_reconciles: 4 fact_user_events against 3 counted_events: +1 rows differ",
        ),
        (  # a user twice
            lambda rows: rows.unionAll(rows),
            "primary_key_is_unique: 2 keys (user_id) stand in more than one row",
        ),
        (
            lambda rows: rows.withColumn("favourite_brand", F.lit(None).cast("string")),
            "required_columns_not_null: favourite_brand_not_null: 2 rows",
        ),
        (
            lambda rows: rows.withColumn("session_count", F.lit(9).cast("long")),
            "row_rules: sessions_and_days_have_events: 2 rows",
        ),
        (
            lambda rows: rows.drop("session_count"),
            "schema_conforms: session_count is missing",
        ),
    ],
    "dim_products": [
        (  # a lost product
            lambda rows: rows.where("product_id <> 7"),
            "4 fact_user_events against 3 counted_events: +1 rows differ",
        ),
        (
            lambda rows: rows.withColumn("price", F.lit(1000).cast("decimal(12,2)")),
            "row_rules: price_is_in_its_range: 2 rows",
        ),
    ],
    "dim_product_versions": [
        (  # a gap after every version that ended
            lambda rows: rows.withColumn("valid_to", F.expr("valid_to - INTERVAL 1 SECOND")),
            "versions_follow_each_other: gap_count: 2",
        ),
        (
            lambda rows: rows.withColumn("valid_to", F.lit(None).cast("timestamp")),
            "2 products against 1 current_versions: +1 rows differ; versions_follow_each_other: "
            "without_current_count: 1",
        ),
        (
            lambda rows: rows.withColumn("price", F.lit(5).cast("decimal(12,2)")),
            "versions_follow_each_other: unchanged_count: 2",
        ),
        (  # a lost product
            lambda rows: rows.where("product_id <> 7"),
            "row_count_reconciles: 2 products against 1 current_versions: +1 rows differ",
        ),
    ],
}


def test_a_bad_dimension_is_refused_and_the_last_good_version_stays(
    platform: SmallPlatform,
) -> None:
    platform.drop("a.csv", at(1), {**at(2), **CHEAPER})
    run_all(platform)
    platform.drop("b.csv", at(3), {**at(4), "user_id": "7", "product_id": "7"})
    platform.run()
    rebuild_partials(platform)
    for name, faults in FAULTS.items():
        good, before = DIMENSION_STEPS[name], platform.state(name)
        stale = good.find_stale(platform.lake, LONG_AFTER)
        assert stale
        for change, message in faults:
            bad = dataclasses.replace(good, build=_spoilt(good.build, change))
            with pytest.raises(AuditFailed) as refused:
                bad.rebuild(platform.work, stale)
            assert f"{name} 2020-04-01 is not published" in str(refused.value)
            assert message in str(refused.value)
            assert platform.state(name) == before
        assert good.rebuild(platform.work, stale)


def _spoilt(build: Callable[..., DataFrame], change: Change) -> Callable[..., DataFrame]:
    return lambda *inputs: change(build(*inputs))


def rebuild(platform: SmallPlatform, partial: str, *dates: dt.date) -> None:
    """Rebuild dates of one partial."""
    for slice_ in stale_dates(platform.lake, partial, dates, LONG_AFTER).values():
        PARTIAL_STEPS[partial].rebuild(platform.work, slice_)


def test_a_date_that_lost_all_its_events_is_no_as_of_date(platform: SmallPlatform) -> None:
    platform.drop("a.csv", at(1))
    platform.drop("b.csv", at(1, day=NEXT_DAY))
    run_all(platform)
    platform.drop("b.csv", at(2))
    assert all(run_all(platform).values())
    assert {platform.rows(name)[0]["as_of_date"] for name in DIMENSIONS} == {DAY}
    assert set(run_all(platform).values()) == {None}


def test_dimensions_become_empty_when_all_events_are_gone(platform: SmallPlatform) -> None:
    key = "a.csv"
    platform.drop(key, at(1))
    run_all(platform)
    platform.drop(key, "x")
    assert all(run_all(platform).values())
    assert [platform.rows(name) for name in DIMENSIONS] == [[], [], []]
    assert set(run_all(platform).values()) == {None}
