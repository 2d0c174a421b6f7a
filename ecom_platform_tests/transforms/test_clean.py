"""From raw to clean: what is accepted, what is rejected and why, what fills the gaps."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecom_platform.contracts.clean import CLEAN_EVENTS, EVENT_TYPES, REJECTION_RULES
from ecom_platform.contracts.raw import LONGEST_STORED_LINE, REJECTED_EVENTS, SOURCE_COLUMNS
from ecom_platform.landing.line_parser import LineRules, parse_line
from ecom_platform.landing.read_limits import ReadLimits
from ecom_platform.transforms.clean import clean_events, divide_events, reject_events
from ecom_platform.transforms.events import find_repeated_ids
from ecom_platform_tests.samples import LINE, RAW_ROW, Row, collect, csv_line, raw_frame, utc

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

REJECTED_AT = utc("2020-04-02 03:04")
NO_SESSION: Row = {"user_session": None}
NO_TYPE: Row = {"event_type": None}
ODD_TYPE: Row = {"event_type": "View"}
FREE: Row = {"price": Decimal("0.00")}


def clean(spark: SparkSession, *differences: Row) -> list[Row]:
    return collect(clean_events(divide_events(raw_frame(spark, *differences))))


def reject(spark: SparkSession, *differences: Row) -> list[Row]:
    return collect(reject_events(divide_events(raw_frame(spark, *differences)), REJECTED_AT))


@pytest.mark.parametrize(
    ("difference", "reason"),
    [
        (NO_SESSION, "null_user_session"),
        (NO_TYPE, "unknown_event_type"),
        (ODD_TYPE, "unknown_event_type"),
        ({"event_type": ""}, "unknown_event_type"),
        ({"event_type": "view "}, "unknown_event_type"),
        (FREE, "price_not_positive"),
        ({"price": Decimal("-0.01")}, "price_not_positive"),
        # Several faults: the first rule names the reason.
        ({**NO_SESSION, **NO_TYPE, **FREE}, "null_user_session"),
        ({**NO_SESSION, **FREE}, "null_user_session"),
        ({**ODD_TYPE, **FREE}, "unknown_event_type"),
    ],
)
def test_an_event_is_rejected_by_the_first_rule_that_it_breaks(
    spark: SparkSession, difference: Row, reason: str
) -> None:
    assert [row["reason"] for row in reject(spark, difference, {})] == [reason]
    assert [row["source_row"] for row in clean(spark, difference, {})] == [3]


def test_every_rule_has_a_reason_and_an_order() -> None:
    assert list(REJECTION_RULES) == [
        "null_user_session",
        "unknown_event_type",
        "price_not_positive",
    ]


def test_every_legal_type_and_the_smallest_price_are_accepted(spark: SparkSession) -> None:
    legal: list[Row] = [{"event_type": kind} for kind in EVENT_TYPES]
    cheap: Row = {"price": Decimal("0.01")}
    empty_session: Row = {"user_session": ""}
    accepted = clean(spark, *legal, cheap, empty_session)
    assert len(accepted) == len(EVENT_TYPES) + 2
    assert reject(spark, *legal, cheap, empty_session) == []


def test_an_event_is_either_accepted_or_rejected_never_both(spark: SparkSession) -> None:
    differences = [{}, NO_SESSION, NO_TYPE, ODD_TYPE, FREE, {**NO_SESSION, **FREE}]
    accepted = {row["source_row"] for row in clean(spark, *differences)}
    rejected = {row["source_row"] for row in reject(spark, *differences)}
    assert accepted == {2}
    assert rejected == {3, 4, 5, 6, 7}


def test_rejected_duplicates_count_once_and_the_smallest_line_is_told(spark: SparkSession) -> None:
    rows = reject(spark, {"source_object": "events/b.csv", **FREE}, FREE, FREE)
    assert [(row["source_object"], row["source_row"]) for row in rows] == [("events/a.csv", 3)]


def test_a_rejected_event_keeps_its_text_its_place_and_the_moment(spark: SparkSession) -> None:
    (row,) = reject(spark, {**FREE, "brand": None})
    assert row == {
        "event_date": RAW_ROW["event_date"],
        "event_time": RAW_ROW["event_time"],
        "layer": "clean",
        "reason": "price_not_positive",
        "detail": None,
        "line": csv_line({"brand": "", "price": "0.00"}),
        "source_object": "events/a.csv",
        "object_version": "v1",
        "source_row": 2,
        "rejected_at": REJECTED_AT,
    }
    assert list(row) == REJECTED_EVENTS.column_names


@pytest.mark.parametrize(
    "difference",
    [
        {},
        {"brand": None, "category_code": None},
        {"brand": "a, b"},
        {"brand": 'the "best"', "category_code": '"'},
        {"brand": " ß 東京 '", "user_session": "a;b\tc"},
        {"event_time": utc("2020-04-01 00:00") + dt.timedelta(microseconds=120)},
        {"event_time": utc("2020-04-01 23:59") + dt.timedelta(milliseconds=100)},
        {"category_id": 2**63 - 1, "price": Decimal("-9999999999.99")},
    ],
)
def test_the_line_of_a_rejected_event_can_be_read_as_the_same_event(
    spark: SparkSession, difference: Row
) -> None:
    rejected: Row = {"price": Decimal("0.00"), **difference}
    (row,) = reject(spark, rejected)
    rules = LineRules(
        9, tuple(range(9)), utc("2019-10-01 00:00").date(), utc("2021-01-01 00:00"), 9999
    )
    event = parse_line(row["line"].encode(), rules)
    expected = {**RAW_ROW, **rejected}
    assert event._asdict() == {name: expected[name] for name in event._fields}


def test_a_line_is_cut_where_the_contract_says(spark: SparkSession) -> None:
    (row,) = reject(spark, {**FREE, "brand": "ä" * 5000})
    assert len(row["line"]) == LONGEST_STORED_LINE == ReadLimits().stored_line_chars
    assert row["line"].endswith("ää")


def test_missing_brand_and_category_become_unknown(spark: SparkSession) -> None:
    (row,) = clean(spark, {"brand": None, "category_code": None})
    assert (row["brand"], row["category_code"]) == ("unknown", "unknown")


def test_imputation_changes_no_id_and_merges_no_events(spark: SparkSession) -> None:
    rows = clean(spark, {"brand": None}, {"brand": "unknown"}, {"brand": ""})
    assert len({row["event_id"] for row in rows}) == 3
    assert sorted(row["brand"] for row in rows) == ["", "unknown", "unknown"]


def test_an_accepted_event_keeps_its_values_and_its_place(spark: SparkSession) -> None:
    (row,) = clean(spark, {})
    assert list(row) == CLEAN_EVENTS.column_names
    kept: dict[str, Any] = {name: row[name] for name in SOURCE_COLUMNS}
    assert kept == {name: RAW_ROW[name] for name in SOURCE_COLUMNS}
    assert (row["event_date"], row["source_object"], row["source_row"]) == (
        RAW_ROW["event_date"],
        "events/a.csv",
        2,
    )


def test_types_are_those_of_the_contract(spark: SparkSession) -> None:
    accepted = clean_events(divide_events(raw_frame(spark, {})))
    rejected = reject_events(divide_events(raw_frame(spark, FREE)), REJECTED_AT)
    for rows, contract in ((accepted, CLEAN_EVENTS), (rejected, REJECTED_EVENTS)):
        types = [(field.name, field.dataType) for field in rows.schema]
        assert types == [(field.name, field.dataType) for field in contract.spark_schema]


def test_the_sample_line_and_the_sample_row_are_the_same_event() -> None:
    assert str(RAW_ROW["price"]) == LINE["price"]
    assert {name: str(RAW_ROW[name]) for name in SOURCE_COLUMNS[1:]} == {
        name: LINE[name] for name in SOURCE_COLUMNS[1:]
    }
    assert f"{RAW_ROW['event_time']:%Y-%m-%d %H:%M:%S} UTC" == LINE["event_time"]


# --- divide_events


def sorted_rows(frame: DataFrame) -> list[tuple[Any, ...]]:
    return sorted(tuple(row.values()) for row in collect(frame))


def test_only_rule_breakers_and_rows_with_company_are_set_aside(spark: SparkSession) -> None:
    raw = raw_frame(spark, {}, {}, {"user_id": 7}, {**FREE, "user_id": 8})
    divided = divide_events(raw)
    assert [row["user_id"] for row in collect(divided.alone)] == [7]
    usual = RAW_ROW["user_id"]
    assert sorted(row["user_id"] for row in collect(divided.aside)) == sorted([8, usual, usual])


def test_rows_that_differ_only_in_text_are_compared_and_both_kept(spark: SparkSession) -> None:
    divided = divide_events(raw_frame(spark, {}, {"brand": "other"}, {"category_id": 7}))
    assert collect(divided.alone) == []
    assert collect(divided.repeated) == []
    assert {(row["brand"], row["category_id"]) for row in collect(clean_events(divided))} == {
        (RAW_ROW["brand"], RAW_ROW["category_id"]),
        ("other", RAW_ROW["category_id"]),
        (RAW_ROW["brand"], 7),
    }


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    drawn=st.lists(
        st.fixed_dictionaries(
            {
                "user_id": st.sampled_from([1, 2]),
                "price": st.sampled_from([Decimal("1.00"), Decimal("0.00"), None]),
                "brand": st.sampled_from(["a", None]),
                "user_session": st.sampled_from(["s", None]),
            }
        ),
        max_size=20,
    )
)
def test_the_ids_of_what_is_set_aside_are_those_of_all_rows(
    spark: SparkSession, drawn: list[dict[str, Any]]
) -> None:
    raw = raw_frame(spark, *drawn)
    divided = divide_events(raw)
    assert sorted_rows(divided.repeated) == sorted_rows(find_repeated_ids(raw))
    assert divided.alone.count() + divided.aside.count() == len(drawn)


def test_different_events_with_the_same_id_are_both_kept(
    spark: SparkSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("events", "clean"):
        name = f"ecom_platform.transforms.{module}.event_id"
        monkeypatch.setattr(name, lambda events: events["product_id"] * 0)
    rows = clean(spark, {}, {}, {"user_id": 7}, {"brand": None})
    assert sorted((row["event_id"], row["user_id"], row["brand"]) for row in rows) == sorted(
        (0, user, brand)
        for user, brand in [
            (RAW_ROW["user_id"], RAW_ROW["brand"]),
            (7, RAW_ROW["brand"]),
            (RAW_ROW["user_id"], "unknown"),
        ]
    )
