"""What every contract keeps: complete descriptions, and one schema wherever it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyspark.sql.types as T
import pytest
from pyiceberg.io.pyarrow import schema_to_pyarrow

from ecom_platform.contracts import TABLES
from ecom_platform.contracts.raw import SOURCE_COLUMNS
from ecom_platform.contracts.table import TableContract
from ecom_platform.landing.columns import SOURCE_COLUMNS as COLUMNS_READ

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from ecom_platform.lake.lake import Lake

CHECKS = {
    "required_columns_not_null",
    "accepted_values",
    "values_in_range",
    "row_rules",
}

each_table = pytest.mark.parametrize("contract", TABLES.values(), ids=TABLES.keys())


@each_table
def test_a_table_and_its_columns_say_what_they_are(contract: TableContract) -> None:
    assert contract.description.endswith(".")
    assert contract.grain.startswith("one ")
    assert contract.cadence
    for column in contract:
        assert column.description.endswith("."), column.name
        assert len(column.description) > 4, column.name


@each_table
def test_times_and_money_and_bytes_have_a_unit(contract: TableContract) -> None:
    for column in contract:
        if isinstance(column.spark_type, T.TimestampType):
            assert column.unit == "UTC, microseconds", column.name
        elif column.name == "price":
            assert column.unit == "USD"
        elif column.name in ("size_bytes", "byte_count"):
            assert column.unit == "bytes"


@each_table
def test_whatever_may_name_a_person_is_marked(contract: TableContract) -> None:
    personal = {column.name for column in contract if column.is_pii}
    named = {"user_id", "line", "value", "held_by", "email", "additional"}
    if "email" in contract.column_names:  # else it is the name of a thing
        named.add("name")
    assert personal == named & set(contract.column_names)


@each_table
def test_the_key_and_the_partition_are_columns(contract: TableContract) -> None:
    assert set(contract.key) <= set(contract.column_names)
    if contract.partition_by:
        assert contract.partition_by == "event_date"
        assert "event_date" in contract.column_names


@each_table
def test_rules_belong_to_known_checks_and_have_names_of_their_own(contract: TableContract) -> None:
    names = [rule.name for rule in contract.rules]
    assert len(names) == len(set(names))
    assert {rule.check for rule in contract.rules} <= CHECKS
    assert not {"hour", "row_count"} & set(names)  # what measure_rows counts beside them
    required = {name.removesuffix("_not_null") for name in names if name.endswith("_not_null")}
    assert required == {column.name for column in contract if not column.nullable}


@each_table
def test_names_of_columns_are_those_of_the_field(contract: TableContract) -> None:
    for column in contract:
        is_time = isinstance(column.spark_type, T.TimestampType)
        assert is_time == column.name.endswith(("_at", "_time", "_from", "_to")), column.name
        assert isinstance(column.spark_type, T.DateType) == column.name.endswith("_date")
        if column.name in ("product_id", "category_id", "user_id", "event_id"):
            assert column.spark_type == T.LongType()  # 19 digits do not survive a double
        if column.name == "price":
            assert column.spark_type == T.DecimalType(12, 2)


@each_table
def test_spark_and_arrow_agree_on_the_schema(contract: TableContract, spark: SparkSession) -> None:
    rows = pa.Table.from_pylist([dict.fromkeys(contract.column_names)], contract.arrow_schema)
    spark_types = [(field.name, field.dataType) for field in spark.createDataFrame(rows).schema]
    assert spark_types == [(field.name, field.dataType) for field in contract.spark_schema]


@each_table
def test_the_iceberg_table_has_the_schema_and_its_documentation(
    contract: TableContract, lake: Lake
) -> None:
    table = lake.table(contract.name).iceberg
    stored = schema_to_pyarrow(table.schema(), include_field_ids=False)
    text = {pa.large_string(): pa.string()}
    stored_types = [(field.name, text.get(field.type, field.type)) for field in stored]
    assert stored_types == [(field.name, field.type) for field in contract.arrow_schema]
    assert {f.name: f.doc for f in table.schema().fields} == {
        column.name: column.description for column in contract
    }
    assert not any(field.required for field in table.schema().fields)
    partitions = [field.name for field in table.spec().fields]
    assert partitions == ([contract.partition_by] if contract.partition_by else [])


def test_the_register_names_each_table_as_the_contract_does() -> None:
    assert {name: contract.name for name, contract in TABLES.items()} == {n: n for n in TABLES}


def test_the_reader_and_the_contract_name_the_same_nine_columns() -> None:
    assert COLUMNS_READ == SOURCE_COLUMNS
