"""Objects of a landing folder: what is listed, what is left alone, and what changed meanwhile."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import BinaryIO

import pytest
import xxhash

from ecom_platform.landing.folder_store import FolderStore
from ecom_platform.landing.objects import LandingStore, ObjectChangedError


def put(root: Path, key: str, content: bytes = b"x") -> Path:
    path = root / key
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def keys(store: LandingStore, prefix: str = "events/") -> list[str]:
    return [found.key for found in store.list(prefix)]


def test_a_missing_root_is_empty(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "nowhere")
    assert (list(store.list()), list(store.ignored())) == ([], [])


def test_data_files_are_listed_by_key_in_all_folders(tmp_path: Path) -> None:
    names = ["b.csv", "a.csv.gz", "2020/04/c.gz", "2020/d.CSV.GZIP", "mit Leerzeichen/ü 1.csv"]
    for name in names:
        put(tmp_path, f"events/{name}")
    put(tmp_path, "dms/public/users/LOAD00000001.csv")
    assert keys(FolderStore(tmp_path)) == sorted(f"events/{name}" for name in names)


def test_size_and_time_are_those_of_the_file(tmp_path: Path) -> None:
    path = put(tmp_path, "events/a.csv", b"12345")
    os.utime(path, ns=(0, 1_585_699_200_123_456_789))
    (found,) = FolderStore(tmp_path).list()
    assert (found.size, found.version) == (5, None)
    assert found.modified_at == dt.datetime(2020, 4, 1, 0, 0, 0, 123_456, tzinfo=dt.UTC)
    assert FolderStore(tmp_path).stat("events/a.csv") == found


def test_a_prefix_is_the_beginning_of_a_key(tmp_path: Path) -> None:
    for name in ("2020-Mar.csv", "2020-Apr.csv", "2019-Oct.csv"):
        put(tmp_path, f"events/{name}")
    store = FolderStore(tmp_path)
    assert keys(store, "events/2020-") == ["events/2020-Apr.csv", "events/2020-Mar.csv"]
    assert len(keys(store, "")) == 3


@pytest.mark.parametrize(
    "name",
    (
        ".a.csv _a.csv .hidden/a.csv _temporary/0/a.csv "
        "a.csv.tmp a.csv.gz.part a.csv.CRDOWNLOAD deep/_SUCCESS"
    ).split(),
)
def test_unfinished_names_are_left_alone(tmp_path: Path, name: str) -> None:
    put(tmp_path, f"events/{name}")
    store = FolderStore(tmp_path)
    assert (keys(store), list(store.ignored())) == ([], [])


def test_files_that_are_no_data_by_their_name_are_named(tmp_path: Path) -> None:
    for name in ("a.parquet", "sub/readme.txt", "b.zip", "c.csv"):
        put(tmp_path, f"events/{name}")
    store = FolderStore(tmp_path)
    assert list(store.ignored()) == ["events/a.parquet", "events/b.zip", "events/sub/readme.txt"]
    assert keys(store) == ["events/c.csv"]


def test_a_name_that_no_table_can_hold_is_named_as_ignored(tmp_path: Path) -> None:
    folder = tmp_path / "events"
    folder.mkdir()
    try:
        Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.csv")).write_bytes(b"x")
    except OSError:
        pytest.skip("this file system takes only names in UTF-8")
    store = FolderStore(tmp_path)
    assert keys(store) == []
    assert list(store.ignored()) == ["events/caf\\xe9.csv"]


def test_an_empty_data_file_is_listed_so_that_it_is_refused_by_name(tmp_path: Path) -> None:
    put(tmp_path, "events/empty.csv", b"")
    assert [found.size for found in FolderStore(tmp_path).list()] == [0]


def test_links_out_of_the_landing_folder_are_followed(tmp_path: Path) -> None:
    put(tmp_path, "elsewhere/2020-Apr.csv", b"far")
    put(tmp_path, "landing/events/a.csv")
    (tmp_path / "landing/events/linked.csv").symlink_to(tmp_path / "elsewhere/2020-Apr.csv")
    (tmp_path / "landing/events/folder").symlink_to(tmp_path / "elsewhere")
    store = FolderStore(tmp_path / "landing")
    assert keys(store) == ["events/a.csv", "events/folder/2020-Apr.csv", "events/linked.csv"]
    with store.open("events/folder/2020-Apr.csv") as stream:
        assert stream.read() == b"far"


def test_a_link_that_leads_back_or_nowhere_is_not_followed(tmp_path: Path) -> None:
    put(tmp_path, "events/a.csv")
    (tmp_path / "events/back").symlink_to(tmp_path / "events")
    (tmp_path / "events/up").symlink_to(tmp_path)
    (tmp_path / "events/dead.csv").symlink_to(tmp_path / "nowhere.csv")
    found = keys(FolderStore(tmp_path))
    assert "events/a.csv" in found
    assert not [key for key in found if "back" in key or "dead" in key]
    assert len(found) <= 2


def test_a_pipe_is_no_object(tmp_path: Path) -> None:
    put(tmp_path, "events/a.csv")
    os.mkfifo(tmp_path / "events/pipe.csv")
    assert keys(FolderStore(tmp_path)) == ["events/a.csv"]


def test_the_version_is_the_hash_of_the_content(tmp_path: Path) -> None:
    content = os.urandom(3 << 20)
    put(tmp_path, "events/a.csv", content)
    put(tmp_path, "events/b.csv", content)
    put(tmp_path, "events/c.csv", content + b"\n")
    store = FolderStore(tmp_path)
    versions = [store.version(found.key) for found in store.list()]
    assert versions[0] == versions[1] == xxhash.xxh3_128(content).hexdigest()
    assert versions[2] != versions[0]


def test_an_unchanged_object_passes(tmp_path: Path) -> None:
    put(tmp_path, "events/a.csv")
    store = FolderStore(tmp_path)
    (found,) = store.list()
    store.verify_unchanged(found)


def test_an_object_that_grew_while_it_was_read_is_told(tmp_path: Path) -> None:
    path = put(tmp_path, "events/a.csv")
    store = FolderStore(tmp_path)
    (found,) = store.list()
    with path.open("ab") as stream:
        stream.write(b"more")
    os.utime(path, ns=(0, int(found.modified_at.timestamp() * 1e9)))
    with pytest.raises(ObjectChangedError, match=r"events/a\.csv changed .* stays pending"):
        store.verify_unchanged(found)


def test_an_object_rewritten_at_the_same_size_is_told(tmp_path: Path) -> None:
    path = put(tmp_path, "events/a.csv", b"old")
    store = FolderStore(tmp_path)
    (found,) = store.list()
    path.write_bytes(b"new")
    os.utime(path, ns=(0, int(found.modified_at.timestamp() * 1e9) + 5_000_000))
    with pytest.raises(ObjectChangedError, match="changed while it was read"):
        store.verify_unchanged(found)


def test_an_object_that_disappeared_is_told_by_name(tmp_path: Path) -> None:
    path = put(tmp_path, "events/a.csv")
    store = FolderStore(tmp_path)
    (found,) = store.list()
    path.unlink()
    for attempt in (
        lambda: store.verify_unchanged(found),
        lambda: store.version(found.key),
        lambda: store.open(found.key),
        lambda: store.stat(found.key),
    ):
        with pytest.raises(ObjectChangedError, match=r"events/a\.csv disappeared"):
            attempt()


def test_a_file_that_is_written_while_it_is_hashed_has_no_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(tmp_path, "events/a.csv", b"1" * (2 << 20))
    store = FolderStore(tmp_path)

    def open_and_write(key: str) -> BinaryIO:
        with path.open("ab") as stream:
            stream.write(b"2")
        return path.open("rb")

    monkeypatch.setattr(store, "open", open_and_write)
    with pytest.raises(ObjectChangedError):
        store.version("events/a.csv")


@pytest.mark.parametrize("key", ["../outside.csv", "events/../../outside.csv", "/etc/hostname"])
def test_a_key_cannot_leave_the_landing_folder(tmp_path: Path, key: str) -> None:
    with pytest.raises(ValueError, match="no key below the landing root"):
        FolderStore(tmp_path).open(key)
