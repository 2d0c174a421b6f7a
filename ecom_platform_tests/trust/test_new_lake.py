"""A new lake: processes that open it at the same moment all find one."""

from __future__ import annotations

import traceback
from pathlib import Path

from ecom_platform.lake.lake import Lake
from ecom_platform.settings import load_settings
from ecom_platform_tests.trust.processes import ended, start

OPENED_AT_ONCE = 4


def open_when_told(folder: Path, told: Path) -> None:
    """Open the lake the moment that its landing folder is there, and leave what went wrong."""
    lake = Lake(load_settings(lake=str(folder), _env_file=None))
    while not (folder / "landing").exists():
        pass
    try:
        lake.existing_tables()
        lake.table("publications")
        told.write_text("opened", encoding="utf-8")
    except Exception:  # noqa: BLE001  # told to whoever started the process
        told.write_text(traceback.format_exc(), encoding="utf-8")


def test_processes_that_open_a_new_lake_at_once_all_find_it(tmp_path: Path) -> None:
    for attempt in range(5):
        folder = tmp_path / str(attempt)
        told = [tmp_path / f"{attempt}-{number}.txt" for number in range(OPENED_AT_ONCE)]
        children = [start(open_when_told, folder, path) for path in told]
        (folder / "landing").mkdir(parents=True)
        assert [ended(child) for child in children] == [0] * OPENED_AT_ONCE
        assert {path.read_text(encoding="utf-8") for path in told} == {"opened"}
