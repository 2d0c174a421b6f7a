"""A full disk, a folder that cannot be written, a locked catalog: one clear error, nothing lost."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ecom_platform.pipeline import raw as module
from ecom_platform_tests.samples import DAY, at

if TYPE_CHECKING:
    from ecom_platform.settings import Settings
    from ecom_platform_tests.cli.conftest import Ecom, Ended
    from ecom_platform_tests.platform_in_small import SmallPlatform

MIB = 1 << 20


def assert_one_clear_error(ended: Ended, *words: str) -> None:
    text = " ".join((ended.out + ended.err).split())
    assert ended.code == 1, text
    for noise in ("Traceback", "dagster", 'File "', "sqlalche.me"):
        assert noise not in text, text
    for word in words:
        assert word in text, text
    failures = [line for line in ended.err.splitlines() if line.startswith(("failed:", "error:"))]
    assert len(failures) == 1, ended.err


def assert_all_is_well(ecom: Ecom, platform: SmallPlatform, rows: int) -> None:
    ended = ecom("run")
    assert ended.code == 0, ended.err
    assert len(platform.rows("fact_user_events")) == rows
    assert platform.rows("dim_users")[0]["view_count"] == rows
    assert platform.pending() == []


@pytest.fixture
def small_disk(settings: Settings) -> Iterator[Path]:
    """The lake's folder on a disk of its own, of 8 MiB."""
    folder = settings.lake_path
    folder.mkdir(parents=True)
    mount = shutil.which("mount") or "mount"
    options = ["-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)]
    if subprocess.run([mount, *options], check=False, capture_output=True).returncode:
        pytest.skip("no disk can be mounted here: this needs root and a kernel that lets it")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.parametrize("free_bytes", [0, 20_000, 60_000])
def test_a_full_disk_loses_nothing(
    small_disk: Path, ecom: Ecom, platform: SmallPlatform, free_bytes: int
) -> None:
    platform.drop("a.csv", at(1), at(2))
    assert_all_is_well(ecom, platform, 2)
    platform.drop("b.csv", at(3))
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(shutil.disk_usage(small_disk).free - free_bytes))
    before = platform.rows("raw_events")[:2]
    assert_one_clear_error(ecom("run"), "No space left on device")
    assert platform.rows("raw_events")[:2] == before
    ballast.unlink()
    assert_all_is_well(ecom, platform, 3)


def test_a_disk_that_became_read_only_loses_nothing(
    small_disk: Path, ecom: Ecom, platform: SmallPlatform
) -> None:
    platform.drop("a.csv", at(1))
    assert_all_is_well(ecom, platform, 1)
    platform.drop("b.csv", at(2))
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    assert_one_clear_error(ecom("run"), str(small_disk))
    subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)
    assert_all_is_well(ecom, platform, 2)


@pytest.mark.parametrize("table", ["raw_events", "fact_user_events"])
def test_a_file_in_place_of_a_folder_loses_nothing(
    ecom: Ecom, platform: SmallPlatform, settings: Settings, table: str
) -> None:
    platform.drop("a.csv", at(1))
    assert_all_is_well(ecom, platform, 1)
    platform.drop("b.csv", at(2))
    folder = settings.lake_path / "tables" / table / "data"
    folder.rename(folder.with_name("elsewhere"))
    folder.touch()
    assert_one_clear_error(ecom("run"), table)
    folder.unlink()
    folder.with_name("elsewhere").rename(folder)
    assert_all_is_well(ecom, platform, 2)


@pytest.fixture
def impatient_catalog(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The catalog of the lake, for which nobody waits long."""
    path = settings.lake_path / "catalog.db"
    monkeypatch.setenv("ECOM_CATALOG", f"sqlite:///{path}?timeout=1")
    return path


def locked(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN EXCLUSIVE")
    return connection


def test_a_locked_catalog_stops_a_run_before_it_begins(
    ecom: Ecom, platform: SmallPlatform, impatient_catalog: Path
) -> None:
    platform.drop("a.csv", at(1))
    assert_all_is_well(ecom, platform, 1)
    platform.drop("b.csv", at(2))
    lock = locked(impatient_catalog)
    assert_one_clear_error(ecom("run"), "locked", "ECOM_CATALOG")
    lock.close()
    assert_all_is_well(ecom, platform, 2)


def test_a_catalog_that_is_locked_meanwhile_loses_nothing(
    ecom: Ecom, platform: SmallPlatform, impatient_catalog: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.drop("a.csv", at(1))
    assert_all_is_well(ecom, platform, 1)
    platform.drop("b.csv", at(2, day=DAY))
    locks: list[sqlite3.Connection] = []
    stage: Callable[..., object] = module.stage_object

    def stage_and_lock(*arguments: object) -> object:
        staged = stage(*arguments)
        locks.append(locked(impatient_catalog))
        return staged

    with monkeypatch.context() as patch:
        patch.setattr(module, "stage_object", stage_and_lock)
        assert_one_clear_error(ecom("run"), "locked")
    locks[0].close()
    assert_all_is_well(ecom, platform, 2)
