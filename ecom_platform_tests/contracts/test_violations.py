"""Every rule of every contract flags a row that breaks it, and lets a good row pass."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from pyspark.sql import functions as F

from ecom_platform.contracts import TABLES
from ecom_platform.contracts.table import Rule, TableContract
from ecom_platform.transforms.measures import measure_rows
from ecom_platform_tests.samples import RAW_ROW, Row, collect

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# A good value for every column of any table, where it is not the one of the sample event.
GOOD: Row = {
    **RAW_ROW,
    "event_id": -1,
    "layer": "raw",
    "reason": "bad_price",
    "detail": None,
    "line": "a,b",
    "rejected_at": RAW_ROW["ingested_at"],
    "session_id": "s",
    "category_name": "unknown",
    "device_type": "unknown",
    "source_channel": "unknown",
    "day_of_week": 3,
    "hour_of_day": 12,
    "status": "ingested",
    "size_bytes": 0,
    "modified_at": RAW_ROW["ingested_at"],
    "line_count": 0,
    "raw_count": 0,
    "malformed_count": 0,
    "run_id": "run-1",
    "recorded_at": RAW_ROW["ingested_at"],
    "table_name": "clean_events",
    "hour": 23,
    "fingerprint": "f",
    "hour_fingerprints": "{}",
    "row_count": 0,
    "byte_count": 0,
    "measures": "{}",
    "snapshot_id": 1,
    "sequence_number": 0,
    "published_at": RAW_ROW["ingested_at"],
}

# What breaks the rules over several columns.
BAD_ROWS: dict[str, Row] = {
    "event_date_is_the_date_of_event_time": {"event_date": dt.date(2020, 3, 31)},
    "hour_of_day_is_the_hour_of_event_time": {"hour_of_day": 11},
}


def breaking(rule: Rule, contract: TableContract) -> Row:
    """A difference from a good row that just breaks the rule."""
    if rule.check == "row_rules":
        return BAD_ROWS[rule.name]
    column, operator, limit = re.fullmatch(
        r"(\w+) (IS|NOT IN|<=|<|>) (.*)", rule.violation
    ).groups()
    if operator == "IS":
        return {column: None}
    if operator == "NOT IN":
        return {column: "nothing that is accepted"}
    step = Decimal("0.01") if column == "price" else 1
    values: dict[str, Any] = {"<=": int(limit), "<": int(limit) - step, ">": int(limit) + step}
    return {column: values[operator]}


def labelled(spark: SparkSession, contract: TableContract, rows: dict[str, Row]):
    """A frame of good rows with differences, each with its label in a column of its own."""
    names = contract.column_names
    full = [{**GOOD, **difference} for difference in rows.values()]
    table = pa.Table.from_pylist(
        [{name: row[name] for name in names} for row in full], schema=contract.arrow_schema
    )
    return spark.createDataFrame(table.append_column("label", pa.array(list(rows))))


@pytest.mark.parametrize("contract", TABLES.values(), ids=TABLES.keys())
def test_every_rule_flags_the_row_that_breaks_it_and_no_good_row(
    contract: TableContract, spark: SparkSession
) -> None:
    rows = {"good": {}} | {rule.name: breaking(rule, contract) for rule in contract.rules}
    frame = labelled(spark, contract, rows)
    flags = [F.coalesce(F.expr(r.violation), F.lit(False)).alias(r.name) for r in contract.rules]
    broken = {row.pop("label"): row for row in collect(frame.select("label", *flags))}
    assert len(broken) == len(contract.rules) + 1
    assert not any(broken["good"].values())
    for rule in contract.rules:
        assert broken[rule.name][rule.name], rule.name
    if "event_time" in contract.column_names:
        counted = collect(measure_rows(frame, contract))
        for rule in contract.rules:
            expected = sum(row[rule.name] for row in broken.values())
            assert sum(row[rule.name] for row in counted) == expected, rule.name


def test_a_null_breaks_only_the_rule_against_nulls(spark: SparkSession) -> None:
    contract = TABLES["fact_user_events"]
    nulls = {name: {name: None} for name in contract.column_names}
    flags = [F.coalesce(F.expr(r.violation), F.lit(False)).alias(r.name) for r in contract.rules]
    broken = collect(labelled(spark, contract, nulls).select("label", *flags))
    for row in broken:
        label = row.pop("label")
        assert [name for name, flag in row.items() if flag] == [f"{label}_not_null"]


@pytest.mark.parametrize(
    ("column", "smallest"), [("price", Decimal("0.01")), ("user_id", 1), ("hour_of_day", 0)]
)
def test_the_smallest_legal_value_passes(
    column: str, smallest: object, spark: SparkSession
) -> None:
    contract = TABLES["fact_user_events"]
    (rule,) = (rule for rule in contract.rules if rule.name == f"{column}_minimum")
    frame = labelled(spark, contract, {"edge": {column: smallest}})
    assert frame.where(rule.violation).count() == 0
