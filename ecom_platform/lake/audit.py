"""The audit: staged rows are measured and judged before any reader can see them.

Belongs here: findings, and refusing to publish. Not here: measuring rows, committing files.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from ecom_platform.errors import AuditFailed
from ecom_platform.transforms.measures import count_repeated_keys, measure_rows

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from ecom_platform.contracts.table import TableContract

Numbers = dict[str, int]


@dataclass(frozen=True)
class Finding:
    """The verdict of one check on one slice, with the numbers it rests on."""

    check: str
    passed: bool
    numbers: Mapping[str, Any]
    message: str = ""


@dataclass(frozen=True)
class Equation:
    """Counts that must agree to the row.

    Attributes:
        total_name, total: what came in, e.g. ("raw_events", 100).
        parts: where it went, by name.
    """

    total_name: str
    total: int
    parts: Mapping[str, int]

    @property
    def difference(self) -> int:
        """Rows missing (positive) or too many (negative)."""
        return self.total - sum(self.parts.values())


@dataclass(frozen=True)
class Measured:
    """What one pass over staged rows counted."""

    rows_by_hour: Mapping[int, int]
    violations: Mapping[str, int]
    repeated_keys: int
    schemas: Sequence[pa.Schema] = field(default=())

    @property
    def row_count(self) -> int:
        """All rows."""
        return sum(self.rows_by_hour.values())


def measure(rows: DataFrame, contract: TableContract, schemas: Sequence[pa.Schema]) -> Measured:
    """Measure staged rows in one pass, and the uniqueness of their key in another."""
    by_hour = [row.asDict() for row in measure_rows(rows, contract).collect()]
    violations = {rule.name: 0 for rule in contract.rules}
    for row in by_hour:
        for rule in contract.rules:
            violations[rule.name] += row[rule.name]
    repeated = count_repeated_keys(rows, contract).collect()[0]["repeated_keys"]
    hours = {-1 if r["hour"] is None else r["hour"]: r["row_count"] for r in by_hour}
    return Measured(hours, violations, repeated, schemas)


def judge(measured: Measured, contract: TableContract, equation: Equation | None) -> list[Finding]:
    """Judge measured rows by every blocking check of the contract."""
    findings = [_schema_conforms(measured.schemas, contract)]
    by_check: dict[str, Numbers] = defaultdict(dict)
    for rule in contract.rules:
        by_check[rule.check][rule.name] = measured.violations[rule.name]
    for check, numbers in by_check.items():
        broken = {name: count for name, count in numbers.items() if count}
        listed = ", ".join(f"{name}: {count:,} rows" for name, count in broken.items())
        findings.append(Finding(check, not broken, numbers, listed))
    findings.append(
        Finding(
            "primary_key_is_unique",
            measured.repeated_keys == 0,
            {"repeated_keys": measured.repeated_keys},
            f"{measured.repeated_keys:,} keys {contract.key} stand in more than one row",
        )
    )
    if equation:
        findings.append(_row_count_reconciles(equation))
    return findings


def enforce(findings: Iterable[Finding], table_name: str, slice_label: str, staged: str) -> None:
    """Refuse to publish when a check failed.

    Raises:
        AuditFailed: names the table, the slice, the checks and their numbers.
    """
    failed = [finding for finding in findings if not finding.passed]
    if failed:
        reasons = "; ".join(f"{finding.check}: {finding.message}" for finding in failed)
        raise AuditFailed(
            f"{table_name} {slice_label} is not published: {reasons}. The last good version "
            f"stays visible; the refused rows lie in {staged}"
        )


def _schema_conforms(schemas: Sequence[pa.Schema], contract: TableContract) -> Finding:
    expected = {f.name: f.type for f in contract.arrow_schema}
    faults: list[str] = []
    for schema in schemas:
        actual = {f.name: f.type for f in schema}
        faults += [f"{name} is missing" for name in expected if name not in actual]
        faults += [f"{name} is not in the contract" for name in actual if name not in expected]
        faults += [
            f"{name} is {actual[name]}, not {kind}"
            for name, kind in expected.items()
            if name in actual and actual[name] != kind
        ]
    message = ", ".join(dict.fromkeys(faults))
    numbers = {"files": len(schemas), "faults": len(faults)}
    return Finding("schema_conforms", not faults, numbers, message)


def _row_count_reconciles(equation: Equation) -> Finding:
    parts = " + ".join(f"{count:,} {name}" for name, count in equation.parts.items())
    message = (
        f"{equation.total:,} {equation.total_name} against {parts}: "
        f"{equation.difference:+,} rows differ"
    )
    numbers = {
        equation.total_name: equation.total,
        **equation.parts,
        "difference": equation.difference,
    }
    return Finding("row_count_reconciles", equation.difference == 0, numbers, message)
