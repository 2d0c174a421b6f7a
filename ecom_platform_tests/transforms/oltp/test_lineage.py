"""The lineage of the shop's tables is true: each column is carried from the changes, no other.

How it is found out is in lineage_probe.py.
"""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from ecom_platform.contracts import TABLES
from ecom_platform.contracts.oltp import RAW_OLTP, SHOP_TABLES, current_name
from ecom_platform.transforms.oltp.fold import fold_changes, judge_changes
from ecom_platform_tests.samples import Row, utc
from ecom_platform_tests.transforms.lineage_probe import Probe, observe

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from ecom_platform.contracts.oltp.shop import ShopTable


def value_of(field: pa.Field) -> Any:
    """Some value of a column of the shop."""
    if pa.types.is_timestamp(field.type):
        return utc("2020-04-01 12:00")
    if pa.types.is_boolean(field.type):
        return False
    if pa.types.is_decimal(field.type):
        return Decimal("1.00")
    return 7 if pa.types.is_integer(field.type) else "some"


def probe_of(table: ShopTable) -> Probe:
    contract = RAW_OLTP[table.name]
    change: Row = {field.name: value_of(field) for field in contract.arrow_schema}
    return Probe(partial(folded, table), [{contract.name: [{**change, "op": "U"}]}])


def folded(table: ShopTable, changes: DataFrame) -> DataFrame:
    return fold_changes(judge_changes(changes, table.key, None), table.schema.names)


PROBES = {current_name(name): probe_of(table) for name, table in SHOP_TABLES.items()}


@pytest.mark.parametrize("table", PROBES)
def test_exactly_the_columns_that_lineage_names_depend_on_a_source_column(
    spark: SparkSession, table: str
) -> None:
    observed = observe(spark, PROBES[table])
    for column in TABLES[table]:
        assert observed[column.name] == set(column.sources), column.name
