"""Faults: changes of good rows that make a check fail, and what it must tell of them.

Belongs here: what a fault is, and ways to make one. Not here: the faults (bad_rows.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ecom_platform_tests.checks.tampering import Change
from ecom_platform_tests.samples import Row


@dataclass(frozen=True)
class Fault:
    """What makes a check fail.

    Attributes:
        table, check: the check.
        change: makes bad rows of good ones.
        numbers: what the check must tell, among its numbers.
        also: other checks that cannot but fail with it.
        spoils: the table whose rows are changed, where it is not the one that is checked.
    """

    table: str
    check: str
    change: Change
    numbers: Mapping[str, Any]
    also: frozenset[str] = field(default=frozenset())
    spoils: str = ""

    def __str__(self) -> str:
        return f"{self.table}-{self.check}"


def first(**values: object) -> Change:
    """Other values in the first row."""
    return lambda rows: [{**rows[0], **values}, *rows[1:]]


def each(change: Callable[[Row], Row], where: Callable[[Row], bool] = lambda _: True) -> Change:
    """Other values in every row of some kind."""
    return lambda rows: [{**row, **change(row)} if where(row) else row for row in rows]


def repeat_a_row(rows: list[Row]) -> list[Row]:
    """The first row twice, and as many rows as before."""
    return [*rows[:-1], rows[0]]


def lose_a_row(rows: list[Row]) -> list[Row]:
    """One row less."""
    return [rows[0], *rows[2:]]


def at_minute(minute: int) -> Callable[[Row], Row]:
    """The same event at another minute of its hour."""
    return lambda row: {"event_time": row["event_time"].replace(minute=minute)}


def is_a(event_type: str) -> Callable[[Row], bool]:
    """Rows of one event type."""
    return lambda row: row["event_type"] == event_type


def rules(
    table: str,
    null: str,
    out_of_range: Row,
    row_rule: tuple[Row, str] | None,
    also_not_unique: frozenset[str] = frozenset(),
) -> list[Fault]:
    """Faults of the checks that every table has.

    Args:
        table: the table.
        null: a column that is lost.
        out_of_range: a value that is too small.
        row_rule: values that do not agree, and the rule that they break.
        also_not_unique: what else fails when a row is repeated in place of another.
    """
    (column,) = out_of_range
    faults = [
        Fault(table, "required_columns_not_null", first(**{null: None}), {f"{null}_not_null": 1}),
        Fault(table, "values_in_range", first(**out_of_range), {f"{column}_minimum": 1}),
    ]
    if row_rule:
        faults.append(Fault(table, "row_rules", first(**row_rule[0]), {row_rule[1]: 1}))
    twice = {"repeated_keys": 1}
    return [*faults, Fault(table, "primary_key_is_unique", repeat_a_row, twice, also_not_unique)]


def uncounted(table: str, **numbers: int) -> Fault:
    """A row of a partial or a dimension that is lost: what it stands for is missing."""
    return Fault(table, "row_count_reconciles", lose_a_row, numbers)
