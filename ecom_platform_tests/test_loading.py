"""Loading the definitions: it starts nothing, writes nothing, and imports only what it needs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """What a process has after it loaded the definitions, somewhere else, without settings."""
    folder = tmp_path_factory.mktemp("elsewhere")
    script = (
        "import json, sys, threading\n"
        "import ecom_platform.definitions\n"
        "names = [thread.name for thread in threading.enumerate()]\n"
        "print(json.dumps({'modules': sorted(sys.modules), 'threads': names}))\n"
    )
    environment = {n: v for n, v in os.environ.items() if not n.startswith(("ECOM_", "DAGSTER_"))}
    root = Path(__file__).resolve().parents[1]
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=folder,
        env=environment | {"PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(done.stdout)
    return {**told, "stderr": done.stderr, "files": [str(path) for path in folder.rglob("*")]}


def test_loading_the_definitions_starts_no_engine(loaded: dict[str, object]) -> None:
    assert loaded["threads"] == ["MainThread"]
    assert not {"pysail", "dagster_pyspark"} & set(loaded["modules"])


def test_loading_the_definitions_writes_and_says_nothing(loaded: dict[str, object]) -> None:
    assert loaded["files"] == []
    assert loaded["stderr"] == ""


def test_loading_the_definitions_imports_only_what_it_needs(loaded: dict[str, object]) -> None:
    modules = set(loaded["modules"])
    heavy = {"duckdb", "boto3", "polars", "scipy", "matplotlib", "pytest", "hypothesis", "typer"}
    assert not heavy & modules
    assert len(modules) < 2_500  # 2,112 when this was written, most of them Dagster and pandas
