"""The lineage of marts is true, as that of the other tables is.

How it is found out is in lineage_probe.py.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from ecom_platform.contracts import TABLES
from ecom_platform.transforms.marts.profile import (
    build_eda_profile,
    build_eda_profile_lake,
    build_value_days,
)
from ecom_platform_tests.samples import DAY, RAW_ROW, Row
from ecom_platform_tests.transforms.lineage_probe import Probe, observe

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

AS_OF = dt.date(2020, 4, 30)


def counted(column: str, value: str | None, rows: int) -> Row:
    """A row of value_days."""
    return {
        "event_date": DAY,
        "scope": "all",
        "column_name": column,
        "value": value,
        "row_count": rows,
    }


VALUES = [
    [counted("brand", "acme", 2), counted("brand", "zoo", 3)],
    [counted("price", "3.00", 2), counted("price", "7.00", 3)],
    [counted("user_session", None, 2)],
]

PROBES = {
    "value_days": Probe(build_value_days, [{"raw_events": [RAW_ROW]}]),
    "eda_profile": Probe(build_eda_profile, [{"value_days": rows} for rows in VALUES]),
    "eda_profile_lake": Probe(
        lambda values: build_eda_profile_lake(values, AS_OF),
        [{"value_days": rows} for rows in VALUES],
    ),
}


@pytest.mark.parametrize("table", PROBES)
def test_exactly_the_columns_that_lineage_names_depend_on_a_source_column(
    spark: SparkSession, table: str
) -> None:
    observed = observe(spark, PROBES[table])
    for column in TABLES[table]:
        assert observed[column.name] == set(column.sources), column.name
