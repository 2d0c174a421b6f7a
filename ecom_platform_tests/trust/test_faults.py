"""A full disk, a folder that cannot be written, a locked catalog: one clear error, nothing lost."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ecom_platform.errors import LakeUnavailable
from ecom_platform.pipeline import object_batches as module
from ecom_platform_tests.ledger_in_small import run_all
from ecom_platform_tests.samples import at
from ecom_platform_tests.trust.leftovers import assert_maintenance_leaves_nothing

if TYPE_CHECKING:
    from ecom_platform.settings import Settings
    from ecom_platform_tests.cli.conftest import Ecom, Ended
    from ecom_platform_tests.platform_in_small import SmallPlatform

# What is free when a run begins: it gets further, from nothing at all to the last table.
FREE_BYTES = (0, 10_000, 30_000, 60_000, 100_000)


def assert_a_clear_error(ended: Ended, *words: str) -> None:
    text = " ".join((ended.out + ended.err).split())
    assert ended.code == 1, text
    for noise in ("Traceback", 'File "', "sqlalche.me"):
        assert noise not in text, text
    told = [line for line in ended.err.splitlines() if line.startswith(("failed:", "ecom:"))]
    assert told, ended.err
    for word in (*words, "nothing is lost"):
        assert word in told[0], ended.err


def assert_all_is_well(ecom: Ecom, platform: SmallPlatform, rows: int) -> None:
    ended = ecom("run")
    assert ended.code == 0, ended.err
    assert len(platform.rows("fact_user_events")) == rows
    assert platform.rows("dim_users")[0]["view_count"] == rows
    assert platform.pending() == []


@pytest.fixture
def small_disk(settings: Settings) -> Iterator[Path]:
    """The lake's folder on a disk of its own, of 16 MiB."""
    folder = settings.lake_path
    folder.mkdir(parents=True)
    mount = shutil.which("mount") or "mount"
    options = ["-t", "tmpfs", "-o", "size=16m", "tmpfs", str(folder)]
    if subprocess.run([mount, *options], check=False, capture_output=True).returncode:
        pytest.skip("no disk can be mounted here: this needs root and a kernel that lets it")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def leave_free(disk: Path, free_bytes: int) -> Path:
    """Fill a disk up to some bytes; the file that does."""
    ballast = disk / "ballast"
    ballast.write_bytes(bytes(shutil.disk_usage(disk).free - free_bytes))
    return ballast


def test_a_disk_that_is_full_at_any_moment_loses_nothing(
    small_disk: Path, platform: SmallPlatform
) -> None:
    platform.drop("a.csv", at(0))
    run_all(platform)
    for hour, free_bytes in enumerate(FREE_BYTES, start=1):
        platform.drop(f"{hour}.csv", at(hour))
        before = platform.rows("fact_user_events")
        ballast = leave_free(small_disk, free_bytes)
        # Which library meets the end of the disk differs, and with much left nobody does.
        with suppress(Exception):
            run_all(platform)
        found = platform.rows("fact_user_events")
        assert found == before or len(found) == len(before) + 1
        ballast.unlink()
        run_all(platform)
        assert len(platform.rows("fact_user_events")) == hour + 1
    assert_maintenance_leaves_nothing(platform)


def test_a_full_disk_stops_a_run(small_disk: Path, platform: SmallPlatform) -> None:
    platform.drop("a.csv", at(0))
    ballast = leave_free(small_disk, 0)
    with pytest.raises((OSError, LakeUnavailable), match=r"No space left|full"):
        platform.run()
    ballast.unlink()


@pytest.mark.slow
@pytest.mark.parametrize("free_bytes", [0, 60_000])
def test_a_full_disk_is_told_with_its_remedy(
    small_disk: Path, ecom: Ecom, platform: SmallPlatform, free_bytes: int
) -> None:
    platform.drop("a.csv", at(1), at(2))
    assert_all_is_well(ecom, platform, 2)
    platform.drop("b.csv", at(3))
    ballast = leave_free(small_disk, free_bytes)
    assert_a_clear_error(ecom("run"), "no space is left", str(small_disk))
    ballast.unlink()
    assert_all_is_well(ecom, platform, 3)


@pytest.mark.slow
@pytest.mark.parametrize("table", ["raw_events", "fact_user_events"])
def test_a_folder_that_cannot_be_written_is_told_and_loses_nothing(
    ecom: Ecom, platform: SmallPlatform, settings: Settings, table: str
) -> None:
    platform.drop("a.csv", at(1))
    assert_all_is_well(ecom, platform, 1)
    platform.drop("b.csv", at(2))
    # A file in its place: nobody can write there, whatever rights the user has.
    folder = settings.lake_path / "tables" / table / "data"
    folder.rename(folder.with_name("elsewhere"))
    folder.touch()
    assert_a_clear_error(ecom("run"), "cannot be written", table)
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


@pytest.mark.slow
def test_a_catalog_that_is_locked_in_the_middle_of_a_run_loses_nothing(
    ecom: Ecom, platform: SmallPlatform, impatient_catalog: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.drop("a.csv", at(1))
    assert_all_is_well(ecom, platform, 1)
    platform.drop("b.csv", at(2))
    locks: list[sqlite3.Connection] = []
    stage: Callable[..., Any] = module.stage_object

    def stage_and_lock(*arguments: Any) -> Any:
        staged = stage(*arguments)
        locks.append(locked(impatient_catalog))
        return staged

    with monkeypatch.context() as patch:
        patch.setattr(module, "stage_object", stage_and_lock)
        assert_a_clear_error(ecom("run"), "locked")
    locks[0].close()
    assert_all_is_well(ecom, platform, 2)
