"""The identity of an event: ids that never change, and which of its duplicates survives."""

from __future__ import annotations

import datetime as dt
import struct
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import xxhash
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecom_platform.contracts.raw import RAW_EVENTS, SOURCE_COLUMNS
from ecom_platform.transforms.events import (
    NULL_MARK,
    count_events_by_hour,
    event_id,
    find_repeated_ids,
    remove_exact_duplicates,
)
from ecom_platform_tests.samples import RAW_ROW, Row, collect, frame, raw_frame, raw_rows, utc

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

# Written down once and for all: published facts hold these ids.
KNOWN_IDS = {
    "the ordinary event": ({}, -1970277945086463467),
    "no brand": ({"brand": None}, -2788885380098616753),
    "no category_code": ({"category_code": None}, 6827839949521456403),
    "no user_session": ({"user_session": None}, -1773790036916659112),
    "no event_type": ({"event_type": None}, 1754342809330306097),
    "a negative price": ({"price": Decimal("-0.01")}, -5333685563394382287),
    "letters beyond ASCII": ({"brand": "ß東京"}, 2145569511141885944),
}


def ids(events: DataFrame) -> list[int]:
    """The ids of a frame by its lines."""
    rows = collect(events.select("source_row", event_id(events).alias("id")))
    return [row["id"] for row in sorted(rows, key=lambda row: row["source_row"])]


def xxhash_of(row: Row) -> int:
    """The id by another implementation: xxh64 of each column, seeded with the one before."""
    seed = 42
    for name in SOURCE_COLUMNS:
        value = row[name]
        if isinstance(value, dt.datetime):
            value = (value - utc("1970-01-01")) // dt.timedelta(microseconds=1)
        elif isinstance(value, Decimal):
            value = int(value * 100)
        elif value is None:
            value = NULL_MARK
        data = struct.pack("<q", value) if isinstance(value, int) else value.encode()
        seed = xxhash.xxh64(data, seed=seed).intdigest()
    return seed - (1 << 64) if seed >> 63 else seed


# --- event_id


def test_ids_are_what_they_have_always_been(spark: SparkSession) -> None:
    differences = [difference for difference, _ in KNOWN_IDS.values()]
    assert ids(raw_frame(spark, *differences)) == [known for _, known in KNOWN_IDS.values()]


def test_ids_are_those_of_an_independent_xxhash(spark: SparkSession) -> None:
    rows = raw_rows(
        [
            {"event_time": utc("2019-10-01 00:00"), "price": Decimal("0.00")},
            {"event_time": RAW_ROW["event_time"] + dt.timedelta(microseconds=1)},
            {"category_id": 2**63 - 1, "user_id": 1, "price": Decimal("9999999999.99")},
            {"category_code": None, "brand": "", "event_type": "x" * 100, "user_session": None},
        ]
    )
    assert ids(frame(spark, RAW_EVENTS, rows)) == [xxhash_of(row) for row in rows]


def test_provenance_is_no_part_of_the_id(spark: SparkSession) -> None:
    elsewhere = {
        "source_object": "events/b.csv",
        "object_version": "v2",
        "source_row": 99,
        "ingested_at": utc("2021-01-01 00:00"),
    }
    assert len(set(ids(raw_frame(spark, {}, elsewhere)))) == 1


def test_every_source_column_is_part_of_the_id(spark: SparkSession) -> None:
    changed: dict[str, Any] = {
        "event_time": utc("2020-04-01 12:30"),
        "event_type": "View",
        "product_id": 1004857,
        "category_id": 2053013555631882656,  # the same number as a double
        "category_code": "electronics.Smartphone",
        "brand": "samsung ",
        "price": Decimal("130.77"),
        "user_id": 513894772,
        "user_session": "CF6F9AC4-5A9B-4A12-A3F7-1F2E9B5E7C11",
    }
    assert tuple(changed) == SOURCE_COLUMNS
    events = raw_frame(spark, {}, *({name: value} for name, value in changed.items()))
    assert len(set(ids(events))) == 1 + len(changed)


def test_values_do_not_slip_from_one_column_into_the_next(spark: SparkSession) -> None:
    events = raw_frame(
        spark,
        {"category_code": "a", "brand": None},
        {"category_code": None, "brand": "a"},
        {"category_code": "ab", "brand": "c"},
        {"category_code": "a", "brand": "bc"},
        {"category_code": None, "brand": None, "event_type": "a"},
        {"category_code": None, "brand": None, "event_type": None, "user_session": "a"},
    )
    assert len(set(ids(events))) == 6


def test_nothing_empty_and_unknown_are_three_different_values(spark: SparkSession) -> None:
    for column in ("event_type", "category_code", "brand", "user_session"):
        events = raw_frame(spark, {column: None}, {column: ""}, {column: "unknown"})
        assert len(set(ids(events))) == 3, column


def test_the_order_and_company_of_rows_do_not_change_ids(spark: SparkSession) -> None:
    differences = [difference for difference, _ in KNOWN_IDS.values()]
    rows = raw_rows(differences)
    backwards = frame(spark, RAW_EVENTS, rows[::-1] * 3).repartition(4)
    assert set(ids(backwards)) == {known for _, known in KNOWN_IDS.values()}


# --- remove_exact_duplicates


def survivors(events: DataFrame) -> set[tuple[Any, ...]]:
    rows = collect(remove_exact_duplicates(events))
    found = [(*(r[c] for c in SOURCE_COLUMNS), r["source_object"], r["source_row"]) for r in rows]
    assert len(found) == len(set(found))
    return set(found)


def origins(events: DataFrame) -> list[tuple[str, str, int]]:
    rows = collect(remove_exact_duplicates(events))
    return sorted((r["source_object"], r["object_version"], r["source_row"]) for r in rows)


def test_of_duplicates_the_smallest_object_and_line_survives(spark: SparkSession) -> None:
    events = raw_frame(
        spark,
        {"source_object": "events/b.csv", "source_row": 2},
        {"source_object": "events/a.csv", "source_row": 900, "object_version": "v7"},
        {"source_object": "events/a.csv", "source_row": 1000, "object_version": "v7"},
        {"source_object": "events/a.csv.gz", "source_row": 3},
    )
    assert origins(events) == [("events/a.csv", "v7", 900)]


def test_objects_are_ordered_by_name_not_by_the_number_in_it(spark: SparkSession) -> None:
    events = raw_frame(spark, {"source_object": "events/9.csv"}, {"source_object": "events/10.csv"})
    assert [origin[0] for origin in origins(events)] == ["events/10.csv"]


def test_rows_that_differ_in_one_column_are_all_kept(spark: SparkSession) -> None:
    texts = ("event_type", "category_code", "brand", "user_session")
    variants: list[Row] = [{}, {"price": Decimal("130.77")}, {"user_id": 7}, {"product_id": 7}]
    variants += [{"category_id": 7}, {"event_time": utc("2020-04-01 12:31")}]
    variants += [{column: value} for column in texts for value in (None, "", "unknown")]
    events = raw_frame(spark, *variants)
    assert len(origins(events)) == len(variants)


def test_lines_far_beyond_32_bits_come_back_exactly(spark: SparkSession) -> None:
    lines = [2**40 - 1, 2**33 + 1, 1]
    events = raw_frame(spark, *({"source_row": n, "user_id": n} for n in lines))
    assert sorted(origin[2] for origin in origins(events)) == sorted(lines)


def test_thousands_of_objects_keep_their_names_and_lines(spark: SparkSession) -> None:
    count = 9_000  # more than 2^13: positions no longer fit the mantissa of a double
    rows = raw_rows(
        {"source_object": f"events/{n:05d}.csv", "source_row": 2 * n + 1, "user_id": n + 1}
        for n in range(count)
    )
    found = origins(frame(spark, RAW_EVENTS, rows))
    assert found == [(f"events/{n:05d}.csv", "v1", 2 * n + 1) for n in range(count)]


def test_no_rows_give_no_survivors(spark: SparkSession) -> None:
    assert origins(raw_frame(spark)) == []


few_values = st.fixed_dictionaries(
    {
        "event_type": st.sampled_from([None, "", "unknown", "view"]),
        "brand": st.sampled_from([None, "", "unknown", "view"]),
        "price": st.sampled_from([Decimal("0.00"), Decimal("1.00")]),
        "event_time": st.sampled_from([utc("2020-04-01 00:00"), utc("2020-04-01 23:59")]),
        "source_object": st.sampled_from(["events/a.csv", "events/b.csv", "events/ä.csv"]),
    }
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(drawn=st.lists(few_values, max_size=40), seed=st.randoms(use_true_random=False))
def test_survivors_are_those_of_plain_python(spark: SparkSession, drawn: list[Row], seed) -> None:
    rows = raw_rows(drawn)
    expected: dict[tuple[Any, ...], tuple[str, int]] = {}
    for row in rows:
        event = tuple(row[column] for column in SOURCE_COLUMNS)
        origin = (row["source_object"], row["source_row"])
        expected[event] = min(expected.get(event, origin), origin)
    seed.shuffle(rows)
    found = survivors(frame(spark, RAW_EVENTS, rows))
    assert found == {(*event, *origin) for event, origin in expected.items()}


# --- find_repeated_ids


def test_ids_that_several_rows_share_are_found_with_their_number(spark: SparkSession) -> None:
    late = {"event_time": utc("2020-04-01 23:00")}
    events = raw_frame(spark, {}, {}, {"brand": None}, late, {**late, "source_object": "z"}, late)
    found = {(row["hour"], row["copies"]) for row in collect(find_repeated_ids(events))}
    assert found == {(12, 2), (23, 3)}


# --- count_events_by_hour


def test_rows_and_different_events_are_counted_by_hour(spark: SparkSession) -> None:
    late = {"event_time": utc("2020-04-01 23:00")}
    events = raw_frame(spark, {}, {}, {"brand": None}, late, {**late, "source_object": "z"})
    counted = {tuple(row.values()) for row in collect(count_events_by_hour(events))}
    assert counted == {(12, 3, 2), (23, 2, 1)}
