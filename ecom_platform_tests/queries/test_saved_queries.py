"""The saved queries: each runs, reads alike in Athena, and means by a metric what is written."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest
import sqlglot
from sqlglot import exp

from ecom_platform.contracts import TABLES
from ecom_platform.contracts.metrics import METRICS
from ecom_platform.lake.lake import Lake
from ecom_platform.lake.sql import connect
from ecom_platform.settings import load_settings
from ecom_platform_tests.dashboard_in_small import publish_facts, publish_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).resolve().parents[2] / "queries"
QUERIES = sorted(FOLDER.glob("*.sql"))
# One question each of the eight that the marts answer.
QUESTIONS = (
    "mart_funnel",
    "mart_products",
    "mart_sessions",
    "mart_sales",
    "mart_activity",
    "mart_prices",
    "mart_users",
    "mart_daily_users",
    "mart_cohorts",
    "mart_carts",
)

each_query = pytest.mark.parametrize("query", QUERIES, ids=lambda path: path.stem)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """A lake with a row of every mart in each breakdown and traffic."""
    lake = Lake(load_settings(lake=str(tmp_path_factory.mktemp("lake")), _env_file=None))
    publish_facts(lake, 1)
    for name in (*QUESTIONS, "row_ledger"):
        publish_rows(lake, name, variants(name))
    with connect(lake) as connection:
        yield connection


def variants(table: str) -> list[dict[str, object]]:
    """Differences of rows of which every saved query finds some."""
    rows: list[dict[str, object]] = [{}]
    for column in TABLES[table].columns:
        wanted = {
            "traffic": ["all", "human"],
            "unit": ["session", "product_session"],
            "breakdown": ["all", "category", "brand", "source_channel", "hour_of_day"],
        }.get(column.name, [])
        if allowed := {value for text in column.accepted for value in text.split(", ")}:
            wanted = [value for value in wanted if value in allowed]
        if wanted:
            rows = [{**row, column.name: value} for row in rows for value in wanted]
    enough = {"product_count": 10} if table == "mart_prices" else {}
    views = {"view_session_count": 100} if table == "mart_products" else {}
    buyer = {"purchase_count": 1, "recency_score": 5} if table == "mart_users" else {}
    hours = [
        {"breakdown_value": "7"} if row.get("breakdown") == "hour_of_day" else {} for row in rows
    ]
    return [
        {**row, **enough, **views, **buyer, **hour} for row, hour in zip(rows, hours, strict=True)
    ]


@each_query
def test_a_saved_query_runs_and_finds_something(
    published: duckdb.DuckDBPyConnection, query: Path
) -> None:
    assert published.execute(query.read_text(encoding="utf-8")).fetchall()


@each_query
def test_a_saved_query_reads_alike_in_athena(query: Path) -> None:
    (statement,) = sqlglot.parse(query.read_text(encoding="utf-8"), dialect="athena")
    assert isinstance(statement, exp.Select)
    # What DuckDB says of itself in Athena's words is the same statement.
    text = query.read_text(encoding="utf-8")
    assert sqlglot.transpile(text, read="duckdb", write="athena", comments=False) == [
        statement.sql(dialect="athena", comments=False)
    ]


def test_words_of_duckdb_alone_would_be_found() -> None:
    with pytest.raises(sqlglot.ParseError):
        sqlglot.parse("SELECT a FROM t QUALIFY (SELECT 1", dialect="athena")
    text = "SELECT * EXCLUDE (a) FROM t"
    athena = sqlglot.parse_one(text, dialect="duckdb").sql(dialect="athena")
    assert "EXCLUDE" not in athena or athena != text


@each_query
def test_a_saved_query_begins_with_its_question(query: Path) -> None:
    first = query.read_text(encoding="utf-8").split("\n", 1)[0]
    assert re.fullmatch(r"-- [A-Z].*\?.*", first), first


@each_query
def test_a_column_called_as_a_metric_is_computed_as_the_metric(query: Path) -> None:
    text = query.read_text(encoding="utf-8")
    statement = sqlglot.parse_one(text, dialect="athena")
    tables = {table.name for table in statement.find_all(exp.Table)}
    for column in statement.selects:
        metric = METRICS.get(column.alias_or_name)
        if metric is None:
            continue
        places = [place for place in metric.places if place.table in tables]
        assert places, f"{column.alias_or_name} stands in none of {sorted(tables)}"
        allowed = {sql_of(metric.at(place)) for place in places} | {
            sql_of(place.column) for place in places if not place.over
        }
        # A quotient may be read where a date's is published under its name.
        allowed |= {
            metric.name for place in places if metric.name in TABLES[place.table].column_names
        }
        assert sql_of(column.unalias().sql()) in allowed, column.sql()


def sql_of(text: str) -> str:
    """SQL in one spelling."""
    return sqlglot.parse_one(text, dialect="athena").sql(dialect="athena")


def test_every_question_has_a_query() -> None:
    asked = " ".join(query.read_text(encoding="utf-8") for query in QUERIES)
    assert len(QUERIES) >= len(QUESTIONS)
    assert [name for name in QUESTIONS if name not in asked] == []
