"""The ledger's counts on small frames: every place a line can stand in, and what repeats what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ecom_platform.contracts.clean import CLEAN_EVENTS
from ecom_platform.contracts.model import FACT_USER_EVENTS
from ecom_platform.contracts.raw import REJECTED_EVENTS
from ecom_platform.transforms.ledger import (
    count_places,
    count_repetitions,
    count_unequal_events,
    find_unequal_events,
)
from ecom_platform_tests.contracts.good_rows import GOOD
from ecom_platform_tests.samples import collect, frame, raw_frame

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyspark.sql import DataFrame, SparkSession

    from ecom_platform.contracts.table import TableContract

A, B = "events/a.csv", "events/b.csv"


def rows_of(spark: SparkSession, contract: TableContract, *rows: dict[str, Any]) -> DataFrame:
    names = contract.column_names
    return frame(spark, contract, [{n: ({**GOOD, **row})[n] for n in names} for row in rows])


def places(rows: DataFrame) -> Any:
    return rows.select("source_object", "source_row")


def test_every_place_that_a_line_can_stand_in_is_told_apart(spark: SparkSession) -> None:
    def lines(*numbers: int) -> list[dict[str, int]]:
        return [{"source_row": number} for number in numbers]

    raw = raw_frame(spark, *lines(2, 3, 4, 5, 5, 6, 8))
    clean = rows_of(spark, CLEAN_EVENTS, *lines(2, 5, 6, 6, 7, 8))
    rejected = rows_of(spark, REJECTED_EVENTS, *lines(3, 8))
    found = {
        (row["in_raw"], row["in_clean"], row["in_rejected"]): row["first_row"]
        for row in collect(count_places(raw, clean, rejected))
    }
    assert found == {
        (1, 1, 0): 2,
        (1, 0, 1): 3,
        (1, 0, 0): 4,
        (2, 1, 0): 5,
        (1, 2, 0): 6,
        (0, 1, 0): 7,
        (1, 1, 1): 8,
    }


def test_lines_are_counted_by_object_and_hour(spark: SparkSession) -> None:
    noon = GOOD["event_time"]
    early = {"source_object": B, "event_time": noon.replace(hour=3)}
    raw = raw_frame(spark, {}, {"source_object": B}, early, {})
    none = rows_of(spark, CLEAN_EVENTS), rows_of(spark, REJECTED_EVENTS)
    found = collect(count_places(raw, *none))
    counted = {(r["source_object"], r["event_hour"]): r["line_count"] for r in found}
    assert counted == {(A, 12): 2, (B, 12): 1, (B, 3): 1}


DIFFERENT = [
    {"price": GOOD["price"] + 1},
    {"brand": None},
    {"brand": "Samsung"},
    {"category_code": None},
    {"event_type": None},
    {"user_session": "another"},
    {"category_id": 1},
    {"product_id": 1},
    {"user_id": 1},
    {"event_time": GOOD["event_time"].replace(second=16)},
]


@pytest.mark.parametrize("difference", DIFFERENT, ids=lambda d: next(iter(d)))
def test_a_row_repeats_another_only_if_all_nine_columns_are_alike(
    spark: SparkSession, difference: dict[str, Any]
) -> None:
    raw = raw_frame(spark, {}, {}, difference, difference)
    published = raw.where("source_row = 2 OR source_row = 4")
    (alike,) = collect(count_repetitions(raw, places(published)))
    assert (alike["repeats"], alike["line_count"]) == (True, 2)
    told = collect(count_repetitions(raw, places(raw.where("source_row = 2"))))
    assert {row["repeats"]: row["line_count"] for row in told} == {True: 1, False: 2}


@pytest.mark.parametrize(
    ("published", "repeated"),
    [((A, 2), 3), ((A, 3), 2), ((B, 2), 1), ((B, 3), 0)],
)
def test_the_row_that_is_repeated_comes_first_by_object_and_line(
    spark: SparkSession, published: tuple[str, int], repeated: int
) -> None:
    lines = [(A, 2), (A, 3), (B, 2), (B, 3)]
    raw = raw_frame(spark, *({"source_object": key, "source_row": row} for key, row in lines))
    key, line = published
    one = raw.where(f"source_object = '{key}' AND source_row = {line}")
    told = collect(count_repetitions(raw, places(one)))
    assert sum(row["line_count"] for row in told if row["repeats"]) == repeated
    assert sum(row["line_count"] for row in told) == 3


def test_events_that_are_not_once_on_both_sides_are_found_and_named(spark: SparkSession) -> None:
    def events(contract: TableContract, ids: Sequence[int]) -> DataFrame:
        return rows_of(spark, contract, *({"event_id": one} for one in ids))

    clean = events(CLEAN_EVENTS, [1, 2, 3, 4, 4])
    fact = events(FACT_USER_EVENTS, [1, 3, 3, 4, 5])
    unequal = find_unequal_events(clean, fact)
    found = {row["event_id"]: (row["in_clean"], row["in_fact"]) for row in collect(unequal)}
    assert found == {2: (1, 0), 3: (1, 2), 4: (2, 1), 5: (0, 1)}
    named = {
        (row["source_object"], row["first_id"]): row["event_count"]
        for row in collect(count_unequal_events(unequal, clean))
    }
    assert named == {(A, 2): 1, (A, 3): 1, (A, 4): 1, (None, 5): 1}
