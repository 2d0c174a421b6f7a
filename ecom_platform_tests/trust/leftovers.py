"""Leftovers: what lies in a lake that no table mentions, once a lake was maintained long after.

Belongs here: comparing the disk with the tables. Not here: maintaining.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ecom_platform.lake.s3_storage import S3Storage
from ecom_platform_tests.trust.generations import state_of
from ecom_platform_tests.trust.witness import read_by_iceberg
from ecom_platform_tests.upkeep_in_small import LATER, disk, upkeep

if TYPE_CHECKING:
    from ecom_platform.lake.table import TableVersion
    from ecom_platform_tests.platform_in_small import SmallPlatform


def assert_maintenance_leaves_nothing(platform: SmallPlatform) -> None:
    """Maintain a lake when all that lies there is old: every file that stays is in use."""
    lake, settings = platform.lake, platform.lake.settings
    before = state_of(read_by_iceberg(settings))
    upkeep(platform, LATER)
    # Versions of rejected_events outlive those of clean_events that they belong to by a night.
    upkeep(platform, LATER)
    assert state_of(read_by_iceberg(settings)) == before
    tables = lake.existing_tables().values()
    mentioned = {name.removeprefix("file://") for table in tables for name in _mentioned(table)}
    assert disk(lake) == mentioned
    if lake.s3:
        beside = S3Storage(lake.s3)
        names = {file.path.removeprefix(f"{beside.root}/") for file in beside.list(beside.root)}
        assert {name.partition("/")[0] for name in names} == {"landing", "tables", "catalog_id"}
        return
    folder = settings.lake_path
    assert not [path for path in (folder / "tables").rglob("*") if _is_empty_folder(path)]
    assert {path.name for path in folder.iterdir()} == {"landing", "tables", "catalog.db"}


def _mentioned(version: TableVersion) -> Iterator[str]:
    table = version.iceberg
    yield table.metadata_location
    yield from (entry.metadata_file for entry in table.metadata.metadata_log)
    for snapshot in table.metadata.snapshots:
        yield snapshot.manifest_list
        yield from (manifest.manifest_path for manifest in snapshot.manifests(table.io))
    yield from (file.location for file in version.files())


def _is_empty_folder(path: Path) -> bool:
    return path.is_dir() and not any(path.iterdir())
