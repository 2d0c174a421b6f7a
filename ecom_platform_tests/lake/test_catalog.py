"""The catalog: tables are made once, and a lake that cannot be opened says so in one line."""

from __future__ import annotations

import dataclasses
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pyiceberg.exceptions import NoSuchTableError
from pyiceberg.expressions import AlwaysTrue

from ecom_platform.contracts import TABLES
from ecom_platform.errors import LakeUnavailable
from ecom_platform.lake.catalog import open_table
from ecom_platform.lake.lake import Lake
from ecom_platform.settings import Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Callable


def refusal(settings: Settings) -> str:
    """What a person reads when the lake cannot be opened."""
    with pytest.raises(LakeUnavailable) as caught:
        Lake(settings).table("clean_events")
    message = str(caught.value)
    assert "\n" not in message
    return message


def lake_at(folder: Path, **choices: str) -> Settings:
    return load_settings(lake=str(folder), _env_file=None, **choices)


def test_making_a_lake_touches_nothing(settings: Settings) -> None:
    Lake(settings)
    assert not settings.lake_path.exists()


def test_the_first_use_makes_the_folder_and_the_catalog(settings: Settings, lake: Lake) -> None:
    assert lake.table("clean_events").files() == []
    assert {path.name for path in settings.lake_path.iterdir()} == {"catalog.db", "tables"}
    assert lake.table("clean_events").iceberg.location() == (
        f"file://{settings.lake_path}/tables/clean_events"
    )


def test_a_table_is_made_once_and_another_process_finds_it(settings: Settings, lake: Lake) -> None:
    first = lake.table("clean_events").iceberg.metadata.table_uuid
    assert Lake(settings).table("clean_events").iceberg.metadata.table_uuid == first


def test_when_two_processes_make_a_table_the_quicker_one_wins(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = lake.table("clean_events")
    load: Callable = lake.catalog.load_table
    answers = iter([NoSuchTableError("not yet")])

    def load_too_early(identifier: object) -> object:
        for answer in answers:
            raise answer
        return load(identifier)

    monkeypatch.setattr(lake.catalog, "load_table", load_too_early)
    table = open_table(lake.catalog, version.contract, f"file://{lake.storage.root}")
    assert table.metadata.table_uuid == version.iceberg.metadata.table_uuid


def test_readers_can_map_columns_by_name(lake: Lake) -> None:
    properties = lake.table("raw_events").iceberg.properties
    assert '"source_object"' in properties["schema.name-mapping.default"]
    assert properties["write.metadata.metrics.column.source_object"] == "full"
    assert properties["write.parquet.compression-codec"] == "zstd"


def test_a_file_in_place_of_the_lake_is_named(tmp_path: Path) -> None:
    (tmp_path / "lake").write_text("in the way")
    message = refusal(lake_at(tmp_path / "lake"))
    assert str(tmp_path / "lake") in message
    assert "ECOM_LAKE" in message


def test_a_lake_below_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert str(tmp_path / "file") in refusal(lake_at(tmp_path / "file" / "lake"))


def test_a_file_in_place_of_the_tables_is_named(tmp_path: Path) -> None:
    (tmp_path / "tables").write_text("in the way")
    assert "cannot be written" in refusal(lake_at(tmp_path))


def test_a_folder_without_permission_is_named(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbid(self: Path, *args: object, **kwargs: object) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "mkdir", forbid)
    message = refusal(settings)
    assert f"the lake {settings.lake_path} cannot be written: Permission denied" in message
    assert "mend its permissions" in message


def test_a_catalog_that_is_no_database_is_named(settings: Settings) -> None:
    settings.lake_path.mkdir()
    (settings.lake_path / "catalog.db").write_bytes(b"no database" * 100)
    message = refusal(settings)
    assert "file is not a database" in message
    assert "ECOM_CATALOG" in message


def test_a_catalog_in_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    message = refusal(lake_at(tmp_path, catalog=f"sqlite:///{tmp_path}/none/catalog.db"))
    assert "unable to open database file" in message


@pytest.mark.parametrize("uri", ["nonsense", "oracle9://x/y", "sqlite:////"])
def test_a_catalog_address_that_means_nothing_is_named(tmp_path: Path, uri: str) -> None:
    assert "ECOM_CATALOG" in refusal(lake_at(tmp_path, catalog=uri))


@pytest.mark.parametrize("uri", ["postgresql://x/y", "mysql://x/y"])
def test_a_catalog_whose_driver_is_not_installed_is_named(tmp_path: Path, uri: str) -> None:
    assert "ECOM_CATALOG" in refusal(lake_at(tmp_path, catalog=uri))


def test_a_catalog_that_another_program_locks_is_named(settings: Settings, tmp_path: Path) -> None:
    Lake(settings).table("clean_events")
    impatient = lake_at(
        settings.lake_path, catalog=f"sqlite:///{settings.lake_path}/catalog.db?timeout=0.01"
    )
    with sqlite3.connect(settings.lake_path / "catalog.db") as other:
        other.execute("BEGIN EXCLUSIVE")
        assert "locked" in refusal(impatient)
        other.rollback()
    assert Lake(impatient).table("clean_events").files() == []


def test_a_catalog_that_is_locked_after_it_was_opened_is_named(settings: Settings) -> None:
    impatient = Lake(
        lake_at(
            settings.lake_path, catalog=f"sqlite:///{settings.lake_path}/catalog.db?timeout=0.01"
        )
    )
    version = impatient.table("clean_events")
    with sqlite3.connect(settings.lake_path / "catalog.db") as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(LakeUnavailable, match=r"does not answer: database is locked; nothing"):
            impatient.table("clean_events")
        with pytest.raises(LakeUnavailable, match="locked"):
            version.commit(remove=[], add=[], replaces=AlwaysTrue(), properties={})
        other.rollback()
    assert impatient.table("clean_events").files() == []


def test_two_lakes_share_nothing(tmp_path: Path) -> None:
    one, other = Lake(lake_at(tmp_path / "one")), Lake(lake_at(tmp_path / "other"))
    assert one.table("clean_events").iceberg.location() != (
        other.table("clean_events").iceberg.location()
    )


def test_a_table_gains_the_columns_that_its_contract_has_gained(lake: Lake) -> None:
    contract = TABLES["session_days"]
    older = dataclasses.replace(contract, model=TABLES["product_buyer_days"].model, lineage={})
    table = open_table(lake.catalog, older, "file:///nowhere")
    before = table.schema().column_names
    evolved = open_table(lake.catalog, contract, "file:///nowhere")
    assert set(before) < set(evolved.schema().column_names)
    assert set(contract.column_names) <= set(evolved.schema().column_names)
    assert set(contract.column_names) <= {f.names[0] for f in evolved.name_mapping().root}
