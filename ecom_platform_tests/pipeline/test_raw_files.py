"""What the files of landing objects prove: lines that rise, rules that the footers settle."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ecom_platform.contracts.raw import RAW_EVENTS
from ecom_platform.lake.storage import FolderStorage
from ecom_platform.pipeline.raw_files import are_proven
from ecom_platform_tests.samples import RAW_ROW, Row


@dataclass(frozen=True)
class Written:
    """What is asked of a file of the table."""

    path: str
    row_count: int
    source_object: str | None = "events/a.csv"
    byte_count: int | None = None

    def only(self, column: str) -> str | None:
        assert column == "source_object"
        return self.source_object


@pytest.fixture
def write(tmp_path: Path):
    def write(*rows: Row, row_count: int | None = None, **file: str | None) -> Written:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.parquet"
        full = [{**RAW_ROW, "event_date": dt.date(2020, 4, 1), **row} for row in rows]
        known = [{name: row[name] for name in RAW_EVENTS.column_names} for row in full]
        # Groups of two rows: a line is held against the last one of the group before, too.
        table = pa.Table.from_pylist(known, schema=RAW_EVENTS.arrow_schema)
        pq.write_table(table, path, row_group_size=2)
        return Written(str(path), len(rows) if row_count is None else row_count, **file)

    return write


def lines(*numbers: int | None) -> list[Row]:
    return [{"source_row": number} for number in numbers]


@pytest.fixture
def storage(tmp_path: Path) -> FolderStorage:
    return FolderStorage(tmp_path)


def test_lines_that_rise_within_files_and_from_file_to_file_are_proven(storage, write) -> None:
    assert are_proven(storage, [])
    assert are_proven(storage, [write(*lines(2, 3, 7, 9, 10))])
    assert are_proven(storage, [write(*lines(8, 9)), write(*lines(2, 7))])
    # Another object has lines of the same numbers.
    other = write(*lines(2, 3), source_object="events/b.csv")
    assert are_proven(storage, [write(*lines(2, 3)), other])


@pytest.mark.parametrize("numbers", [(2, 2), (2, 3, 3), (3, 2), (2, 5, 4, 6), (2, None), (0, 1)])
def test_lines_that_do_not_rise_prove_nothing(storage, write, numbers: tuple[int, ...]) -> None:
    assert not are_proven(storage, [write(*lines(*numbers))])


@pytest.mark.parametrize("second", [(9, 10), (3, 4), (7, 8), (2, 9)])
def test_lines_of_two_files_of_an_object_must_not_meet(storage, write, second) -> None:
    files = [write(*lines(3, 9)), write(*lines(*second))]
    assert not are_proven(storage, files)
    assert not are_proven(storage, files[::-1])


@pytest.mark.parametrize("bad", [{"user_id": None}, {"product_id": 0}, {"event_time": None}])
def test_a_row_that_breaks_a_rule_is_not_proven(storage, write, bad: Row) -> None:
    good = write(*lines(2, 3))
    rows = lines(4, 5, 6)
    assert are_proven(storage, [good, write(*rows)])
    assert not are_proven(storage, [good, write(*rows[:2], {**rows[2], **bad})])


def test_a_file_of_several_objects_or_of_other_rows_than_recorded_proves_nothing(
    storage, write
) -> None:
    assert not are_proven(storage, [write(*lines(2, 3), source_object=None)])
    assert not are_proven(storage, [write(*lines(2, 3), row_count=3)])
    assert not are_proven(storage, [write(row_count=0)])
