"""Column lineage as the contracts write it: complete, and of columns that exist."""

from __future__ import annotations

from graphlib import TopologicalSorter

import pytest

from ecom_platform.contracts import TABLES
from ecom_platform.contracts.clean import CLEAN_EVENTS, REJECTION_RULES
from ecom_platform.contracts.lineage import MADE_HERE, ColumnRef, carried, made_from
from ecom_platform.contracts.oltp import RAW_OLTP
from ecom_platform.contracts.raw import REJECTED_EVENTS
from ecom_platform.contracts.table import TableContract

# Tables that are made from landing objects or from the platform's own work.
MADE_FROM_NO_TABLE = {
    "raw_events",
    "row_ledger",
    "landing_objects",
    "landing_lateness",
    "publications",
    "holds",
    "dms_objects",
    "change_ledger",
    "awaited_rows",
    *(contract.name for contract in RAW_OLTP.values()),
}

each_table = pytest.mark.parametrize("contract", TABLES.values(), ids=TABLES.keys())


@each_table
def test_every_column_of_a_derived_table_has_its_lineage(contract: TableContract) -> None:
    columns = set() if contract.name in MADE_FROM_NO_TABLE else set(contract.column_names)
    assert set(contract.lineage) == columns, "write it in the contract: contracts/lineage.py"
    if columns:
        assert any(contract.lineage.values())


@each_table
def test_every_source_column_exists_in_another_table(contract: TableContract) -> None:
    for column, sources in contract.lineage.items():
        assert len(set(sources)) == len(sources), column
        for source in sources:
            assert source.table != contract.name, column
            assert source.column in TABLES[source.table].column_names, f"{column}: {source}"


@each_table
def test_columns_that_are_handed_on_keep_their_type_and_their_pii_mark(
    contract: TableContract,
) -> None:
    for column in contract:
        for source in column.sources:
            origin = {c.name: c for c in TABLES[source.table]}[source.column]
            if column.sources == (source,) and origin.name == column.name:
                assert origin.spark_type == column.spark_type, column.name
                assert origin.is_pii == column.is_pii, column.name


def test_no_table_is_made_from_itself_by_way_of_others() -> None:
    made_from_tables = {
        name: {source.table for sources in contract.lineage.values() for source in sources}
        for name, contract in TABLES.items()
    }
    order = list(TopologicalSorter(made_from_tables).static_order())  # raises on a circle
    assert order.index("raw_events") < order.index("clean_events") < order.index("fact_user_events")


def test_columns_carry_the_lineage_of_their_contract() -> None:
    by_name = {column.name: column for column in CLEAN_EVENTS}
    assert by_name["brand"].sources == (ColumnRef("raw_events", "brand"),)
    assert len(by_name["event_id"].sources) == 10
    assert {column.name for column in REJECTED_EVENTS if not column.sources} == {
        "layer",
        "detail",
        "rejected_at",
    }


def test_lineage_is_written_in_three_words() -> None:
    assert carried("a", "x", "y") == {"x": (ColumnRef("a", "x"),), "y": (ColumnRef("a", "y"),)}
    assert made_from("a", "x") + made_from("b", "y") == (ColumnRef("a", "x"), ColumnRef("b", "y"))
    assert MADE_HERE == ()


def test_the_reason_of_a_rejected_event_is_made_from_the_columns_that_the_rules_read() -> None:
    rules = " ".join(REJECTION_RULES.values())
    read = {name for name in TABLES["raw_events"].column_names if name in rules.split()}
    assert {source.column for source in REJECTED_EVENTS.lineage["reason"]} == read
