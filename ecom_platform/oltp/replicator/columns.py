"""Columns of PostgreSQL as columns of DMS's files.

Belongs here: which type becomes which, and text into typed values. Not here: files.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from ecom_platform.oltp.replicator.pgoutput import SourceColumn, Value

# Of pg_type. What is not here (uuid, enums, json, text ...) is a string in DMS.
_FIXED: dict[int, pa.DataType] = {
    16: pa.bool_(),
    21: pa.int16(),
    23: pa.int32(),
    20: pa.int64(),
    700: pa.float32(),
    701: pa.float64(),
    1082: pa.date32(),
}
_NUMERIC, _TIMESTAMP = 1700, 1114
# DMS's NUMERIC without a precision.
_WIDEST = (38, 10)


@dataclass(frozen=True)
class Layout:
    """The columns of a table at one moment; files hold rows of one layout."""

    names: tuple[str, ...]
    types: tuple[pa.DataType, ...]

    @classmethod
    def of(cls, columns: Sequence[SourceColumn], *, milliseconds: bool) -> Layout:
        """The layout of source columns."""
        return cls(
            tuple(column.name for column in columns),
            tuple(_type_of(column, milliseconds) for column in columns),
        )

    def table(self, rows: Sequence[Sequence[Value]]) -> pa.Table:
        """Rows of text as typed columns."""
        columns = list(zip(*rows, strict=True)) if rows else [()] * len(self.names)
        arrays = [
            pa.array(values, pa.string()).cast(type_)
            for values, type_ in zip(columns, self.types, strict=True)
        ]
        return pa.Table.from_arrays(arrays, names=list(self.names))


def _type_of(column: SourceColumn, milliseconds: bool) -> pa.DataType:
    if column.type_oid == _NUMERIC:
        if column.modifier < 0:
            return pa.decimal128(*_WIDEST)
        packed = column.modifier - 4
        return pa.decimal128(packed >> 16 & 0xFFFF, packed & 0x7FF)
    if column.type_oid == _TIMESTAMP:
        return pa.timestamp("ms" if milliseconds else "us")
    return _FIXED.get(column.type_oid, pa.string())
