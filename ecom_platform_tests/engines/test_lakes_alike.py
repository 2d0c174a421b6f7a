"""Whole lakes are alike, whichever engine filled them: every table, row for row.

Belongs here: `ecom run` in a process of its own on each engine. Not here: single transforms.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.dataset as ds
import pytest

from ecom_platform.contracts import TABLES
from ecom_platform.generator import FaultPlan, GeneratorConfig, LateRows, demo_plan, generate
from ecom_platform.lake.lake import Lake
from ecom_platform.settings import load_settings
from ecom_platform_tests.engines.conftest import need_java

_WRITTEN_AT = dt.datetime(2020, 5, 2, tzinfo=dt.UTC).timestamp()

# When a row was written, and by which run, differs between lakes and says nothing of its content.
_OF_THE_RUN = {"ingested_at", "rejected_at"}
_COMPARED = [name for name, contract in TABLES.items() if contract.layer != "ledger"]


def fill(landing: Path, lake: Path, **environment: str) -> Path:
    """Bring a lake up to date with `ecom run` in a process of its own."""
    shutil.copytree(landing, lake / "landing" / "events", copy_function=shutil.copy2)
    # A process that talks to Spark Connect marks its environment for its children.
    foreign = ("ECOM_", "SPARK_", "PYSPARK_")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    command = [sys.executable, "-m", "ecom_platform.cli.main", "--lake", str(lake), "run"]
    done = subprocess.run(
        command,
        env={**clean, **environment},
        cwd=lake,
        capture_output=True,
        text=True,
        timeout=3600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return lake


def content(lake: Path, table_name: str) -> Counter[tuple[Any, ...]]:
    """The rows of a table with their multiplicity."""
    contract = TABLES[table_name]
    columns = [name for name in contract.column_names if name not in _OF_THE_RUN]
    version = Lake(load_settings(lake=str(lake))).table(table_name)
    paths = [file.path for file in version.files()]
    if not paths:
        return Counter()
    table = ds.dataset(paths, schema=contract.arrow_schema).to_table(columns=columns)
    return Counter(zip(*(table[name].to_pylist() for name in columns), strict=True))


def assert_alike(one: Path, other: Path) -> None:
    """Every table holds the same rows in both lakes, and the fact holds some."""
    for table_name in _COMPARED:
        rows, others = content(one, table_name), content(other, table_name)
        missing, added = rows - others, others - rows
        differing = missing + added
        assert not differing, (
            f"{table_name}: {missing.total()} rows only in the one, {added.total()} only in the "
            f"other, e.g. {next(iter(differing))}"
        )
    assert content(one, "fact_user_events").total() > 0


@pytest.fixture(scope="module")
def landing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two dates with faults of all kinds."""
    folder = tmp_path_factory.mktemp("landing")
    first = dt.date(2020, 4, 4)
    faults = FaultPlan(malformed_lines=20, late=(LateRows(first, 0.1),))
    generate(GeneratorConfig(first, dt.date(2020, 4, 5), 3_000, faults=faults), folder)
    return age(folder)


def age(folder: Path) -> Path:
    """Let files be as old as their events, so that no date is still open."""
    for path in folder.iterdir():
        os.utime(path, (_WRITTEN_AT, _WRITTEN_AT))
    return folder


@pytest.fixture(scope="module")
def sail_lake(landing: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fill(landing, tmp_path_factory.mktemp("sail"), ECOM_ENGINE="sail")


@pytest.mark.java
@pytest.mark.slow
def test_the_jvm_fills_the_same_lake_as_sail(
    landing: Path, sail_lake: Path, connect_address: str, tmp_path: Path
) -> None:
    jvm = fill(landing, tmp_path, ECOM_ENGINE="connect", ECOM_SPARK_REMOTE=connect_address)
    assert_alike(sail_lake, jvm)


@pytest.mark.java
@pytest.mark.slow
def test_local_spark_through_dagster_pyspark_fills_the_same_lake_as_sail(
    landing: Path, sail_lake: Path, tmp_path: Path
) -> None:
    need_java()
    assert_alike(sail_lake, fill(landing, tmp_path, ECOM_ENGINE="local"))


def test_a_sail_server_in_another_process_fills_the_same_lake(
    landing: Path, sail_lake: Path, sail_server: str, tmp_path: Path
) -> None:
    other = fill(landing, tmp_path, ECOM_ENGINE="connect", ECOM_SPARK_REMOTE=sail_server)
    assert_alike(sail_lake, other)


@pytest.mark.java
@pytest.mark.slow
def test_the_demo_month_is_the_same_on_sail_and_on_the_jvm(
    connect_address: str, tmp_path: Path
) -> None:
    generate(demo_plan(), tmp_path / "month")
    month = age(tmp_path / "month")
    sail = fill(month, tmp_path / "sail", ECOM_ENGINE="sail")
    remote = {"ECOM_ENGINE": "connect", "ECOM_SPARK_REMOTE": connect_address}
    assert_alike(sail, fill(month, tmp_path / "jvm", **remote))
