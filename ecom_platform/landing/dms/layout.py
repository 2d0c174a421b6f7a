"""Which of its columns a DMS file has beside those of the table, told from the file alone.

Belongs here: finding Op, the time and the change sequence. Not here: reading files, typing values.

DMS's settings are not known to the reader, and may change between files. What they add is found by
what it holds: Op is I, U or D; the time has DMS's form; a change sequence has 35 digits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ecom_platform.contracts.oltp.shop import ShopTable
from ecom_platform.landing.rejections import ObjectRefused

_OP = r"^[IUD]$"
_TIME = r"^\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d{1,9})?$"
_SEQUENCE = r"^\d{35}$"
_FORMS: dict[Any, str] = {
    pa.int64(): r"^-?\d{1,19}$",
    pa.timestamp("us", tz="UTC"): _TIME,
}
_DECIMAL = r"^-?\d+(\.\d+)?$"
_OP_NAME = "Op"

# A column of a file. The stubs of pyarrow's compute functions know arrays by the type of their
# values, which is what is being found out here.
Values = Any


@dataclass(frozen=True)
class Layout:
    """Where everything is.

    Attributes:
        table: names of the file's columns that hold the table's, in the table's order.
        op: name of the file's column, None if there is none; so for the others.
        additional: columns that are neither the table's nor DMS's.
    """

    table: tuple[str, ...]
    op: str | None
    committed_at: str | None
    change_seq: str | None
    additional: tuple[str, ...] = ()


def layout_by_names(rows: pa.Table, shop_table: ShopTable) -> Layout:
    """The layout of a file whose columns have names.

    Raises:
        ObjectRefused: `missing_column`, a column of the table is not there: dropped or renamed.
    """
    names = rows.column_names
    if missing := [name for name in shop_table.schema.names if name not in names]:
        raise ObjectRefused(
            "missing_column",
            f"{shop_table.name} lacks {', '.join(missing)}; the file has {', '.join(names)}",
        )
    others = [name for name in names if name not in shop_table.schema.names]
    op = _OP_NAME if _OP_NAME in others and _holds(rows[_OP_NAME], _OP) else None
    rest = [name for name in others if name != op]
    times = [name for name in rest if _holds(rows[name], _TIME)]
    sequences = [name for name in rest if _holds(rows[name], _SEQUENCE)]
    time, sequence = next(iter(times), None), next(iter(sequences), None)
    # In a full load a sequence is empty; an empty column of any meaning is no loss.
    additional = tuple(name for name in rest if name not in (time, sequence))
    return Layout(tuple(shop_table.schema.names), op, time, sequence, additional)


def layout_by_place(rows: pa.Table, shop_table: ShopTable) -> Layout:
    """The layout of a file whose columns have no names: DMS's beside the table's, in its order.

    Raises:
        ObjectRefused: `unknown_layout`, no arrangement fits, or more than one.
    """
    arrangements = _arrangements(rows, shop_table)
    fitting = [layout for layout in arrangements if _fits(rows, layout, shop_table)]
    if len(fitting) != 1:
        found = "no arrangement fits" if not fitting else f"{len(fitting)} arrangements fit"
        raise ObjectRefused(
            "unknown_layout",
            f"{shop_table.name} has {len(shop_table.schema)} columns, the file {rows.num_columns} "
            f"without names: {found}; a table whose columns change needs Parquet or AddColumnName",
        )
    return fitting[0]


def _arrangements(rows: pa.Table, shop_table: ShopTable) -> Iterator[Layout]:
    """Every way to put Op, the time and the sequence beside the table's columns at this width."""
    names = rows.column_names
    width = len(shop_table.schema)
    for has_op in (False, True):
        for time in (None, "before", "after"):
            for has_sequence in (False, True):
                before = has_op + (time == "before")
                after = has_sequence + (time == "after")
                if before + width + after != len(names):
                    continue
                at = {"before": before - 1, "after": before + width}
                yield Layout(
                    tuple(names[before : before + width]),
                    names[0] if has_op else None,
                    names[at[time]] if time else None,
                    names[-1] if has_sequence else None,
                )


def _fits(rows: pa.Table, layout: Layout, shop_table: ShopTable) -> bool:
    """Whether every value has the form that its place asks for."""
    beside = ((layout.op, _OP), (layout.committed_at, _TIME))
    if not all(name is None or _holds(rows[name], form) for name, form in beside):
        return False
    sequence = layout.change_seq
    if sequence is not None and not _matches(rows[sequence], _SEQUENCE):
        return False
    for name, field in zip(layout.table, shop_table.schema, strict=True):
        form = _form(field.type)
        if form and not _matches(without_empty(rows[name]), form):
            return False
        if field.name in shop_table.key and rows[name].null_count:
            return False
    return True


def without_empty(values: Values) -> Values:
    """Text with nulls for what is empty: so nulls look where CsvNullValue is empty."""
    return pc.if_else(pc.equal(values, pa.scalar("")), pa.scalar(None, values.type), values)


def _form(kind: pa.DataType) -> str | None:
    return _DECIMAL if pa.types.is_decimal(kind) else _FORMS.get(kind)


def _holds(values: Values, form: str) -> bool:
    """Whether a column of text holds values of a form, all of them."""
    return values.null_count == 0 and len(values) > 0 and _matches(values, form)


def _matches(values: Values, form: str) -> bool:
    """Whether the values of a column of text that are not null have a form."""
    if not (pa.types.is_string(values.type) or pa.types.is_large_string(values.type)):
        return False
    present = values.drop_null()
    return len(present) == 0 or bool(pc.all(pc.match_substring_regex(present, form)).as_py())
