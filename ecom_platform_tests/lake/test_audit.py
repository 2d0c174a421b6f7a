"""The audit: measured rows, verdicts with their numbers, and the refusal to publish."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from pyspark.sql import functions as F

from ecom_platform.contracts.clean import CLEAN_EVENTS
from ecom_platform.lake.audit import (
    NO_HOUR,
    REPEATED_KEYS,
    AuditFailed,
    Equation,
    Finding,
    enforce,
    judge_equation,
    judge_rows,
    judge_schema,
    measure,
    total,
)
from ecom_platform_tests.samples import RAW_ROW, Row, frame, utc

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from ecom_platform.contracts.table import TableContract

LATE: Row = {"event_time": utc("2020-04-01 23:00")}


def measured(spark: SparkSession, *differences: Row) -> dict[int, dict[str, int]]:
    names = CLEAN_EVENTS.column_names
    rows = [{**RAW_ROW, "event_id": n, **difference} for n, difference in enumerate(differences)]
    clean = frame(spark, CLEAN_EVENTS, [{name: row[name] for name in names} for row in rows])
    return measure(clean, CLEAN_EVENTS)


def failed(findings: list[Finding]) -> dict[str, str]:
    return {finding.check: finding.message for finding in findings if not finding.passed}


# --- Measuring


def test_counts_are_kept_by_hour_and_add_up(spark: SparkSession) -> None:
    counts = measured(spark, {}, LATE, {**LATE, "event_type": "cart"}, {"event_time": None})
    assert {hour: numbers["row_count"] for hour, numbers in counts.items()} == {
        12: 1,
        23: 2,
        NO_HOUR: 1,
    }
    numbers = total(counts)
    assert numbers["row_count"] == 4
    assert numbers["event_time_not_null"] == 1
    assert (numbers["event_type_view"], numbers["event_type_cart"]) == (3, 1)
    assert numbers["event_type_purchase"] == 0


def test_repeated_keys_are_counted_once_however_many_hours_there_are(spark: SparkSession) -> None:
    counts = measured(spark, {"event_id": 7}, {**LATE, "event_id": 7}, {**LATE, "event_id": 8})
    assert total(counts)[REPEATED_KEYS] == 1


def test_keys_of_which_only_the_hashes_are_equal_are_not_repeated(
    spark: SparkSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    def all_alike(rows: DataFrame, _: TableContract) -> DataFrame:
        return rows.agg(F.count(F.lit(1)).alias("repeated_hashes"))

    monkeypatch.setattr("ecom_platform.lake.audit.count_repeated_hashes", all_alike)
    assert total(measured(spark, {"event_id": 7}, {"event_id": 8}))[REPEATED_KEYS] == 0
    assert total(measured(spark, {"event_id": 7}, {"event_id": 7}))[REPEATED_KEYS] == 1


def test_no_rows_measure_as_nothing_and_break_no_rule(spark: SparkSession) -> None:
    counts = measured(spark)
    assert counts == {}
    assert failed(judge_rows(total(counts), CLEAN_EVENTS)) == {}


# --- Judging


def test_good_rows_pass_every_check(spark: SparkSession) -> None:
    findings = judge_rows(total(measured(spark, {}, LATE)), CLEAN_EVENTS)
    assert failed(findings) == {}
    assert {finding.check for finding in findings} == {
        "required_columns_not_null",
        "accepted_values",
        "values_in_range",
        "row_rules",
        "primary_key_is_unique",
    }
    assert all(finding.blocking for finding in findings)


@pytest.mark.parametrize(
    ("differences", "check", "message"),
    [
        ([{"brand": None}, {"brand": None}], "required_columns_not_null", "brand_not_null: 2 rows"),
        ([{"event_type": "buy"}], "accepted_values", "event_type_accepted: 1 rows"),
        ([{"price": Decimal("0.00")}], "values_in_range", "price_minimum: 1 rows"),
        (
            [{"event_date": utc("2020-04-02 00:00").date()}],
            "row_rules",
            "event_date_is_the_date_of_event_time: 1 rows",
        ),
        (
            [{"event_id": 5}, {"event_id": 5}],
            "primary_key_is_unique",
            "1 keys (event_date, event_id) stand in more than one row",
        ),
    ],
)
def test_each_check_fails_with_its_rule_and_number(
    spark: SparkSession, differences: list[Row], check: str, message: str
) -> None:
    findings = judge_rows(total(measured(spark, LATE, *differences)), CLEAN_EVENTS)
    assert failed(findings) == {check: message}
    (finding,) = (finding for finding in findings if not finding.passed)
    assert sum(finding.numbers.values()) == len(differences) - (check == "primary_key_is_unique")


def test_a_schema_conforms_when_names_and_types_are_those_of_the_contract() -> None:
    schema = CLEAN_EVENTS.arrow_schema
    backwards = pa.schema(list(schema)[::-1])  # Iceberg maps columns by name
    finding = judge_schema([schema, backwards], CLEAN_EVENTS)
    assert (finding.passed, finding.numbers) == (True, {"files": 2, "faults": 0})


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda s: s.remove(s.get_field_index("brand")), "brand is missing"),
        (lambda s: s.append(pa.field("extra", pa.string())), "extra is not in the contract"),
        (
            lambda s: s.set(s.get_field_index("price"), pa.field("price", pa.float64())),
            "price is double, not decimal128(12, 2)",
        ),
        (
            lambda s: s.set(s.get_field_index("event_time"), pa.field("event_time", pa.string())),
            "event_time is string, not timestamp[us, tz=UTC]",
        ),
    ],
)
def test_a_schema_with_another_column_or_type_does_not_conform(change, fault: str) -> None:
    good = CLEAN_EVENTS.arrow_schema
    bad = change(good)
    finding = judge_schema([good, bad, bad], CLEAN_EVENTS)
    assert not finding.passed
    assert finding.message == fault
    assert finding.numbers["files"] == 3


def test_an_equation_fails_by_a_single_row_in_either_direction() -> None:
    parts = {"clean_events": 1_000, "duplicates": 20, "rejected_events": 3}
    assert judge_equation(Equation("raw_events", 1_023, parts)).passed
    missing = judge_equation(Equation("raw_events", 1_024, parts))
    too_many = judge_equation(Equation("raw_events", 1_022, parts))
    assert not missing.passed
    assert not too_many.passed
    assert missing.numbers == {"raw_events": 1_024, **parts, "difference": 1}
    assert missing.message == (
        "1,024 raw_events against 1,000 clean_events + 20 duplicates + 3 rejected_events: "
        "+1 rows differ"
    )
    assert too_many.numbers["difference"] == -1


# --- Refusing


def test_passed_findings_are_not_refused() -> None:
    enforce([Finding("a", True, {}), Finding("b", True, {})], "clean_events", "2020-04-01", "x")


def test_a_refusal_names_table_slice_checks_numbers_and_the_staged_files() -> None:
    findings = [
        Finding("good", True, {}),
        Finding("row_rules", False, {"r": 2}, "r: 2 rows"),
        Finding("row_count_reconciles", False, {"difference": 1}, "+1 rows differ"),
    ]
    with pytest.raises(AuditFailed) as refusal:
        enforce(iter(findings), "clean_events", "2020-04-01 hours 3", "tables/clean_events/data/x")
    assert str(refusal.value) == (
        "clean_events 2020-04-01 hours 3 is not published: row_rules: r: 2 rows; "
        "row_count_reconciles: +1 rows differ. The last good version stays visible; "
        "the refused rows lie in tables/clean_events/data/x"
    )
    assert list(refusal.value.findings) == findings
