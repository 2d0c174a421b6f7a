"""dim_users: distinct counts from keys, exact sums, and favourites by rule."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from ecom_platform.contracts.model import DIM_USERS, SESSION_DAYS, USER_TASTE_DAYS
from ecom_platform.contracts.oltp import CURRENT_OLTP
from ecom_platform.transforms.model.users import build_dim_users
from ecom_platform_tests.samples import frame, utc
from ecom_platform_tests.transforms.model.star_rows import AS_OF, on, users

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def test_types_are_those_of_the_contract(spark: SparkSession) -> None:
    empty = frame(spark, SESSION_DAYS, []), frame(spark, USER_TASTE_DAYS, [])
    schema = build_dim_users(*empty, AS_OF, frame(spark, CURRENT_OLTP["users"], [])).schema
    types = [(field.name, field.dataType) for field in schema]
    assert types == [(field.name, field.dataType) for field in DIM_USERS.spark_schema]


def test_a_user_has_the_profile_of_the_shop_where_there_is_one(spark: SparkSession) -> None:
    created = utc("2020-03-01 08:00")
    profile = {"user_id": 513894771, "name": "n", "email": "e", "created_at": created}
    known, unknown = users(
        spark, on("01 10:00"), on("01 11:00", user_id=600000000), in_shop=[profile]
    )
    told = ("name", "email", "created_at")
    assert [known[name] for name in told] == ["n", "e", created]
    assert [unknown[name] for name in told] == [None, None, None]
    assert known["view_count"] == 1


def test_a_user_is_the_sum_of_the_dates(spark: SparkSession) -> None:
    events = [
        on("01 10:00"),
        on("03 09:00", event_type="purchase", price="0.10"),
        on("03 10:00", event_type="purchase", price="0.20"),
        on("07 00:00:00", event_type="cart"),
        on("07 00:00:00", event_type="remove_from_cart"),
        on("02 10:00", user_id=1),
    ]
    other, user = users(spark, *events)
    assert (other["user_id"], other["view_count"], other["active_days"]) == (1, 1, 1)
    assert (user["first_seen_at"], user["last_seen_at"]) == (
        utc("2020-04-01 10:00"),
        utc("2020-04-07 00:00"),
    )
    counts = ("view_count", "cart_count", "remove_from_cart_count", "purchase_count")
    assert [user[name] for name in counts] == [1, 1, 1, 2]
    assert user["revenue_usd"] == Decimal("0.30")
    assert user["active_days"] == 3
    assert user["as_of_date"] == other["as_of_date"] == AS_OF


def test_a_session_that_lasts_over_midnight_or_comes_back_later_is_one(
    spark: SparkSession,
) -> None:
    events = [
        on("01 23:59:59", user_session="night"),
        on("02 00:00:00", user_session="night"),
        on("09 12:00", user_session="night"),
        on("02 12:00", user_session="day"),
    ]
    (user,) = users(spark, *events)
    assert (user["session_count"], user["active_days"]) == (2, 3)


@pytest.mark.parametrize("days_later", [1, 59, 60, 61, 64, 120, 366])
def test_dates_far_apart_are_active_days_of_their_own(spark: SparkSession, days_later: int) -> None:
    first = on("01 23:59:59", user_session="night")
    again = on("01 09:00", user_session="day")
    moment = first["event_time"] + dt.timedelta(days=days_later)
    later = {**first, "event_time": moment, "event_date": moment.date()}
    (user,) = users(spark, first, again, later)
    assert (user["active_days"], user["session_count"], user["view_count"]) == (2, 2, 3)
    assert (user["first_seen_at"], user["last_seen_at"]) == (again["event_time"], moment)


def test_two_users_that_share_a_session_id_have_a_session_each(spark: SparkSession) -> None:
    rows = users(spark, *(on("01 10:00", user_id=n) for n in (1, 2)))
    assert [row["session_count"] for row in rows] == [1, 1]


@pytest.mark.parametrize(
    ("met", "favourite"),
    [
        (["a", "b", "b"], "b"),
        (["b", "a"], "a"),  # of equals the first by name
        (["b", "B", "é", "z"], "B"),
        (["unknown", "unknown", "z"], "z"),  # unknown only if there is nothing else
        (["unknown", "xiaomi"], "xiaomi"),
        (["unknown"], "unknown"),
    ],
)
def test_the_favourite_has_most_events_over_all_dates(
    spark: SparkSession, met: list[str], favourite: str
) -> None:
    events = [
        on(f"{day:02d} 10:00", category_code=name, brand=name) for day, name in enumerate(met, 1)
    ]
    (user,) = users(spark, *events)
    assert (user["favourite_category"], user["favourite_brand"]) == (favourite, favourite)


def test_favourites_are_counted_apart_and_by_all_dates_together(spark: SparkSession) -> None:
    # Never the most frequent pair, and first on no single date, but most frequent in all.
    events = [
        on("01 10:00", category_code="a", brand="x"),
        on("01 11:00", category_code="a", brand="x"),
        on("01 12:00", category_code="b", brand="y"),
        on("02 10:00", category_code="c", brand="z"),
        on("02 11:00", category_code="c", brand="z"),
        on("02 12:00", category_code="b", brand="w"),
        on("03 12:00", category_code="b", brand="v"),
    ]
    (user,) = users(spark, *events)
    assert (user["favourite_category"], user["favourite_brand"]) == ("b", "x")
