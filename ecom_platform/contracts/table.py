"""The shape of a contract: what a table promises, and the rules that follow from it.

Belongs here: deriving schemas and rules from a pandera model. Not here: any table's columns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any, Literal

import pandera.pyspark as pandera
import pyarrow as pa
import pyspark.sql.types as T

from ecom_platform.contracts.lineage import ColumnRef, Lineage

Layer = Literal["raw", "clean", "model", "marts", "features", "ledger"]

_ARROW_TYPES: dict[type[T.DataType], pa.DataType] = {
    T.TimestampType: pa.timestamp("us", tz="UTC"),
    T.DateType: pa.date32(),
    T.StringType: pa.string(),
    T.LongType: pa.int64(),
    T.IntegerType: pa.int32(),
    T.BooleanType: pa.bool_(),
    T.DoubleType: pa.float64(),
}


@dataclass(frozen=True)
class Column:
    """One column of a contract: its type and what a reader needs to know of it.

    Attributes:
        accepted: what its values are held to, for a person: `> 0`, or the list of values.
        sources: the columns of other tables that it is made from.
    """

    name: str
    spark_type: T.DataType
    nullable: bool
    description: str
    unit: str | None
    is_pii: bool
    accepted: tuple[str, ...] = ()
    sources: tuple[ColumnRef, ...] = ()

    @property
    def arrow_type(self) -> pa.DataType:
        """The type in Parquet files, and through it in the Iceberg table."""
        if isinstance(self.spark_type, T.DecimalType):
            return pa.decimal128(self.spark_type.precision, self.spark_type.scale)
        return _ARROW_TYPES[type(self.spark_type)]


@dataclass(frozen=True)
class Rule:
    """A condition on single rows.

    Attributes:
        check: the check that this rule belongs to, e.g. `required_columns_not_null`.
        name: identifies the rule in measurements, e.g. `event_type_not_null`.
        violation: SQL expression, true for a row that breaks the rule; plain SQL that Spark
            and DuckDB read alike.
        accepted: what is left, for a person, e.g. `> 0`; empty where the name says it.
        column: the column, where the rule is about nulls or about a range of one.
        within: of a range, whether a value lies in it; None for nulls.
    """

    check: str
    name: str
    violation: str
    accepted: str = field(default="", compare=False)
    column: str = field(default="", compare=False)
    within: Callable[[Any], bool] | None = field(default=None, compare=False)


@dataclass(frozen=True)
class CountedValue:
    """A value of a column with few values: how often it occurs is measured.

    Attributes:
        name: identifies the count in measurements, e.g. `event_type_purchase`.
        condition: SQL expression, true for a row that holds the value.
    """

    name: str
    condition: str


@dataclass(frozen=True)
class TableContract:
    """What a table promises to its readers.

    Attributes:
        name: the one name of the table: asset key, Iceberg table, folder and function.
        layer: raw, clean, model, marts or features; `ledger` for the platform's own records.
        grain: what one row is.
        key: columns that identify a row.
        cadence: how often it is refreshed.
        model: the pandera model with the columns.
        partition_by: Iceberg identity partition, or None.
        row_rules: conditions over several columns, as (name, SQL that is true for a bad row).
        lineage: for each column the columns of other tables that it is made from; empty for
            tables that are made from no table.
        files_of_objects: which files are replaced landing object by landing object, so that no
            two objects may share one: those in which these columns hold these values; all for an
            empty mapping, none for None.
    """

    name: str
    layer: Layer
    grain: str
    key: tuple[str, ...]
    cadence: str
    model: type[pandera.DataFrameModel]
    partition_by: str | None = "event_date"
    row_rules: tuple[tuple[str, str], ...] = field(default=())
    lineage: Lineage = field(default_factory=dict, hash=False)
    files_of_objects: Mapping[str, str] | None = field(default=None, hash=False)

    @property
    def description(self) -> str:
        """The first paragraph of the model's docstring."""
        return " ".join((self.model.__doc__ or "").split("\n\n")[0].split())

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """The columns in their order."""
        return tuple(
            _column(name, spec, self.lineage.get(name, ()))
            for name, spec in self.model.to_schema().columns.items()
        )

    @property
    def column_names(self) -> list[str]:
        """The names of the columns in their order."""
        return [column.name for column in self.columns]

    @cached_property
    def arrow_schema(self) -> pa.Schema:
        """The schema of the table's files.

        Every field is nullable here: engines write optional Parquet fields and Iceberg refuses
        them for required columns, so nulls are a matter of the audit, not of the file.
        """
        return pa.schema(
            pa.field(c.name, c.arrow_type, metadata={"doc": c.description}) for c in self.columns
        )

    @cached_property
    def spark_schema(self) -> T.StructType:
        """The schema as Spark sees it."""
        return T.StructType([T.StructField(c.name, c.spark_type) for c in self.columns])

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """All row rules, compiled from the model's fields and from `row_rules`."""
        compiled = []
        for name, spec in self.model.to_schema().columns.items():
            if not spec.nullable:
                check, violation = "required_columns_not_null", f"{name} IS NULL"
                compiled.append(Rule(check, f"{name}_not_null", violation, column=name))
            compiled += [_compile(name, str(check.name), check.statistics) for check in spec.checks]
        compiled += [Rule("row_rules", name, violation) for name, violation in self.row_rules]
        return tuple(compiled)

    @cached_property
    def counted_values(self) -> tuple[CountedValue, ...]:
        """The values of columns with accepted values: what was lost shows in their counts."""
        return tuple(
            CountedValue(f"{name}_{value}", f"{name} = {_literal(value)}")
            for name, spec in self.model.to_schema().columns.items()
            for check in spec.checks
            if check.name == "isin"
            for value in check.statistics["allowed_values"]
        )

    def __iter__(self) -> Iterator[Column]:
        return iter(self.columns)


def _column(name: str, spec: Any, sources: tuple[ColumnRef, ...]) -> Column:
    metadata = spec.metadata or {}
    compiled = [_compile(name, str(check.name), check.statistics) for check in spec.checks]
    return Column(
        name=name,
        spark_type=spec.dtype.type,
        nullable=bool(spec.nullable),
        description=spec.description or "",
        unit=metadata.get("unit"),
        is_pii=bool(metadata.get("pii", False)),
        accepted=tuple(rule.accepted for rule in compiled),
        sources=sources,
    )


def _compile(column: str, kind: str, statistics: dict[str, Any]) -> Rule:
    """Write one pandera check as SQL that is true for a row that breaks it.

    A null never breaks these rules: whether a column may be null is a rule of its own.
    """
    low, high = statistics.get("min_value"), statistics.get("max_value")
    ranged = partial(Rule, "values_in_range", column=column)
    match kind:
        case "isin":
            values = statistics["allowed_values"]
            allowed = ", ".join(_literal(value) for value in values)
            violation = f"{column} NOT IN ({allowed})"
            words = ", ".join(str(value) for value in values)
            return Rule("accepted_values", f"{column}_accepted", violation, words)
        case "greater_than":
            rule = ranged(f"{column}_minimum", f"{column} <= {low}", f"> {low}")
            return replace(rule, within=lambda value: value > low)
        case "greater_than_or_equal_to":
            rule = ranged(f"{column}_minimum", f"{column} < {low}", f"≥ {low}")
            return replace(rule, within=lambda value: value >= low)
        case "less_than_or_equal_to":
            rule = ranged(f"{column}_maximum", f"{column} > {high}", f"≤ {high}")
            return replace(rule, within=lambda value: value <= high)
    raise NotImplementedError(f"the contract uses {kind!r} on {column}; teach _compile to write it")


def _literal(value: object) -> str:
    return str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"
