"""The lineage of the contracts is true: another value in a source column changes what it says.

Each transform gets one row, then the same row with one column changed; the columns of its result
that differ must be those whose lineage names that column, no more and no fewer.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from ecom_platform.contracts import TABLES
from ecom_platform.contracts.clean import CLEAN_EVENTS
from ecom_platform.contracts.raw import RAW_EVENTS
from ecom_platform.transforms.clean import clean_events, reject_events
from ecom_platform.transforms.model import build_fact_user_events
from ecom_platform_tests.samples import RAW_ROW, Row, collect, frame, utc

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from ecom_platform.contracts.table import TableContract

REJECTED_AT = utc("2020-04-02 03:04")
CLEAN_ROW = {**RAW_ROW, "event_id": 7}
NOT_PAID: Row = {**RAW_ROW, "price": Decimal("-1.00")}
NO_TYPE: Row = {**NOT_PAID, "event_type": "View"}
NO_SESSION: Row = {**NO_TYPE, "user_session": None}


@dataclass(frozen=True)
class Step:
    """A transform of one table, and rows that show what its result depends on."""

    source: TableContract
    build: Callable[[DataFrame], DataFrame]
    rows: Sequence[Row]


STEPS = {
    "clean_events": Step(RAW_EVENTS, clean_events, [RAW_ROW]),
    "rejected_events": Step(
        RAW_EVENTS,
        lambda rows: reject_events(rows, REJECTED_AT),
        # For each rule a row that breaks it, and the later ones too.
        [NO_SESSION, NO_TYPE, NOT_PAID],
    ),
    "fact_user_events": Step(CLEAN_EVENTS, build_fact_user_events, [CLEAN_ROW]),
}


@pytest.mark.parametrize("table", STEPS)
def test_exactly_the_columns_that_lineage_names_depend_on_a_source_column(
    spark: SparkSession, table: str
) -> None:
    step, contract = STEPS[table], TABLES[table]
    observed: dict[str, set[str]] = defaultdict(set)
    for row in step.rows:
        before = _result(spark, step, row)
        for name in step.source.column_names:
            after = _result(spark, step, {**row, name: _another(name, row[name])})
            for column in _differing(before, after):
                observed[column].add(name)
    written = {
        column: {source.column for source in sources}
        for column, sources in contract.lineage.items()
    }
    assert {column: observed[column] for column in contract.column_names} == written


def _result(spark: SparkSession, step: Step, row: Row) -> Row | None:
    source = {name: row[name] for name in step.source.column_names}
    rows = collect(step.build(frame(spark, step.source, [source])))
    return rows[0] if rows else None


def _differing(before: Row | None, after: Row | None) -> set[str]:
    if before is None or after is None:
        # An event that is accepted now had this reason not to be; its other columns are gone.
        return set() if before == after else {"reason"}
    return {name for name, value in before.items() if after[name] != value}


def _another(column: str, value: Any) -> Any:
    match value:
        case None:
            return "another"
        case str() if column == "event_type":
            return "cart" if value == "view" else "view"
        case str():
            return f"{value}x"
        case int():
            return value + 1
        case Decimal():
            return Decimal("2.00")
        case dt.datetime():
            return value + dt.timedelta(days=1, hours=1)
        case dt.date():
            return value + dt.timedelta(days=1)
    raise NotImplementedError(f"{column}: {value!r}")
