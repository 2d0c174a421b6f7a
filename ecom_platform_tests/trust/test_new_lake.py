"""A new lake: processes that open it at the same moment all find one."""

from __future__ import annotations

import traceback
from pathlib import Path

from ecom_platform.lake.lake import Lake
from ecom_platform.settings import Settings, load_settings
from ecom_platform_tests.s3_in_small import everywhere
from ecom_platform_tests.trust.processes import ended, start

OPENED_AT_ONCE = 4


def open_when_told(settings: Settings, now: Path, told: Path) -> None:
    """Open the lake the moment that a file is there, and leave what went wrong."""
    lake = Lake(settings)
    while not now.exists():
        pass
    try:
        lake.existing_tables()
        lake.table("publications")
        told.write_text("opened", encoding="utf-8")
    except Exception:  # noqa: BLE001  # told to whoever started the process
        told.write_text(traceback.format_exc(), encoding="utf-8")


@everywhere
def test_processes_that_open_a_new_lake_at_once_all_find_it(
    tmp_path: Path, settings: Settings
) -> None:
    for attempt in range(5):
        there = f"{settings.lake}-{attempt}"
        new = load_settings(lake=there, state=settings.state, _env_file=None)
        told = [tmp_path / f"{attempt}-{number}.txt" for number in range(OPENED_AT_ONCE)]
        now = tmp_path / f"{attempt}-now"
        children = [start(open_when_told, new, now, path) for path in told]
        now.touch()
        assert [ended(child) for child in children] == [0] * OPENED_AT_ONCE
        assert {path.read_text(encoding="utf-8") for path in told} == {"opened"}
