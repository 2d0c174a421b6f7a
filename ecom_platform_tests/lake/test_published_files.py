"""The file system behind SQL: published files under telling names, for reading and no more."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from ecom_platform.contracts import TABLES
from ecom_platform.lake.published_files import PublishedFiles
from ecom_platform.lake.storage import FolderStorage
from ecom_platform_tests.lake.published import FACT, publish
from ecom_platform_tests.lake.staged import at

if TYPE_CHECKING:
    from ecom_platform.lake.lake import Lake


def served(lake: Lake, table: str = FACT) -> tuple[PublishedFiles, list[str]]:
    files = PublishedFiles(FolderStorage(Path()))
    pattern = files.serve(TABLES[table], lake.table(table).files())
    return files, files.glob(pattern)


def test_a_name_tells_table_date_and_file(lake: Lake) -> None:
    publish(lake, at(1, day=2))
    publish(lake, at(1, day=1))
    _, names = served(lake)
    assert [name.rpartition("/")[0] for name in names] == [
        f"lake://{FACT}/contract/event_date=__HIVE_DEFAULT_PARTITION__",
        f"lake://{FACT}/data/event_date=2020-04-01",
        f"lake://{FACT}/data/event_date=2020-04-02",
    ]
    kept = {"/".join(file.path.split("/")[-2:]) for file in lake.table(FACT).files()}
    assert {name.rpartition("/")[2].replace(".rows", "/rows") for name in names[1:]} == kept


def test_a_row_without_a_date_lies_in_the_folder_of_none(lake: Lake) -> None:
    publish(lake, {"event_date": None}, table="rejected_events")
    _, names = served(lake, "rejected_events")
    assert names[1].startswith("lake://rejected_events/data/event_date=__HIVE_DEFAULT_PARTITION__/")


def test_a_table_that_is_not_divided_has_no_folders(lake: Lake) -> None:
    _, names = served(lake, "publications")
    assert names == ["lake://publications/contract/columns.parquet"]


def test_the_first_file_is_the_contract_without_rows(lake: Lake) -> None:
    files, (name,) = served(lake)
    with files.open(name) as stream:
        table = pq.read_table(stream)
    assert table.num_rows == 0
    assert table.schema.names == TABLES[FACT].column_names
    assert table.schema.types == TABLES[FACT].arrow_schema.types
    with files.open(name) as stream:
        assert files.size(name) == len(stream.read())


def test_a_file_is_served_as_it_is(lake: Lake) -> None:
    publish(lake, {})
    files, (_, name) = served(lake)
    (file,) = lake.table(FACT).files()
    with files.open(name) as stream:
        content = stream.read()
    assert len(content) == files.size(name) == file.byte_count
    assert content.startswith(b"PAR1")
    assert files.exists(name)
    assert files.isfile(name)


@pytest.mark.parametrize("mode", ["wb", "ab", "r+b", "w"])
def test_nothing_is_opened_for_writing(lake: Lake, mode: str) -> None:
    publish(lake, {})
    files, names = served(lake)
    for name in (*names, f"lake://{FACT}/data/new.parquet"):
        with pytest.raises(PermissionError, match="read-only"):
            files.open(name, mode)


def test_what_is_not_published_is_not_there(lake: Lake) -> None:
    publish(lake, {})
    files, names = served(lake)
    (file,) = lake.table(FACT).files()
    for path in (file.path, f"lake://{file.path}", names[1] + "/../x", f"lake://{FACT}"):
        assert not files.exists(path)
        assert files.glob(path) == []
        with pytest.raises(FileNotFoundError):
            files.open(path)


def test_two_connections_do_not_share_what_they_serve(lake: Lake) -> None:
    files, _ = served(lake)
    assert files.glob("lake://*")
    assert PublishedFiles(FolderStorage(Path())).glob("lake://*") == []
