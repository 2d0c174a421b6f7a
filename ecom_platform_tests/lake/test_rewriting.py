"""Rewriting files: the same rows in one file, or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ecom_platform.contracts import TABLES
from ecom_platform.lake import rewriting
from ecom_platform.lake.rewriting import RowsDiffer, content_of, rewrite
from ecom_platform_tests.lake.staged import at, stage_rows

if TYPE_CHECKING:
    from ecom_platform.lake.lake import Lake
    from ecom_platform.lake.staging import StagedFiles

CLEAN = TABLES["clean_events"]


def write(lake: Lake, *differences: dict) -> list[str]:
    return list(stage_rows(lake, CLEAN.name, *differences).paths)


def rewritten(lake: Lake, paths: list[str]) -> StagedFiles:
    return rewrite(lake.storage, paths, CLEAN, lake.stage(CLEAN.name), "2020-04-01.parquet")


def content(lake: Lake, paths: list[str]) -> rewriting.Content:
    return content_of(lake.storage, paths, CLEAN)


def test_rows_stay_as_they_are_in_the_order_of_the_files(lake: Lake) -> None:
    files = [*write(lake, at(2), at(1)), *write(lake, {**at(7), "brand": None, "event_id": -1})]
    (path,) = rewritten(lake, files).paths
    before = pa.concat_tables(pq.read_table(file) for file in files)
    after = pq.read_table(path)
    assert after.to_pylist() == before.to_pylist()
    assert after.schema.names == CLEAN.column_names
    assert b"ARROW:schema" not in (pq.read_metadata(path).metadata or {})


def test_many_rows_lie_in_row_groups_of_bounded_size(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rewriting, "_ROWS_OF_A_GROUP", 4)
    files = [write(lake, at(hour), at(hour), at(hour))[0] for hour in range(4)]
    (path,) = rewritten(lake, files).paths
    metadata = pq.read_metadata(path)
    groups = [metadata.row_group(n).num_rows for n in range(metadata.num_row_groups)]
    assert (sum(groups), max(groups)) == (12, 6)


def test_a_column_that_older_files_lack_is_null_in_their_rows(lake: Lake) -> None:
    (new,) = write(lake, at(1))
    (old,) = write(lake, at(2))
    pq.write_table(pq.read_table(old).drop_columns("brand"), old, store_schema=False)
    rows = pq.read_table(rewritten(lake, [new, old]).paths[0]).to_pylist()
    assert [row["brand"] for row in rows] == ["samsung", None]


def test_a_column_that_the_contract_lacks_is_not_lost(lake: Lake) -> None:
    (file,) = write(lake, at(1))
    wider = pq.read_table(file).append_column("colour", pa.array(["red"]))
    pq.write_table(wider, file, store_schema=False)
    with pytest.raises(RowsDiffer, match="colour"):
        rewritten(lake, [file])


# --- The proof that rows are the same


def test_the_order_of_rows_and_files_does_not_matter(lake: Lake) -> None:
    one = [*write(lake, {"event_id": 1}, {"event_id": 2}), *write(lake, {"event_id": 3})]
    other = [
        *write(lake, {"event_id": 3, "source_row": 2}),
        *write(lake, {"event_id": 2, "source_row": 3}, {"event_id": 1, "source_row": 2}),
    ]
    assert content(lake, one) == content(lake, other)
    assert content(lake, one).row_count == 3


@pytest.mark.parametrize(
    "changed",
    [
        {"brand": "apple"},
        {"brand": None},
        {"brand": None, "category_code": "samsung"},
        {"user_id": 513894772},
        {"event_id": 99},
    ],
)
def test_a_changed_value_is_found(lake: Lake, changed: dict) -> None:
    assert content(lake, write(lake, {}, {})) != content(lake, write(lake, {}, changed))


def test_values_that_moved_between_rows_are_found(lake: Lake) -> None:
    one = write(lake, {"brand": "a", "user_id": 1}, {"brand": "b", "user_id": 2})
    other = write(lake, {"brand": "b", "user_id": 1}, {"brand": "a", "user_id": 2})
    assert content(lake, one) != content(lake, other)


def test_a_row_that_replaced_the_repetition_of_another_is_found(lake: Lake) -> None:
    row, other = {"event_id": 1, "source_row": 2}, {"event_id": 2, "source_row": 2}
    assert content(lake, write(lake, row, row, other)) != content(
        lake, write(lake, row, other, other)
    )


def test_files_without_rows_have_a_content_too(lake: Lake) -> None:
    assert content(lake, []) == rewriting.Content(0, (0, 0))


@pytest.mark.parametrize("lost", [0, 1])
def test_a_lost_or_doubled_row_group_is_refused(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, lost: int
) -> None:
    faithful = rewriting._write

    def faulty(writer: pq.ParquetWriter, batches: list) -> None:
        for _ in range(2 * lost):
            faithful(writer, batches)
        if not lost:
            faithful(writer, [batches[0].slice(1)])

    monkeypatch.setattr(rewriting, "_write", faulty)
    with pytest.raises(RowsDiffer, match=r"clean_events.*2 files.*stay as they are"):
        rewritten(lake, [*write(lake, at(1), at(1)), *write(lake, at(2))])


def test_a_refused_file_stays_for_inspection(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    def faulty(writer: pq.ParquetWriter, batches: list) -> None:
        writer.write_batch(batches[0].slice(1))

    monkeypatch.setattr(rewriting, "_write", faulty)
    with pytest.raises(RowsDiffer) as refused:
        rewritten(lake, write(lake, at(1), at(2)))
    left = {file.path for file in lake.storage.list(lake.storage.root)}
    assert any(word in left for word in str(refused.value).split())
