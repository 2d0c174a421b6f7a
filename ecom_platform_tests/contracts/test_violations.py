"""Every rule of every contract flags a row that breaks it, and lets a good row pass."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from pyspark.sql import functions as F

from ecom_platform.contracts import TABLES
from ecom_platform.contracts.table import Rule, TableContract
from ecom_platform.transforms.measures import measure_rows
from ecom_platform_tests.contracts.good_rows import BAD, GOOD, GOOD_IN
from ecom_platform_tests.samples import Row, collect

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def breaking(rule: Rule, contract: TableContract) -> Row:
    """A difference from a good row that just breaks the rule."""
    if rule.check == "row_rules":
        assert rule.name in BAD, f"write down in good_rows.py what breaks {rule.name}"
        return BAD[rule.name]
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
    good = GOOD | GOOD_IN.get(contract.name, {})
    assert set(names) <= good.keys(), f"{contract.name}: add its columns to good_rows.py"
    full = [{**good, **difference} for difference in rows.values()]
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
