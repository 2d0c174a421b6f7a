"""The reader of DMS objects: bytes in, typed rows with the order of their changes out.

Belongs here: Parquet and CSV into one shape. Not here: what the rows mean for the table.
"""

from __future__ import annotations

import gzip
import io
import json
import re
import zlib
from dataclasses import dataclass
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from ecom_platform.contracts.oltp.shop import ShopTable
from ecom_platform.landing.dms.keys import DmsKey
from ecom_platform.landing.dms.layout import (
    Layout,
    Values,
    layout_by_names,
    layout_by_place,
    without_empty,
)
from ecom_platform.landing.rejections import ObjectRefused

# What Arrow repeats of a file: a row of CSV that has too few columns, a value that does not fit.
_REPEATED_ROW = re.compile(r"(Expected \d+ columns, got \d+): .*")
_REPEATED_VALUE = re.compile("'.*'")
_GZIP = b"\x1f\x8b"
_NULL = "NULL"
_MOST_COLUMNS = 1000
_UTC = pa.timestamp("us", tz="UTC")
_NAIVE = pa.timestamp("us")

# Beside the table's own columns.
_CHANGE_COLUMNS: dict[str, pa.DataType] = {
    "op": pa.string(),
    "committed_at": _UTC,
    "change_seq": pa.string(),
    "source_row": pa.int64(),
    "additional": pa.string(),
}
CHANGE_SCHEMA = pa.schema(_CHANGE_COLUMNS)


@dataclass(frozen=True)
class DmsRows:
    """What an object holds.

    Attributes:
        rows: `op` (I where the file has none), `committed_at`, `change_seq`, `source_row` (from 1),
            `additional` (JSON of what the table has no column for), and the table's columns. Of a
            delete only the key is sure to be there.
        additional: columns of the file that the table does not have.
    """

    rows: pa.Table
    additional: tuple[str, ...]


def read_dms(stream: BinaryIO, key: DmsKey, shop_table: ShopTable) -> DmsRows:
    """Read one object as a whole; DMS keeps a file below a size.

    Args:
        stream: its bytes.
        key: what its name says.
        shop_table: the table's columns.

    Raises:
        ObjectRefused: it is damaged, lacks a column, or a value has not the column's type; the
            detail names the column.
    """
    found, layout = _parquet(stream, shop_table) if key.is_parquet else _csv(stream, shop_table)
    columns = [
        _op(found, layout),
        _typed(found, layout.committed_at, pa.field("committed_at", _UTC), shop_table),
        _typed(found, layout.change_seq, pa.field("change_seq", pa.string()), shop_table),
        pa.array(range(1, found.num_rows + 1), pa.int64()),
        _additional(found, layout),
    ]
    for name, field in zip(layout.table, shop_table.schema, strict=True):
        columns.append(_typed(found, name, field, shop_table))
    schema = pa.schema(list(CHANGE_SCHEMA) + list(shop_table.schema))
    rows = pa.Table.from_arrays(columns, names=schema.names)
    _require_complete(rows, shop_table)
    return DmsRows(rows, layout.additional)


def _parquet(stream: BinaryIO, shop_table: ShopTable) -> tuple[pa.Table, Layout]:
    try:
        found = pq.read_table(pa.BufferReader(stream.read()))
    except (pa.ArrowInvalid, OSError) as fault:
        raise ObjectRefused("corrupt_parquet", _one_line(fault)) from None
    return found, layout_by_names(found, shop_table)


def _csv(stream: BinaryIO, shop_table: ShopTable) -> tuple[pa.Table, Layout]:
    """CSV as DMS writes it: with or without names, all values as text."""
    data = stream.read()
    if data.startswith(_GZIP):
        try:
            data = gzip.decompress(data)
        except (EOFError, OSError, zlib.error) as fault:
            raise ObjectRefused("corrupt_gzip", _one_line(fault)) from None
    if not data:
        empty = pa.table({name: pa.array([], pa.string()) for name in shop_table.schema.names})
        return empty, layout_by_names(empty, shop_table)
    first = _parsed(data)
    names = [column[0].as_py() for column in first.columns]
    if not set(shop_table.key) <= set(names):
        return first, layout_by_place(first, shop_table)
    if len(set(names)) < len(names):
        raise ObjectRefused("duplicate_column", f"{shop_table.name}: {', '.join(map(str, names))}")
    named = first.slice(1).rename_columns([str(name) for name in names])
    return named, layout_by_names(named, shop_table)


def _parsed(data: bytes) -> pa.Table:
    """CSV with quotes doubled and nulls as the word NULL; columns are f0, f1 and so on."""
    try:
        return pa_csv.read_csv(
            io.BytesIO(data),
            read_options=pa_csv.ReadOptions(autogenerate_column_names=True),
            parse_options=pa_csv.ParseOptions(newlines_in_values=True),
            convert_options=pa_csv.ConvertOptions(
                # All columns as text, whatever they look like.
                column_types={f"f{place}": pa.string() for place in range(_MOST_COLUMNS)},
                null_values=[_NULL],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid as fault:
        raise ObjectRefused("bad_csv", _one_line(fault)) from None


def _op(found: pa.Table, layout: Layout) -> Values:
    if layout.op is None:
        return pa.repeat(pa.scalar("I"), found.num_rows)
    return found[layout.op].cast(pa.string())


def _additional(found: pa.Table, layout: Layout) -> Values:
    """Values of columns that the table does not have, as JSON; null for a row without any."""
    names = [name for name in layout.additional if found[name].null_count < found.num_rows]
    if not names:
        return pa.nulls(found.num_rows, pa.string())
    told = (
        {name: value for name, value in row.items() if value is not None}
        for row in found.select(names).to_pylist()
    )
    texts = [json.dumps(row, default=str, sort_keys=True) if row else None for row in told]
    return pa.array(texts, pa.string())


def _typed(found: pa.Table, name: str | None, field: pa.Field, shop_table: ShopTable) -> Values:
    """A column in the type of the table.

    Raises:
        ObjectRefused: a value cannot be of that type.
    """
    if name is None:
        return pa.nulls(found.num_rows, field.type)
    values = found[name]
    if pa.types.is_string(values.type) and not pa.types.is_string(field.type):
        values = without_empty(values)
    fault = "it is of another kind"
    if _is_of_kind(values.type, field.type):
        try:
            return _times(values) if field.type == _UTC else values.cast(field.type)
        except pa.ArrowInvalid as invalid:
            fault = _one_line(invalid)
    raise ObjectRefused(
        "type_changed",
        f"{shop_table.name}.{field.name} is {field.type}, the file holds {values.type}: {fault}",
    )


def _is_of_kind(found: pa.DataType, wanted: pa.DataType) -> bool:
    """Whether values of a type can become another without a guess; text is judged by its form."""
    if pa.types.is_string(found) or pa.types.is_null(found):
        return True
    kinds = (pa.types.is_integer, pa.types.is_decimal, pa.types.is_timestamp)
    return any(is_kind(found) and is_kind(wanted) for is_kind in kinds)


def _times(values: Values) -> Values:
    """Times in UTC: DMS writes them without a zone, as text or in milli- or microseconds."""
    if pa.types.is_timestamp(values.type) and values.type.tz is None:
        return pc.assume_timezone(values.cast(_NAIVE), "UTC")
    if pa.types.is_string(values.type):
        return pc.assume_timezone(values.cast(_NAIVE), "UTC")
    return values.cast(_UTC)


def _require_complete(rows: pa.Table, shop_table: ShopTable) -> None:
    """A change names its row, and one that is no delete has all that the table asks for.

    Raises:
        ObjectRefused: a value is missing.
    """
    deleted = pc.equal(rows["op"], pa.scalar("D"))
    for field in shop_table.schema:
        if field.nullable:
            continue
        missing: Values = pc.is_null(rows[field.name])
        if field.name not in shop_table.key:
            missing = pc.and_(missing, pc.invert(deleted))
        if count := rows.filter(missing).num_rows:
            raise ObjectRefused(
                "missing_value", f"{shop_table.name}.{field.name} is null in {count:,} rows"
            )


def _one_line(fault: Exception) -> str:
    """What is wrong, without the values that Arrow repeats: they may name a person."""
    said = _REPEATED_ROW.sub(r"\1", " ".join(str(fault).split()))
    return _REPEATED_VALUE.sub("a value", said)[:200]
