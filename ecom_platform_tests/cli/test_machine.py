"""The machine: each question finds what is there, and what is missing with its remedy."""

from __future__ import annotations

import importlib.metadata
import shutil
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ecom_platform.cli import machine
from ecom_platform.cli.machine import Verdict, examine
from ecom_platform.errors import EngineUnavailable
from ecom_platform.settings import load_settings

if TYPE_CHECKING:
    from ecom_platform.lake.lake import Lake
    from ecom_platform.settings import Settings


def java_that_says(folder: Path, text: str) -> None:
    program = folder / "java"
    program.write_text(f"#!/bin/sh\necho '{text}' >&2\n")
    program.chmod(0o755)


# --- As things are here: the tests run, so what they need is there


def test_this_python_and_its_packages_are_as_setup_wants_them() -> None:
    assert machine.python_version().state == "ok"
    assert machine.packages().state == "ok"


def test_the_engine_starts(settings: Settings) -> None:
    assert machine.engine(settings) == Verdict("engine sail", "ok", "starts and computes")


# --- What is missing


def test_another_python_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.python_version", lambda: "3.9.1")
    verdict = machine.python_version()
    assert verdict.state == "missing"
    assert "3.9.1 is not " in verdict.detail
    assert verdict.remedy


def test_packages_that_are_absent_or_out_of_range_are_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = importlib.metadata.version

    def version(name: str) -> str:
        if name == "isal":
            raise importlib.metadata.PackageNotFoundError(name)
        return "0.1" if name == "typer" else real(name)

    monkeypatch.setattr(importlib.metadata, "version", version)
    verdict = machine.packages()
    assert verdict.state == "missing"
    assert "isal is not installed; typer 0.1 is not " in verdict.detail
    assert "constraints.txt" in verdict.remedy


def test_packages_of_tests_and_development_are_not_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []
    real = importlib.metadata.version
    monkeypatch.setattr(importlib.metadata, "version", lambda n: asked.append(n) or real(n))
    machine.packages()
    assert "duckdb" in asked
    assert not {"pytest", "ruff", "mypy"} & set(asked)


def test_a_lake_that_is_not_there_will_be_made(tmp_path: Path) -> None:
    verdict = machine.lake_folder(tmp_path / "a" / "b")
    assert (verdict.state, verdict.remedy) == ("ok", "")
    assert "will be made" in verdict.detail
    assert not (tmp_path / "a").exists()


def test_a_file_in_place_of_the_lake_is_missing(tmp_path: Path) -> None:
    (tmp_path / "lake").write_text("x")
    for folder in (tmp_path / "lake", tmp_path / "lake" / "below"):
        verdict = machine.lake_folder(folder)
        assert verdict.state == "missing"
        assert f"{tmp_path / 'lake'} is not a folder" in verdict.detail
        assert "ECOM_LAKE" in verdict.remedy


def test_a_folder_that_cannot_be_written_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "access", lambda *_: False)
    assert machine.lake_folder(tmp_path).detail == f"{tmp_path} cannot be written"


@pytest.mark.parametrize(("free", "state"), [(4_999_999_999, "warning"), (5_000_000_000, "ok")])
def test_little_space_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, state: str
) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=free)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    verdict = machine.free_space(tmp_path / "not" / "yet")
    assert verdict.state == state
    assert "5.0 GB free" in verdict.detail


def test_a_catalog_is_opened_and_not_made(settings: Settings, lake: Lake) -> None:
    assert machine.catalog(settings).detail == "none yet; the first run makes it"
    assert not settings.lake_path.exists()
    lake.table("raw_events")
    assert machine.catalog(settings).detail == "opens; tables: 1"


def test_a_broken_catalog_is_missing(settings: Settings) -> None:
    settings.lake_path.mkdir()
    (settings.lake_path / "catalog.db").write_text("no database at all, but a long text in a file")
    verdict = machine.catalog(settings)
    assert verdict.state == "missing"
    assert "cannot be opened" in verdict.detail


def test_an_engine_that_cannot_start_says_what_it_needs(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise EngineUnavailable("it needs a thing; install it")

    monkeypatch.setattr(machine, "open_session", refuse)
    expected = Verdict("engine sail", "missing", "it needs a thing; install it")
    assert machine.engine(settings) == expected


def test_an_engine_that_dies_of_anything_is_missing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        raise RuntimeError("native library\nof another kind")

    monkeypatch.setattr(machine, "open_session", die)
    verdict = machine.engine(settings)
    assert (verdict.state, verdict.detail) == ("missing", "native library")
    assert verdict.remedy


def test_an_engine_that_reads_a_bucket_by_copies_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    class Session:
        def sql(self, _: str) -> Session:
            return self

        def collect(self) -> list[dict[str, int]]:
            return [{"one": 1}]

    monkeypatch.setattr(machine, "open_session", lambda *_: Session())
    in_a_bucket = {"lake": "s3://shop/lake", "_env_file": None}
    verdict = machine.engine(load_settings(engine="local", **in_a_bucket))
    assert verdict.state == "warning"
    assert "files are copied to this machine" in verdict.detail
    assert machine.engine(load_settings(engine="sail", **in_a_bucket)).state == "ok"


@pytest.mark.parametrize(("needed", "state"), [(True, "missing"), (False, "ok")])
def test_java_is_asked_for_by_one_engine_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, needed: bool, state: str
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    verdict = machine.java(needed=needed)
    assert verdict.state == state
    assert "openjdk-17-jre-headless" in verdict.remedy


@pytest.mark.parametrize(
    ("said", "needed", "state", "advised"),
    [
        ('openjdk version "17.0.15" 2025-04-15', True, "ok", False),
        ('openjdk version "21" 2023-09-19', True, "ok", False),
        ('java version "1.8.0_421"', True, "warning", True),
        ('java version "1.8.0_421"', False, "ok", True),
        ("nonsense", True, "warning", True),
    ],
)
def test_a_java_that_spark_does_not_run_on_is_told(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    said: str,
    needed: bool,
    state: str,
    advised: bool,
) -> None:
    java_that_says(tmp_path, said)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    verdict = machine.java(needed=needed)
    assert verdict.state == state
    assert said in verdict.detail
    assert bool(verdict.remedy) is advised


def test_dagster_records_runs_where_there_is_a_dagster_yaml(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    assert machine.dagster_instance().state == "warning"
    (tmp_path / "dagster.yaml").write_text("")
    assert machine.dagster_instance().state == "ok"
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "elsewhere"))
    assert "DAGSTER_HOME" in machine.dagster_instance().remedy


def test_a_port_that_is_taken_is_a_warning_with_the_next_one() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        verdict = machine.ui_port(port)
        assert verdict.state == "warning"
        assert f"PORT={port + 1}" in verdict.remedy
    assert machine.ui_port(port).state == "ok"


# --- All of it


def test_everything_is_examined_and_the_engine_only_if_it_may_be_started(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[object] = []
    monkeypatch.setattr(machine, "open_session", lambda *given: started.append(given))
    subjects = [verdict.subject for verdict in examine(settings, quick=True)]
    assert started == []
    assert subjects == [
        *("Python", "packages", "lake", "disk", "catalog"),
        *("Java", "Dagster", "UI port"),
    ]
    connect = load_settings(
        lake=settings.lake, engine="connect", spark_remote="sc://host:1", _env_file=None
    )
    assert [verdict.subject for verdict in examine(connect)] == [*subjects, "engine connect"]
    assert started == [("connect", "sc://host:1")]
