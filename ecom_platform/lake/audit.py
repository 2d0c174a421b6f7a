"""The audit: rows are measured and judged before any reader can see them.

Belongs here: measuring by a contract, findings, refusing to publish. Not here: committing files.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from ecom_platform.errors import EcomError
from ecom_platform.transforms.measures import (
    count_repeated_hashes,
    count_repeated_keys,
    measure_rows,
)

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from ecom_platform.contracts.table import TableContract

CountsByHour = dict[int, dict[str, int]]

# Rows whose hour cannot be told count here: those of tables without event_time; in other tables
# their event_time is null, which is a fault.
NO_HOUR = -1
REPEATED_KEYS = "repeated_keys"

_NAMED_FAULTS = 5


@dataclass(frozen=True)
class Finding:
    """The verdict of one check on one slice, with the numbers it rests on.

    Attributes:
        check: the check's name.
        passed: the verdict.
        numbers: what it rests on.
        message: the verdict in words.
        blocking: whether a failure keeps rows from readers, or only calls for a person.
    """

    check: str
    passed: bool
    numbers: Mapping[str, Any]
    message: str = ""
    blocking: bool = True


def listed(faults: Sequence[str]) -> str:
    """Faults as one message: the first of them, and how many there are beside these."""
    more = len(faults) - _NAMED_FAULTS
    return "; ".join(faults[:_NAMED_FAULTS]) + (f"; and {more:,} more" if more > 0 else "")


class AuditFailed(EcomError):
    """A blocking rule refused staged rows; the last good version stays visible.

    Attributes:
        findings: all verdicts, among them the failed ones.
    """

    def __init__(self, message: str, findings: Sequence[Finding] = ()) -> None:
        super().__init__(message)
        self.findings = findings


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


def measure(rows: DataFrame, contract: TableContract, proven: Collection[str] = ()) -> CountsByHour:
    """Count rows, values and rule violations in one pass, and repeated keys in another.

    Args:
        rows: rows in the shape of the contract.
        contract: the rules.
        proven: names of rules that no row breaks, as is known already.

    Returns:
        By hour: `row_count`, `repeated_keys`, and what the contract counts. Repeated keys belong
        to no hour and stand in the first one, so that sums over hours are right.
    """
    counts: CountsByHour = {}
    for row in measure_rows(rows, contract, proven).collect():
        numbers = dict.fromkeys(proven, 0) | row.asDict()
        hour = numbers.pop("hour")
        counts[NO_HOUR if hour is None else hour] = {name: n or 0 for name, n in numbers.items()}
    repeated = _count_repeated_keys(rows, contract)
    for number, hour in enumerate(sorted(counts)):
        counts[hour][REPEATED_KEYS] = 0 if number else repeated
    return counts


def _count_repeated_keys(rows: DataFrame, contract: TableContract) -> int:
    """The number of repeated keys, exactly; the keys are compared only where a hash repeats."""
    if not count_repeated_hashes(rows, contract).collect()[0]["repeated_hashes"]:
        return 0
    repeated: int = count_repeated_keys(rows, contract).collect()[0][REPEATED_KEYS]
    return repeated


def total(counts: Mapping[int, Mapping[str, int]]) -> dict[str, int]:
    """Counts of all hours together."""
    totals: dict[str, int] = defaultdict(int)
    for numbers in counts.values():
        for name, number in numbers.items():
            totals[name] += number
    return dict(totals)


def judge_rows(numbers: Mapping[str, int], contract: TableContract) -> list[Finding]:
    """Judge measured rows by the row rules and the key of a contract.

    Args:
        numbers: what `measure` counted; no numbers stand for no rows.
        contract: the rules.
    """
    by_check: dict[str, dict[str, int]] = defaultdict(dict)
    for rule in contract.rules:
        by_check[rule.check][rule.name] = numbers[rule.name] if numbers else 0
    findings = []
    for check, counted in by_check.items():
        broken = {name: count for name, count in counted.items() if count}
        listed = ", ".join(f"{name}: {count:,} rows" for name, count in broken.items())
        findings.append(Finding(check, not broken, counted, listed))
    repeated = numbers[REPEATED_KEYS] if numbers else 0
    message = f"{repeated:,} keys ({', '.join(contract.key)}) stand in more than one row"
    findings.append(
        Finding(
            "primary_key_is_unique",
            repeated == 0,
            {REPEATED_KEYS: repeated},
            message * (repeated > 0),
        )
    )
    return findings


def judge_schema(
    schemas: Sequence[pa.Schema], contract: TableContract, *, older: bool = False
) -> Finding:
    """Judge the schemas of files: the contract's columns and types, nothing else.

    Args:
        schemas: of the files.
        contract: the table.
        older: whether files may lack nullable columns, which came after they were written.
    """
    expected = {f.name: f.type for f in contract.arrow_schema}
    may_lack = {column.name for column in contract if older and column.nullable}
    faults: list[str] = []
    for schema in schemas:
        actual = {f.name: f.type for f in schema}
        faults += [f"{name} is missing" for name in expected if name not in {*actual, *may_lack}]
        faults += [f"{name} is not in the contract" for name in actual if name not in expected]
        faults += [
            f"{name} is {actual[name]}, not {kind}"
            for name, kind in expected.items()
            if name in actual and actual[name] != kind
        ]
    message = ", ".join(dict.fromkeys(faults))
    numbers = {"files": len(schemas), "faults": len(faults)}
    return Finding("schema_conforms", not faults, numbers, message)


def judge_equation(equation: Equation) -> Finding:
    """Judge whether counts agree to the row."""
    parts = " + ".join(f"{count:,} {name}" for name, count in equation.parts.items())
    numbers = {
        equation.total_name: equation.total,
        **equation.parts,
        "difference": equation.difference,
    }
    verdict = f"{equation.difference:+,} rows differ" if equation.difference else "they agree"
    message = f"{equation.total:,} {equation.total_name} against {parts}: {verdict}"
    return Finding("row_count_reconciles", equation.difference == 0, numbers, message)


def enforce(findings: Iterable[Finding], table_name: str, slice_label: str, staged: str) -> None:
    """Refuse to publish when a check failed.

    Raises:
        AuditFailed: names the table, the slice, the checks and their numbers.
    """
    findings = list(findings)
    failed = [finding for finding in findings if not finding.passed]
    if failed:
        reasons = "; ".join(f"{finding.check}: {finding.message}" for finding in failed)
        raise AuditFailed(
            f"{table_name} {slice_label} is not published: {reasons}. The last good version "
            f"stays visible; the refused rows lie in {staged}",
            findings,
        )
