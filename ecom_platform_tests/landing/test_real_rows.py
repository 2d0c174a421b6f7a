"""Real rows, if they are here: the reader against an independent count with the csv module."""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pyarrow.compute as pc
import pytest

from ecom_platform_tests.landing.samples import read


@pytest.fixture(scope="module")
def counted(real_rows: Path) -> tuple[list[dict[str, str]], int]:
    """Whole rows, and the number of rows that are cut, by the csv module."""
    with real_rows.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    whole = [row for row in rows if row["user_session"] is not None]
    return whole, len(rows) - len(whole)


@pytest.mark.parametrize("block_bytes", [10_000, 4 << 20])
def test_real_rows_are_read_as_an_independent_count_has_them(
    real_rows: Path, counted: tuple[list[dict[str, str]], int], block_bytes: int
) -> None:
    rows, cut = counted
    events, rejected = read(real_rows.read_bytes(), block_bytes=block_bytes)
    assert (events.num_rows, rejected.num_rows) == (len(rows), cut) == (17_434, 1)
    assert pc.sum(events["price"]).as_py() == sum(Decimal(row["price"]) for row in rows)
    for column in ("product_id", "category_id", "user_id"):
        assert events[column].to_pylist() == [int(row[column]) for row in rows]
    for column in ("event_type", "category_code", "brand", "user_session"):
        assert events[column].to_pylist() == [row[column] or None for row in rows]
    assert Counter(events["event_date"].to_pylist()) == {dt.date(2019, 10, 1): len(rows)}
    times = [f"{time:%Y-%m-%d %H:%M:%S} UTC" for time in events["event_time"].to_pylist()]
    assert times == [row["event_time"] for row in rows]


def test_the_cut_last_line_is_rejected_with_its_number_and_text(real_rows: Path) -> None:
    _, rejected = read(real_rows.read_bytes())
    (row,) = rejected.to_pylist()
    last = real_rows.read_bytes().rsplit(b"\n", 1)[1].decode()
    assert (row["source_row"], row["reason"], row["line"]) == (17_436, "field_count", last)
    assert row["detail"] == "8 fields, expected 9"
