"""Storage: files are listed, read and deleted alike wherever they lie."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from ecom_platform.lake.storage import FolderStorage, Storage
from ecom_platform_tests.s3_in_small import everywhere

if TYPE_CHECKING:
    from ecom_platform.lake.lake import Lake

ROWS = pa.table({"n": list(range(10))})


pytestmark = everywhere


@pytest.fixture
def storage(lake: Lake) -> Storage:
    return lake.storage


def write(storage: Storage, name: str) -> str:
    path = f"{storage.root}/{name}"
    with storage.parquet_writer(path, ROWS.schema) as writer:
        writer.write_table(ROWS)
    return path


def listed(storage: Storage, folder: str = "") -> set[str]:
    return {found.path for found in storage.list(f"{storage.root}{folder}")}


def test_nothing_is_there_at_first(storage: Storage) -> None:
    assert listed(storage) == set()
    path = f"{storage.root}/t/data/a.parquet"
    assert not storage.exists(path)
    assert storage.missing([path]) == [path]
    assert storage.missing([]) == []


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
    assert storage.missing([path, f"{path}x"]) == [f"{path}x"]
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
    for read in (
        storage.footer,
        lambda p: storage.footer(p, 9),
        lambda p: storage.open(p).read(1),
        lambda p: storage.open(p, 9).read(1),
    ):
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


def test_no_empty_folder_and_no_mark_of_one_is_left_behind(storage: Storage) -> None:
    kept = write(storage, "t/data/b/1.parquet")
    storage.delete([write(storage, "t/data/a/_hour=1/1.parquet")])
    if isinstance(storage, FolderStorage):
        assert [path.name for path in Path(storage.root, "t", "data").iterdir()] == ["b"]
    assert listed(storage) == {kept}


def test_a_thousand_files_are_one_listing(storage: Storage, tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(b"x")
    paths = [f"{storage.root}/t/data/a/{number}" for number in range(1_001)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda path: storage.upload(tmp_path / "one", path), paths))
    assert listed(storage) == set(paths)
    storage.delete(paths)
    assert listed(storage) == set()


def test_the_catalog_records_where_a_file_lies(storage: Storage, place: str) -> None:
    path = write(storage, "t/data/a/1.parquet")
    scheme = {"folder": "file:///", "s3": "s3://"}[place]
    assert storage.uri(path).startswith(scheme)
    assert storage.uri(path).endswith("/tables/t/data/a/1.parquet")
