"""Finding out what the columns of a transform's result depend on, by changing its input.

Belongs here: the experiment. Not here: transforms, and what their lineage should be.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ecom_platform.contracts import TABLES
from ecom_platform.contracts.clean import EVENT_TYPES
from ecom_platform.contracts.lineage import ColumnRef
from ecom_platform_tests.samples import Row, collect, frame

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

Inputs = Mapping[str, Sequence[Row]]


@dataclass(frozen=True)
class Probe:
    """A transform, and rows that show what its result depends on.

    Attributes:
        build: takes one frame a source table, in the order of `examples`.
        examples: for each experiment the rows of the source tables. A value is changed in one
            row at a time.
        key: the column that the transform groups or joins by, changed in all rows at once: in one
            row alone it would only tear apart what belongs together.
        told_by: the column that tells why a row is there at all. It counts as changed when rows
            come or go; the others then only follow.
    """

    build: Callable[..., DataFrame]
    examples: Sequence[Inputs]
    key: str | None = None
    told_by: str | None = None


def observe(spark: SparkSession, probe: Probe) -> dict[str, set[ColumnRef]]:
    """For each column of the result the source columns that another value in it depended on."""
    observed: dict[str, set[ColumnRef]] = defaultdict(set)
    for example in probe.examples:
        before = _result(spark, probe, example)
        for source, changed in _changes(example, probe.key):
            for column in _differing(before, _result(spark, probe, changed), probe.told_by):
                observed[column].add(source)
    return observed


def _changes(example: Inputs, key: str | None) -> Iterator[tuple[ColumnRef, Inputs]]:
    for table, rows in example.items():
        for column in TABLES[table].column_names:
            for number, row in enumerate(rows if column != key else ()):
                for value in _others(column, row[column]):
                    changed = [*rows[:number], {**row, column: value}, *rows[number + 1 :]]
                    yield ColumnRef(table, column), {**example, table: changed}
    if key:
        source = ColumnRef(next(iter(example)), key)
        everywhere = {
            table: [{**row, key: next(_others(key, row[key]))} for row in rows]
            for table, rows in example.items()
        }
        yield source, everywhere


def _result(spark: SparkSession, probe: Probe, inputs: Inputs) -> list[Row]:
    frames = []
    for table, rows in inputs.items():
        names = TABLES[table].column_names
        projected = [{name: row[name] for name in names} for row in rows]
        frames.append(frame(spark, TABLES[table], projected))
    return collect(probe.build(*frames))


def _differing(before: list[Row], after: list[Row], told_by: str | None) -> set[str]:
    if len(before) != len(after):
        return {told_by} if told_by else set()
    if not before:
        return set()
    values = {
        name: [sorted(repr(row[name]) for row in of) for of in (before, after)]
        for name in before[0]
    }
    return {name for name, (old, new) in values.items() if old != new}


def _others(column: str, value: Any) -> Iterator[Any]:
    """Other values that the column could hold."""
    match value:
        case None:
            yield 8 if column == "source_event_id" else "another"
        case str() if column == "event_type":
            yield from (each for each in EVENT_TYPES if each != value)
        case str():
            yield f"{value[::-1]}x"
        case bool():
            yield not value
        case int():
            yield value + 1
        case float():
            yield value + 1
        case Decimal():
            yield Decimal("2.00")
        case dt.datetime():
            yield value + dt.timedelta(days=1, hours=1)
        case dt.date():
            yield value + dt.timedelta(days=1)
        case _:
            raise NotImplementedError(f"{column}: {value!r}")
