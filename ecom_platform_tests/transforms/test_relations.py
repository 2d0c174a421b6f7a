"""Relations between events, counted by the engine and by plain Python alike."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecom_platform.contracts.clean import CLEAN_EVENTS, EVENT_TYPES
from ecom_platform.contracts.model import DIM_USERS, FACT_USER_EVENTS
from ecom_platform.transforms.relations import (
    count_orphans,
    count_shared_sessions,
    count_steps_out_of_order,
    count_unknown_by_category,
)
from ecom_platform_tests.contracts.good_rows import GOOD
from ecom_platform_tests.samples import DAY, Row, collect, frame, utc

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from ecom_platform.contracts.table import TableContract

START = utc("2020-04-01 12:00")
as_often_as_it_takes = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

# Few of everything, so that sessions, products and seconds meet.
events = st.lists(
    st.fixed_dictionaries(
        {
            "event_time": st.integers(0, 2).map(lambda s: START + dt.timedelta(seconds=s)),
            "event_type": st.sampled_from(EVENT_TYPES),
            "user_id": st.integers(1, 2),
            "session_id": st.sampled_from(["s1", "s2"]),
            "product_id": st.integers(1, 2),
            "category_id": st.integers(1, 3),
            "brand": st.sampled_from(["acme", "unknown", "Unknown", ""]),
            "category_code": st.sampled_from(["a.b", "unknown"]),
        }
    ),
    max_size=25,
)


def rows(spark: SparkSession, contract: TableContract, differences: Sequence[Row]) -> DataFrame:
    """Good rows with differences."""
    names = contract.column_names
    full = [{**GOOD, **difference} for difference in differences]
    return frame(spark, contract, [{name: row[name] for name in names} for row in full])


def fact(spark: SparkSession, *differences: Row) -> DataFrame:
    return rows(spark, FACT_USER_EVENTS, differences)


def one(counted: DataFrame) -> Row:
    (row,) = collect(counted)
    return row


def event(event_type: str, second: int, **difference: object) -> Row:
    return {
        "event_type": event_type,
        "event_time": START + dt.timedelta(seconds=second),
        "session_id": "s1",
        "user_id": 1,
        "product_id": 1,
        **difference,
    }


# --- Steps of the funnel


def steps_in_python(drawn: Sequence[Row]) -> Row:
    times: dict[tuple, dict[str, list[dt.datetime]]] = defaultdict(lambda: defaultdict(list))
    for row in drawn:
        unit = row["user_id"], row["session_id"], row["product_id"]
        times[unit][row["event_type"]].append(row["event_time"])
    counted = dict.fromkeys(
        ("carted", "carted_without_view", "purchased", "purchased_without_cart"), 0
    )
    for of_unit in times.values():
        for step, before, name in (
            ("cart", "view", "carted"),
            ("purchase", "cart", "purchased"),
        ):
            if of_unit[step]:
                counted[name] += 1
                first = min(of_unit[step])
                if not any(time <= first for time in of_unit[before]):
                    counted[f"{name}_without_{before}"] += 1
    return counted


@as_often_as_it_takes
@given(drawn=events)
def test_steps_are_counted_as_plain_python_counts_them(
    spark: SparkSession, drawn: list[Row]
) -> None:
    assert one(count_steps_out_of_order(fact(spark, *drawn))) == steps_in_python(drawn)


VIEW, CART, PURCHASE = event("view", 1), event("cart", 2), event("purchase", 3)


@pytest.mark.parametrize(
    ("given_events", "carted", "purchased"),
    [
        ([VIEW, CART, PURCHASE], (1, 0), (1, 0)),
        ([CART, PURCHASE], (1, 1), (1, 0)),
        ([VIEW, PURCHASE], (0, 0), (1, 1)),
        ([event("view", 2), CART], (1, 0), (0, 0)),
        ([event("view", 3), CART], (1, 1), (0, 0)),
        ([VIEW, event("cart", 3), PURCHASE], (1, 0), (1, 0)),
        ([event("cart", 4), PURCHASE], (1, 1), (1, 1)),
        ([VIEW, CART, event("cart", 0), PURCHASE], (1, 1), (1, 0)),
        ([VIEW, {**CART, "product_id": 2}], (1, 1), (0, 0)),
        ([VIEW, {**CART, "session_id": "s2"}], (1, 1), (0, 0)),
        ([VIEW, {**CART, "user_id": 2}], (1, 1), (0, 0)),
        ([event("remove_from_cart", 1), VIEW], (0, 0), (0, 0)),
        ([], (0, 0), (0, 0)),
    ],
)
def test_a_step_needs_the_one_before_of_the_same_session_and_product(
    spark: SparkSession,
    given_events: list[Row],
    carted: tuple[int, int],
    purchased: tuple[int, int],
) -> None:
    assert one(count_steps_out_of_order(fact(spark, *given_events))) == {
        "carted": carted[0],
        "carted_without_view": carted[1],
        "purchased": purchased[0],
        "purchased_without_cart": purchased[1],
    }


# --- Sessions


@as_often_as_it_takes
@given(drawn=events)
def test_shared_sessions_are_counted_as_plain_python_counts_them(
    spark: SparkSession, drawn: list[Row]
) -> None:
    users: dict[str, set[int]] = defaultdict(set)
    for row in drawn:
        users[row["session_id"]].add(row["user_id"])
    assert one(count_shared_sessions(fact(spark, *drawn))) == {
        "session_count": len(users),
        "shared_count": sum(len(of_session) > 1 for of_session in users.values()),
    }


# --- Orphans


@as_often_as_it_takes
@given(drawn=events, known=st.sets(st.integers(1, 3)))
def test_orphans_are_counted_as_plain_python_counts_them(
    spark: SparkSession, drawn: list[Row], known: set[int]
) -> None:
    dimension = rows(spark, DIM_USERS, [{"user_id": user} for user in sorted(known)])
    days = [DAY, DAY + dt.timedelta(days=1)]
    drawn = [{**row, "event_date": days[row["product_id"] - 1]} for row in drawn]
    counted = collect(count_orphans(fact(spark, *drawn), dimension, "user_id"))
    by_date = defaultdict(set)
    for row in drawn:
        by_date[row["event_date"]].add(row["user_id"])
    assert sorted(counted, key=lambda row: row["event_date"]) == [
        {"event_date": date, "key_count": len(keys), "orphan_count": len(keys - known)}
        for date, keys in sorted(by_date.items())
    ]


def test_an_event_without_a_key_is_an_orphan(spark: SparkSession) -> None:
    dimension = rows(spark, DIM_USERS, [{"user_id": 1}])
    counted = one(count_orphans(fact(spark, VIEW, {**VIEW, "user_id": None}), dimension, "user_id"))
    assert (counted["key_count"], counted["orphan_count"]) == (2, 1)


# --- Unknown values


@as_often_as_it_takes
@given(drawn=events)
def test_unknown_values_are_counted_as_plain_python_counts_them(
    spark: SparkSession, drawn: list[Row]
) -> None:
    expected: dict[int, Row] = {}
    for row in drawn:
        counts = expected.setdefault(
            row["category_id"], {"row_count": 0, "unknown_brand": 0, "unknown_category_code": 0}
        )
        counts["row_count"] += 1
        counts["unknown_brand"] += row["brand"] == "unknown"
        counts["unknown_category_code"] += row["category_code"] == "unknown"
    counted = collect(count_unknown_by_category(rows(spark, CLEAN_EVENTS, drawn)))
    assert {row.pop("category_id"): row for row in counted} == expected
