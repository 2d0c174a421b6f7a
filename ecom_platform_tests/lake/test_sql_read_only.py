"""SQL over the lake reads what is published, and neither writes nor looks anywhere else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pytest

from ecom_platform.errors import LakeUnavailable
from ecom_platform.lake.lake import Lake
from ecom_platform.lake.sql import connect
from ecom_platform.settings import Settings, load_settings
from ecom_platform_tests.lake.published import FACT, content, publish, query
from ecom_platform_tests.lake.staged import stage_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

PARQUET = "(FORMAT parquet, USE_TMP_FILE false)"

FORBIDDEN = [
    "COPY (SELECT 1) TO '{lake}/tables/x.csv'",
    "COPY (SELECT 1) TO '{file}' " + PARQUET,
    "COPY (SELECT 1) TO '{seen}' " + PARQUET,
    "COPY (SELECT 1) TO '{outside}/x.csv'",
    "COPY (SELECT 1) TO 'lake://fact_user_events/data/event_date=2020-04-01/new.parquet'",
    "COPY (SELECT 1 AS a, 2 AS b) TO 'lake://fact_user_events' (FORMAT parquet, PARTITION_BY (a))",
    "COPY (SELECT 1) TO 'lake://../{outside}/x.csv'",
    "EXPORT DATABASE '{outside}/x'",
    "EXPORT DATABASE 'lake://x'",
    "ATTACH '{lake}/tables/x.duckdb' AS x",
    "ATTACH 'lake://x.duckdb' AS x",
    "ATTACH '{lake}/catalog.db' AS x (TYPE sqlite)",
    "SELECT * FROM read_parquet('{file}')",
    "SELECT * FROM '{file}'",
    "SELECT * FROM read_text('{secret}')",
    "SELECT * FROM read_csv('{secret}')",
    "SELECT * FROM read_csv('lake://{secret}')",
    "SELECT * FROM read_text('lake://fact_user_events/../../{secret}')",
    "SELECT * FROM glob('{outside}/*')",
    "SELECT * FROM sniff_csv('{secret}')",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SET enable_external_access = true",
    "SET lock_configuration = false",
    "SET allowed_directories = ['/']",
    "SET temp_directory = '{outside}'",
    "SET TimeZone = 'Europe/Berlin'",
    "PRAGMA profiling_output = '{outside}/x'",
    "INSERT INTO fact_user_events SELECT * FROM fact_user_events",
    "DELETE FROM fact_user_events",
    "UPDATE fact_user_events SET price = 1",
]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A lake with one row, a file outside, and names for both; compared when all is done."""
    folder = tmp_path_factory.mktemp("read-only")
    outside = folder / "outside"
    outside.mkdir()
    (outside / "secret.csv").write_text("a,b\n1,2\n")
    lake = Lake(load_settings(lake=str(folder / "lake"), _env_file=None))
    publish(lake, {"event_id": 1})
    (file,) = lake.table(FACT).files()
    ((seen,),) = query(lake, f"SELECT file FROM glob('lake://{FACT}/data/*')")
    before = content(folder)
    yield {
        "lake": str(folder / "lake"),
        "file": file.path,
        "seen": seen,
        "outside": str(outside),
        "secret": str(outside / "secret.csv"),
    }
    assert content(folder) == before


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_a_query_can_neither_write_nor_look_elsewhere(
    published: dict[str, str], statement: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = content(tmp_path.parent)
    with connect(load_settings(lake=published["lake"], _env_file=None)) as connection:
        with pytest.raises(duckdb.Error):
            connection.execute(statement.format(**published)).fetchall()
        assert connection.execute(f"SELECT count(*) FROM {FACT}").fetchall() == [(1,)]
    assert content(tmp_path.parent) == before


def test_a_log_of_queries_is_not_written(published: dict[str, str], tmp_path: Path) -> None:
    # DuckDB agrees to log, and ends the process when it is refused the file: so in one of its own.
    path = f"{published['outside']}/log"
    program = f"""
from ecom_platform.lake.sql import connect
from ecom_platform.settings import load_settings
connection = connect(load_settings(lake={published["lake"]!r}, _env_file=None))
connection.execute("CALL enable_logging(storage = 'file', storage_path = '{path}')")
connection.execute("SELECT * FROM {FACT}").fetchall()
print("the query ran")
"""
    ended = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert "ran" in ended.stdout or "Cannot access directory" in ended.stderr
    assert not Path(path).exists()
    assert not list(tmp_path.iterdir())


def test_the_names_of_published_files_are_all_that_can_be_listed(lake: Lake) -> None:
    publish(lake, {"event_id": 1})
    stage_rows(lake, FACT, {"event_id": 2})
    names = [name for (name,) in query(lake, "SELECT file FROM glob('lake://*')")]
    assert [name.split("/")[3] for name in names] == ["contract", "data"]
    assert str(lake.settings.lake_path) not in "".join(names)


def test_a_session_may_choose_threads_and_memory_and_keep_its_own_tables(lake: Lake) -> None:
    publish(lake, {"event_id": 1})
    before = content(lake.settings.lake_path)
    with connect(lake) as connection:
        connection.execute("SET threads = 1; SET memory_limit = '1GB'")
        connection.execute(f"CREATE TEMP TABLE mine AS SELECT event_id FROM {FACT}")
        connection.register("frame", pa.table({"event_id": [1], "label": ["x"]}))
        sql = "SELECT label FROM frame JOIN mine USING (event_id)"
        assert connection.execute(sql).fetchall() == [("x",)]
    assert content(lake.settings.lake_path) == before


def test_what_does_not_fit_into_memory_is_spilled_outside_the_lake_and_removed(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "spill"))
    (tmp_path / "spill").mkdir()
    publish(lake, {"event_id": 1})
    before = content(lake.settings.lake_path)
    with connect(lake) as connection:
        connection.execute("SET memory_limit = '60MB'; SET threads = 2")
        sql = "CREATE TEMP TABLE t AS SELECT range AS n, hash(range) AS h FROM range(4000000)"
        connection.execute(f"{sql} ORDER BY h")
        assert connection.execute("SELECT count(*) FROM t").fetchall() == [(4_000_000,)]
        (spill,) = (tmp_path / "spill").iterdir()
        assert any(spill.iterdir())
    assert not list((tmp_path / "spill").iterdir())
    assert content(lake.settings.lake_path) == before


# --- Looking makes nothing


def test_a_lake_that_does_not_exist_has_no_tables_and_still_does_not_exist(
    settings: Settings,
) -> None:
    with connect(settings) as connection:
        assert connection.execute("SHOW TABLES").fetchall() == []
    assert not settings.lake_path.exists()


def test_looking_at_a_lake_makes_no_table(lake: Lake) -> None:
    lake.table(FACT)
    before = content(lake.settings.lake_path)
    assert list(lake.existing_tables()) == [FACT]
    with connect(lake) as connection:
        assert connection.execute("SHOW TABLES").fetchall() == [(FACT,)]
        with pytest.raises(duckdb.CatalogException, match="raw_events does not exist"):
            connection.execute("SELECT * FROM raw_events")
    assert content(lake.settings.lake_path) == before


def test_a_catalog_without_tables_is_an_empty_lake(lake: Lake) -> None:
    assert lake.catalog.list_tables("ecom") == []
    assert lake.existing_tables() == {}


def test_a_catalog_address_that_is_none_is_one_line(tmp_path: Path) -> None:
    settings = load_settings(lake=str(tmp_path), catalog="nonsense", _env_file=None)
    with pytest.raises(LakeUnavailable, match="ECOM_CATALOG"):
        Lake(settings).existing_tables()


def test_a_lake_that_was_moved_says_so(settings: Settings, lake: Lake) -> None:
    publish(lake, {"event_id": 1})
    Path(lake.storage.root, FACT).rename(settings.lake_path / "moved")
    with pytest.raises(LakeUnavailable, match="was moved or its files were deleted"):
        connect(settings)
