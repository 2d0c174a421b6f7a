"""Date files: rows of any dates in any order become files of one date, in bounded memory."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ecom_platform.lake import date_files as module
from ecom_platform.lake.date_files import DateFiles
from ecom_platform.lake.staging import StagedFiles
from ecom_platform_tests.lake.staged import stage_in

SCHEMA = pa.schema(
    [
        ("event_date", pa.date32()),
        ("n", pa.int64()),
        ("kind", pa.dictionary(pa.int32(), pa.string())),
    ]
)
FIRST = dt.date(2019, 10, 1)


def batch(rows: list[tuple[dt.date | None, int]]) -> pa.Table:
    kinds = pa.array([f"k{n % 3}" for _, n in rows]).dictionary_encode()
    dates = pa.array([date for date, _ in rows], pa.date32())
    return pa.table([dates, pa.array([n for _, n in rows]), kinds], schema=SCHEMA)


def read(staged: StagedFiles) -> Counter[tuple[dt.date | None, int, str]]:
    """The rows of all files; every file holds one date and is named by it."""
    rows: Counter[tuple[dt.date | None, int, str]] = Counter()
    for path in staged.paths:
        table = pq.ParquetFile(path).read()
        (date,) = set(table["event_date"].to_pylist())
        assert Path(path).name.startswith(f"{date or 'undated'}-")
        found = table.to_pylist()
        rows.update((row["event_date"], row["n"], row["kind"]) for row in found)
    return rows


def expected(rows: list[tuple[dt.date | None, int]]) -> Counter[tuple[dt.date | None, int, str]]:
    return Counter((date, n, f"k{n % 3}") for date, n in rows)


def days(count: int, rows: int, seed: int) -> list[tuple[dt.date | None, int]]:
    """Rows of many dates in no order."""
    shuffled = [(FIRST + dt.timedelta(days=n % count), n) for n in range(rows)]
    random.Random(seed).shuffle(shuffled)
    return shuffled


def test_rows_of_one_date_are_one_file(tmp_path: Path) -> None:
    rows: list[tuple[dt.date | None, int]] = [(FIRST, n) for n in range(10)]
    with DateFiles(stage_in(tmp_path), SCHEMA) as files:
        files.add(batch(rows[:4]))
        files.add(batch(rows[4:]))
        staged = files.close()
    assert len(staged.paths) == 1
    assert read(staged) == expected(rows)
    assert files.rows_by_date == {FIRST: 10}


def test_hundreds_of_dates_in_any_order_lose_no_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: set[Any] = set()
    most = waiting = 0

    class CountedWriter(pq.ParquetWriter):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            nonlocal most
            super().__init__(*args, **kwargs)
            opened.add(self)
            most = max(most, len(opened))

        def close(self) -> None:
            super().close()
            opened.discard(self)

    monkeypatch.setattr(pq, "ParquetWriter", CountedWriter)
    monkeypatch.setattr(module, "_WAITING_ROWS", 500)
    monkeypatch.setattr(module, "_OPEN_FILES", 8)
    rows = days(300, 3_000, seed=1)
    with DateFiles(stage_in(tmp_path), SCHEMA) as files:
        for start in range(0, len(rows), 250):
            files.add(batch(rows[start : start + 250]))
            waiting = max(waiting, sum(files._waiting_rows.values()))
        staged = files.close()
    assert read(staged) == expected(rows)
    assert len(files.rows_by_date) == 300
    assert set(files.rows_by_date.values()) == {10}
    assert most == 8
    assert waiting <= 500
    assert not opened


def test_a_date_that_comes_back_after_its_file_was_closed_gets_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_WAITING_ROWS", 0)
    monkeypatch.setattr(module, "_OPEN_FILES", 1)
    rows: list[tuple[dt.date | None, int]] = [
        (FIRST, 1),
        (FIRST + dt.timedelta(days=1), 2),
        (FIRST, 3),
    ]
    with DateFiles(stage_in(tmp_path), SCHEMA) as files:
        for row in rows:
            files.add(batch([row]))
        staged = files.close()
    assert len(staged.paths) == 3
    assert read(staged) == expected(rows)


def test_rows_without_a_date_have_files_of_their_own(tmp_path: Path) -> None:
    rows = [(None, 1), (FIRST, 2), (None, 3)]
    with DateFiles(stage_in(tmp_path), SCHEMA) as files:
        files.add(batch(rows))
        staged = files.close()
    assert read(staged) == expected(rows)
    assert files.rows_by_date == {None: 2, FIRST: 1}


def test_an_empty_batch_is_nothing(tmp_path: Path) -> None:
    with DateFiles(stage_in(tmp_path), SCHEMA) as files:
        files.add(batch([]))
        assert files.close().paths == ()


def test_an_error_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_WAITING_ROWS", 0)

    def fail_halfway() -> None:
        with DateFiles(stage_in(tmp_path), SCHEMA) as files:
            files.add(batch([(FIRST, 1)]))
            assert list(tmp_path.rglob("*.parquet"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_halfway()
    assert list(tmp_path.rglob("*.parquet")) == []


def test_engines_see_plain_text_not_arrow_dictionaries(tmp_path: Path) -> None:
    with DateFiles(stage_in(tmp_path), SCHEMA) as files:
        files.add(batch([(FIRST, 1)]))
        staged = files.close()
    assert staged.schemas()[0].field("kind").type == pa.string()
    assert b"ARROW:schema" not in (pq.read_metadata(staged.paths[0]).metadata or {})


def test_parts_with_dictionaries_of_their_own_share_one_in_the_file(tmp_path: Path) -> None:
    rows: list[tuple[dt.date | None, int]] = [(FIRST, n) for n in range(60)]
    staged = []
    for parts in ([rows], [[row] for row in rows]):
        with DateFiles(stage_in(tmp_path), SCHEMA) as files:
            for part in parts:
                files.add(batch(part))
            staged.append(files.close())
    assert column(staged[1], "kind").has_dictionary_page
    # Texts written out in full, beside the dictionary, would make it larger.
    sizes = [column(one, "kind").total_uncompressed_size for one in staged]
    assert sizes[0] == sizes[1]
    assert read(staged[1]) == expected(rows)


def test_a_column_of_many_values_gets_no_dictionary(tmp_path: Path) -> None:
    rows: list[tuple[dt.date | None, int]] = [(FIRST, n) for n in range(6)]
    with DateFiles(stage_in(tmp_path), SCHEMA, many_values=["n"]) as files:
        files.add(batch(rows))
        staged = files.close()
    assert not column(staged, "n").has_dictionary_page
    assert column(staged, "event_date").has_dictionary_page
    assert read(staged) == expected(rows)


def test_a_batch_of_one_date_is_not_copied(tmp_path: Path) -> None:
    whole = batch([(FIRST, n) for n in range(100_000)])
    with DateFiles(stage_in(tmp_path), SCHEMA) as files:
        before = pa.total_allocated_bytes()
        files.add(whole)
        assert pa.total_allocated_bytes() - before < whole.nbytes / 2


def column(staged: StagedFiles, name: str) -> pq.ColumnChunkMetaData:
    """What the one file says of a column."""
    (path,) = staged.paths
    return pq.read_metadata(path).row_group(0).column(SCHEMA.get_field_index(name))
