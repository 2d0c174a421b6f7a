"""`ecom sql`: a query from anywhere, its result alone on standard output, a fault in one block."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import sys
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ecom_platform.cli import parquet
from ecom_platform.cli.main import main
from ecom_platform_tests.lake.published import FACT, content, publish
from ecom_platform_tests.s3_in_small import everywhere

if TYPE_CHECKING:
    from pathlib import Path

    from ecom_platform.lake.lake import Lake
    from ecom_platform_tests.cli.conftest import Ecom

BIG = 2053013555631882655
COLUMNS = "event_id, price, event_time, event_date, brand"


@pytest.fixture
def one_event(lake: Lake) -> Lake:
    publish(lake, {"event_id": BIG, "brand": None})
    return lake


def test_a_table_of_the_result_is_all_that_standard_output_gets(
    ecom: Ecom, one_event: Lake
) -> None:
    ended = ecom("sql", f"SELECT event_id, price FROM {FACT}")
    assert ended.code == 0
    assert ended.err == ""
    assert ended.out.splitlines()[3] == f"│ {BIG} │ 130.76 │"


def test_json_keeps_every_digit_and_every_place(ecom: Ecom, one_event: Lake) -> None:
    ended = ecom("sql", f"SELECT {COLUMNS} FROM {FACT}", "--format", "json")
    assert f'"event_id": {BIG}, "price": 130.76, ' in ended.out
    assert json.loads(ended.out) == [
        {
            "event_id": BIG,
            "price": 130.76,
            "event_time": "2020-04-01T12:30:15Z",
            "event_date": "2020-04-01",
            "brand": None,
        }
    ]


def test_csv_is_written_in_full(ecom: Ecom, one_event: Lake) -> None:
    ended = ecom("sql", "SELECT range AS n FROM range(25_000)", "--format", "csv")
    assert ended.err == ""
    assert [row for (row,) in csv.reader(io.StringIO(ended.out))] == [
        "n",
        *map(str, range(25_000)),
    ]


def test_parquet_keeps_types_and_goes_to_a_file(
    one_event: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for limit in (None, 3):
        file = tmp_path / "result.parquet"
        query = f"SELECT {COLUMNS} FROM {FACT}, range(5)"
        arguments = ["sql", query, "--format", "parquet", *(["--limit", "3"] if limit else [])]
        with file.open("w") as out, monkeypatch.context() as patched:
            patched.setattr(sys, "argv", ["ecom", "--lake", one_event.settings.lake, *arguments])
            patched.setattr(sys, "stdout", out)
            with pytest.raises(SystemExit) as ended:
                main()
        assert ended.value.code in (0, None)
        table = pq.read_table(file)
        assert table.num_rows == (limit or 5)
        assert table.schema.field("price").type == pa.decimal128(12, 2)
        assert table.column("event_id").to_pylist()[0] == BIG


def test_parquet_is_not_written_to_a_terminal(
    ecom: Ecom, one_event: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet.OUT, "_force_terminal", True)
    ended = ecom("sql", "SELECT 1", "--format", "parquet")
    assert (ended.code, ended.out) == (2, "")
    assert "redirect it, > result.parquet" in ended.err


def test_a_list_of_tables_is_no_parquet(ecom: Ecom, one_event: Lake) -> None:
    ended = ecom("sql", "--list", "--format", "parquet")
    assert (ended.code, ended.out) == (2, "")


def test_a_limit_holds_for_every_format(ecom: Ecom, one_event: Lake) -> None:
    arguments = ("SELECT range AS n FROM range(5)", "--format", "csv", "--limit", "2")
    ended = ecom("sql", *arguments)
    assert ended.out == "n\n0\n1\n"
    assert "Only the first 2 rows" in ended.err


def test_a_query_comes_from_a_file(ecom: Ecom, one_event: Lake, tmp_path: Path) -> None:
    file = tmp_path / "two words.SQL"
    file.write_text(f"\ufeff-- how many?\nSELECT count(*) AS n\nFROM {FACT};\n", encoding="utf-8")
    assert ecom("sql", str(file), "--format", "csv").out == "n\n1\n"


def test_a_query_comes_from_standard_input(ecom: Ecom, one_event: Lake) -> None:
    query = f"SELECT count(*) AS n FROM {FACT}"
    assert ecom("sql", "-", "--format", "csv", stdin=query).out == "n\n1\n"


def test_the_last_of_several_statements_is_shown(ecom: Ecom, one_event: Lake) -> None:
    statements = f"CREATE TEMP TABLE t AS FROM {FACT}; SELECT count(*) AS n FROM t"
    assert ecom("sql", statements, "--format", "csv").out == "n\n1\n"


def test_the_tables_are_listed_with_rows_and_grain(ecom: Ecom, one_event: Lake) -> None:
    ended = ecom("sql", "--list", "--format", "json")
    (table,) = json.loads(ended.out)
    assert (table["table"], table["rows"]) == (FACT, 1)
    assert table["one row is"] == "one accepted event"


@everywhere
def test_the_past_can_be_asked(ecom: Ecom, one_event: Lake) -> None:
    first = one_event.table(FACT).iceberg.current_snapshot()
    assert first is not None
    publish(one_event, {"event_id": 1}, {"event_id": 2})
    query = f"SELECT count(*) AS n FROM {FACT}"
    then = dt.datetime.fromtimestamp(first.timestamp_ms / 1000, tz=dt.UTC).isoformat()
    for moment, rows in (("2020-01-01", 0), (then, 1), ("2100-01-01", 3)):
        assert ecom("sql", query, "--as-of", moment, "--format", "csv").out == f"n\n{rows}\n"


# --- Faults


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELEC 1", "syntax error at or near"),
        (f"SELECT nothing FROM {FACT}", 'Referenced column "nothing" not found'),
        ("SELECT CAST('x' AS INTEGER)", "Could not convert string 'x' to INT32"),
        ("SELECT list[1] FROM [bold]", "syntax error"),
    ],
)
def test_wrong_sql_is_what_duckdb_says_of_it_and_exit_code_1(
    ecom: Ecom, one_event: Lake, query: str, said: str
) -> None:
    ended = ecom("sql", query)
    assert ended.code == 1
    assert ended.out == ""
    assert ended.err.startswith("ecom: ")
    assert said in ended.err
    assert "Traceback" not in ended.err
    assert query in ended.err or "LINE 1" not in ended.err


def test_an_unknown_table_names_those_that_exist(ecom: Ecom, one_event: Lake) -> None:
    ended = ecom("sql", "SELECT * FROM facts")
    assert ended.code == 1
    assert "Table with name facts does not exist" in ended.err
    assert ended.err.splitlines()[-1] == f"Tables: {FACT}"


def test_a_lake_without_tables_says_how_to_get_them(ecom: Ecom, lake: Lake) -> None:
    for arguments in (["SELECT * FROM fact_user_events"], ["--list"]):
        ended = ecom("sql", *arguments)
        assert "has no tables yet: `ecom run` makes them" in ended.err
    assert not lake.settings.lake_path.exists()


def test_what_would_write_says_how_to_keep_a_result(
    ecom: Ecom, one_event: Lake, tmp_path: Path
) -> None:
    before = content(tmp_path)
    for target in (tmp_path / "x.csv", f"lake://{FACT}/x.csv"):
        ended = ecom("sql", f"COPY {FACT} TO '{target}'")
        assert ended.code == 1
        assert "only reads published tables" in ended.err
        assert "At:" not in ended.err
    assert content(tmp_path) == before


@pytest.mark.parametrize("query", ["", " ; ", "/* a remark */"])
def test_a_query_without_a_statement_is_refused(ecom: Ecom, one_event: Lake, query: str) -> None:
    ended = ecom("sql", query)
    assert (ended.code, ended.out) == (1, "")
    assert "there is no SQL statement" in ended.err


def test_no_query_at_all_says_where_one_may_come_from(ecom: Ecom) -> None:
    ended = ecom("sql")
    assert ended.code == 1
    assert "a file, or - for standard input" in ended.err


@pytest.mark.parametrize("name", ["absent.sql", "folder.sql", "binary.sql"])
def test_a_file_that_cannot_be_read_is_one_line(ecom: Ecom, tmp_path: Path, name: str) -> None:
    (tmp_path / "folder.sql").mkdir()
    (tmp_path / "binary.sql").write_bytes(b"\xff\xfe\x00")
    ended = ecom("sql", str(tmp_path / name))
    assert ended.code == 1
    assert f"{name} cannot be read: " in ended.err
    assert len(ended.err.splitlines()) == 1


def test_an_error_in_the_middle_of_a_result_is_an_error(ecom: Ecom, one_event: Lake) -> None:
    query = "SELECT CASE WHEN range = 90000 THEN error('here') END AS n FROM range(100000)"
    ended = ecom("sql", query, "--format", "csv")
    assert ended.code == 1
    assert "here" in ended.err


def test_an_unknown_format_is_wrong_usage(ecom: Ecom) -> None:
    assert ecom("sql", "SELECT 1", "--format", "xml").code == 2
