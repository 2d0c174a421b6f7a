"""Storage: files are listed, read and deleted alike wherever they lie."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pyarrow as pa
import pytest

from ecom_platform.lake.storage import FolderStorage, Storage

ROWS = pa.table({"n": list(range(10))})


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return FolderStorage(tmp_path / "lake" / "tables")


def write(storage: Storage, name: str) -> str:
    path = f"{storage.root}/{name}"
    with storage.parquet_writer(path, ROWS.schema) as writer:
        writer.write_table(ROWS)
    return path


def listed(storage: Storage, folder: str = "") -> set[str]:
    return {found.path for found in storage.list(f"{storage.root}{folder}")}


def test_nothing_is_there_at_first(storage: Storage) -> None:
    assert listed(storage) == set()
    assert not storage.exists(f"{storage.root}/t/data/a.parquet")


def test_files_of_any_depth_are_listed_with_size_and_age(storage: Storage) -> None:
    paths = {write(storage, name) for name in ("t/data/a/1.parquet", "t/data/a/_hour=2/2.parquet")}
    write(storage, "t2/data/a/1.parquet")
    assert listed(storage, "/t") == paths
    assert listed(storage, "/t/data/a") == paths
    assert len(listed(storage)) == 3
    for found in storage.list(f"{storage.root}/t"):
        assert found.size == len(storage.open(found.path).read())
        age = dt.datetime.now(tz=dt.UTC) - found.modified_at
        assert abs(age) < dt.timedelta(minutes=10)


def test_a_file_tells_its_rows(storage: Storage) -> None:
    path = write(storage, "t/data/a/1.parquet")
    assert storage.exists(path)
    assert storage.footer(path).num_rows == 10
    (found,) = storage.list(f"{storage.root}/t")
    assert storage.footer(path, found.size).num_rows == 10


def test_a_file_is_read_anywhere(storage: Storage) -> None:
    path = write(storage, "t/data/a/1.parquet")
    with storage.open(path) as whole:
        content = whole.read()
    with storage.open(path, len(content)) as stream:
        assert stream.seek(-4, 2) == len(content) - 4
        assert stream.read() == b"PAR1"
        assert stream.read(1) == b""
        stream.seek(4)
        assert stream.read(6) == content[4:10]
        assert stream.tell() == 10


def test_a_file_that_is_not_there_is_told_by_its_name(storage: Storage, tmp_path: Path) -> None:
    path = f"{storage.root}/t/data/a/gone.parquet"
    for read in (storage.footer, lambda p: storage.open(p).read(1)):
        with pytest.raises(FileNotFoundError, match=r"gone\.parquet"):
            read(path)
    with pytest.raises(FileNotFoundError, match=r"gone\.parquet"):
        storage.download(path, tmp_path / "copy")


def test_files_are_copied_in_and_out(storage: Storage, tmp_path: Path) -> None:
    (tmp_path / "here").write_bytes(b"content")
    path = f"{storage.root}/t/data/a/x"
    storage.upload(tmp_path / "here", path)
    storage.download(path, tmp_path / "there" / "x")
    assert (tmp_path / "there" / "x").read_bytes() == b"content"


def test_deleting_takes_the_named_files_and_leaves_the_others(storage: Storage) -> None:
    first, second, other = (write(storage, f"t/data/{n}/1.parquet") for n in "abc")
    storage.delete([first, second, f"{storage.root}/t/data/x/gone.parquet"])
    assert listed(storage) == {other}
    storage.delete([])
    assert not storage.exists(first)


def test_no_empty_folder_is_left_behind(tmp_path: Path) -> None:
    storage = FolderStorage(tmp_path / "tables")
    storage.delete([write(storage, "t/data/a/_hour=1/1.parquet")])
    assert list((tmp_path / "tables" / "t" / "data").iterdir()) == []


def test_the_catalog_records_where_a_file_lies(storage: Storage) -> None:
    path = write(storage, "t/data/a/1.parquet")
    assert storage.uri(path) == f"file://{path}"
