"""What footers prove is what counting says; what they do not tell is not proven."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecom_platform.contracts import TABLES
from ecom_platform.contracts.clean import CLEAN_EVENTS
from ecom_platform.lake.footers import proven_rules
from ecom_platform_tests.contracts.good_rows import GOOD, GOOD_IN

if TYPE_CHECKING:
    from ecom_platform.contracts.table import TableContract

NUMBERS = {"product_id", "price"}
GOOD_ROW = {name: GOOD[name] for name in CLEAN_EVENTS.column_names}


def footer(rows: list[dict[str, Any]], contract: TableContract = CLEAN_EVENTS, **options: Any):
    table = pa.Table.from_pylist(rows, schema=contract.arrow_schema)
    return written(table, **options)


def written(table: pa.Table, **options: Any) -> pq.FileMetaData:
    content = io.BytesIO()
    pq.write_table(table, content, **options)
    return pq.read_metadata(content)


@pytest.mark.parametrize("contract", TABLES.values(), ids=TABLES.keys())
def test_good_rows_of_every_table_prove_all_rules_about_nulls_and_ranges(
    contract: TableContract,
) -> None:
    good = GOOD | GOOD_IN.get(contract.name, {})
    rows = [{name: good[name] for name in contract.column_names}]
    untold = {c.name for c in contract if c.arrow_type == pa.float64() and good[c.name] is not None}
    expected = {
        rule.name
        for rule in contract.rules
        if rule.check == "required_columns_not_null"
        or (rule.check == "values_in_range" and rule.column not in untold)
    }
    assert proven_rules([footer(rows, contract)], contract) == expected


VALUES = st.fixed_dictionaries(
    {
        "product_id": st.none() | st.integers(-1, 3),
        "price": st.none() | st.sampled_from([Decimal(x) for x in ("-0.01", "0.00", "0.01", "5")]),
        "brand": st.none() | st.just("acme"),
    }
)


@given(st.lists(VALUES, min_size=1, max_size=6), st.integers(1, 3), st.integers(1, 6))
@settings(max_examples=60, deadline=None)
def test_what_is_proven_is_what_nobody_breaks(
    values: list[dict[str, Any]], group: int, cut: int
) -> None:
    rows = [{**GOOD_ROW, **value} for value in values]
    files = [footer(part, row_group_size=group) for part in (rows[:cut], rows[cut:])]
    proven = proven_rules(files, CLEAN_EVENTS)
    stored = pa.Table.from_pylist(rows, schema=CLEAN_EVENTS.arrow_schema)  # noqa: F841  by its name
    for rule in CLEAN_EVENTS.rules:
        if rule.column in (*NUMBERS, "brand"):
            (broken,) = duckdb.sql(
                f"SELECT count(*) FILTER ({rule.violation}) FROM stored"
            ).fetchone()
            assert (rule.name in proven) == (broken == 0), rule.name


def test_without_statistics_nothing_is_proven() -> None:
    assert proven_rules([footer([GOOD_ROW], write_statistics=False)], CLEAN_EVENTS) == frozenset()
    told = footer([GOOD_ROW])
    untold = footer([GOOD_ROW], write_statistics=["product_id"])
    proven = proven_rules([told, untold], CLEAN_EVENTS)
    assert proven == {rule.name for rule in CLEAN_EVENTS.rules if rule.column == "product_id"}


def test_a_file_without_the_column_proves_nothing_of_it() -> None:
    table = pa.Table.from_pylist([GOOD_ROW], schema=CLEAN_EVENTS.arrow_schema)
    proven = proven_rules(
        [footer([GOOD_ROW]), written(table.drop_columns(["brand"]))], CLEAN_EVENTS
    )
    assert "brand_not_null" not in proven
    assert "event_type_not_null" in proven


def test_bounds_of_texts_and_lists_of_values_are_not_proven() -> None:
    assert "event_type_accepted" not in proven_rules([footer([GOOD_ROW])], CLEAN_EVENTS)
