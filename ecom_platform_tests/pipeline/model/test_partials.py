"""The steps of the partials: when a date is stale, and what is refused."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from pyspark.sql import functions as F

from ecom_platform.lake.audit import AuditFailed
from ecom_platform.pipeline.model import PARTIAL_STEPS
from ecom_platform.pipeline.staleness import stale_dates
from ecom_platform_tests.dimensions_in_small import PARTIALS, rebuild_partials
from ecom_platform_tests.platform_in_small import LONG_AFTER
from ecom_platform_tests.samples import DAY, at, utc

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from ecom_platform_tests.platform_in_small import SmallPlatform

    Change = Callable[[DataFrame], DataFrame]

NEXT_DAY = DAY + dt.timedelta(days=1)
BOUGHT = {"event_type": "purchase"}
BUYERS = ("product_buyer_days",)


def stale(platform: SmallPlatform, table: str, now: dt.datetime = LONG_AFTER) -> list[dt.date]:
    return list(stale_dates(platform.lake, table, None, now))


def test_every_partial_of_a_date_is_published_and_then_up_to_date(platform: SmallPlatform) -> None:
    platform.drop("a.csv", at(1), {**at(2), **BOUGHT}, {**at(3), "product_id": "7"})
    platform.run()
    assert rebuild_partials(platform) == dict.fromkeys(PARTIALS, 1)
    rows = {name: len(platform.rows(name)) for name in PARTIALS}
    assert rows == {
        "session_days": 1,
        "user_taste_days": 1,
        "product_days": 2,
        "product_buyer_days": 1,
        "product_version_days": 2,
    }
    assert rebuild_partials(platform) == dict.fromkeys(PARTIALS, 0)
    state = platform.lake.publications.published("session_days")[DAY]
    assert (state.row_count, state.measures["rows_in"], state.is_whole) == (1, 3, True)
    assert {platform.snapshots(name) for name in PARTIALS} == {1}


@pytest.mark.parametrize(
    ("now", "expected"),
    [("2020-04-01 23:59", []), ("2020-04-02 00:00", [DAY]), ("2020-04-03 00:00", [DAY, NEXT_DAY])],
)
def test_a_date_is_built_as_a_whole_once_it_has_ended(
    platform: SmallPlatform, now: str, expected: list[dt.date]
) -> None:
    platform.drop("a.csv", at(1), at(23), at(1, day=NEXT_DAY))
    platform.run(now=utc(now))
    found = stale_dates(platform.lake, "session_days", None, utc(now))
    assert list(found) == expected
    # Its fact still lies in files of one hour; what is built from it does not.
    assert all(slice_.hours is None for slice_ in found.values())


def test_late_data_make_their_date_stale_and_no_other(platform: SmallPlatform) -> None:
    platform.drop("a.csv", {**at(1), **BOUGHT}, {**at(1, day=NEXT_DAY), **BOUGHT})
    platform.run()
    rebuild_partials(platform)
    before = {name: platform.paths(name) for name in PARTIALS}
    platform.drop("late.csv", at(2))
    platform.run()
    assert {name: stale(platform, name) for name in PARTIALS} == {name: [DAY] for name in PARTIALS}
    rebuild_partials(platform)
    for name in PARTIALS:
        kept = before[name] & platform.paths(name)
        assert (len(kept), len(platform.paths(name))) == (1, 2), name


def test_versions_follow_clean_events_and_the_others_the_fact(platform: SmallPlatform) -> None:
    platform.drop("a.csv", at(1))
    platform.ingest()
    platform.rebuild("clean_events")
    assert [name for name in PARTIALS if stale(platform, name)] == ["product_version_days"]
    platform.rebuild("fact_user_events")
    assert [name for name in PARTIALS if stale(platform, name)] == list(PARTIALS)


def test_a_date_without_purchases_has_no_buyers_and_is_up_to_date(platform: SmallPlatform) -> None:
    platform.drop("a.csv", at(1))
    platform.run()
    rebuild_partials(platform, only=BUYERS)
    assert platform.rows("product_buyer_days") == []
    assert platform.lake.publications.published("product_buyer_days")[DAY].row_count == 0
    assert stale(platform, "product_buyer_days") == []


def test_purchases_that_go_away_take_their_buyers_with_them(platform: SmallPlatform) -> None:
    key = platform.drop("a.csv", at(1), {**at(2), **BOUGHT}).removeprefix("events/")
    platform.run()
    rebuild_partials(platform, only=BUYERS)
    assert len(platform.rows("product_buyer_days")) == 1
    platform.drop(key, at(1))
    platform.run()
    rebuild_partials(platform, only=BUYERS)
    assert platform.rows("product_buyer_days") == []


# By table: what spoils its rows, and what the refusal says.
FAULTS: dict[str, list[tuple[Change, str]]] = {
    "session_days": [
        (  # a lost session
            lambda rows: rows.where("user_id <> 7"),
            "row_count_reconciles: 4 fact_user_events against 3 session_days: +1 rows differ",
        ),
        (  # a session twice
            lambda rows: rows.unionAll(rows.where("user_id = 7")),
            "primary_key_is_unique: 1 keys (event_date, user_id, session_id)",
        ),
        (  # purchases counted as carts
            lambda rows: rows.withColumns(
                {"cart_count": F.col("purchase_count"), "purchase_count": F.lit(0).cast("long")}
            ),
            "row_rules: revenue_comes_from_purchases: 1 rows",
        ),
    ],
    "user_taste_days": [
        (
            lambda rows: rows.withColumn("event_count", F.lit(1).cast("long")),
            "4 fact_user_events against 2 user_taste_days: +2 rows differ",
        ),
    ],
    "product_days": [
        (
            lambda rows: rows.withColumn("view_count", F.col("view_count") + 1),
            "4 fact_user_events against 5 product_days: -1 rows differ",
        ),
        (lambda rows: rows.drop("lowest_price"), "schema_conforms: lowest_price is missing"),
    ],
    "product_buyer_days": [
        (  # a lost buyer
            lambda rows: rows.where("user_id = 7"),
            "1 fact_user_events against 0 product_buyer_days: +1 rows differ",
        ),
    ],
    "product_version_days": [
        (  # a lost product
            lambda rows: rows.where("product_id < 0"),
            "1 clean_events against 0 product_version_days: +1 rows differ",
        ),
    ],
}


def test_a_bad_partial_is_refused_and_the_last_good_version_stays(
    platform: SmallPlatform,
) -> None:
    platform.drop("a.csv", at(1), {**at(2), **BOUGHT})
    platform.run()
    rebuild_partials(platform)
    platform.drop("b.csv", at(3), {**at(4), "user_id": "7"})
    platform.run()
    for table, faults in FAULTS.items():
        good, before = PARTIAL_STEPS[table], platform.state(table)
        (slice_,) = stale_dates(platform.lake, table, None, LONG_AFTER).values()
        for change, message in faults:
            bad = dataclasses.replace(good, build=_spoilt(good.build, change))
            with pytest.raises(AuditFailed) as refused:
                bad.rebuild(platform.work, slice_)
            assert f"{table} 2020-04-01 is not published" in str(refused.value)
            assert message in str(refused.value)
            assert platform.state(table) == before
        good.rebuild(platform.work, slice_)
        assert stale(platform, table) == []


def _spoilt(build: Callable[..., DataFrame], change: Change) -> Callable[..., DataFrame]:
    return lambda *inputs: change(build(*inputs))
