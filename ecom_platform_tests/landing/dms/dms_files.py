"""DMS's files as its manual lays them out, written here without the stand-in's code.

Belongs here: what a setting does to a file. Not here: what the reader makes of it.
"""

from __future__ import annotations

import datetime as dt
import gzip
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

TIMES = ("2020-04-15 10:11:12.345678", "2020-04-15 10:11:13.000000")
SEQUENCES = ("20200415101112340000000000000000005", "20200415101113000000000000000000006")
COLUMNS = ("product_id", "name", "brand_id", "category_id", "price", "stock")
FULL = (1, 'a "b", c\nd', 7, 2118786382981189011, Decimal("5.20"), 3)
BARE = (2, "", None, 2118786382981189011, Decimal("0.00"), 0)
KEY_ONLY = (3, None, None, None, None, None)


@dataclass(frozen=True)
class Flags:
    """A combination of the settings that change what a file looks like."""

    parquet: bool
    include_op_for_full_load: bool
    mode: str  # all, inserts_only, inserts_and_updates
    timestamp: bool
    sequence: bool
    names: bool
    full_load: bool

    @property
    def has_op(self) -> bool:
        """By the two tables of the manual."""
        if self.full_load:
            return self.include_op_for_full_load
        return self.mode != "inserts_only" or self.include_op_for_full_load

    @property
    def rows(self) -> list[tuple[str, Sequence[Any]]]:
        """What a file of these settings may hold."""
        if self.full_load or self.mode == "inserts_only":
            return [("I", FULL), ("I", BARE)]
        return [("I", FULL), ("U", BARE)] + [("D", KEY_ONLY)] * (self.mode == "all")


def combinations() -> Iterator[Flags]:
    """Every combination; Parquet always has names."""
    modes = ("all", "inserts_only", "inserts_and_updates")
    for parquet, op, mode, time, sequence, names, load in product(
        (True, False), (True, False), modes, *[(True, False)] * 4
    ):
        if names or not parquet:
            yield Flags(parquet, op, mode, time, sequence, names, load)


def file_of(flags: Flags, *, packed: bool = False) -> bytes:
    """A file of these settings."""
    names, rows = _laid_out(flags)
    if flags.parquet:
        types: dict[str, pa.DataType] = {
            "product_id": pa.int64(), "name": pa.string(), "brand_id": pa.int32(),
            "category_id": pa.int64(), "price": pa.decimal128(12, 2), "stock": pa.int32(),
        }  # fmt: skip
        columns = [
            pa.array(values, types.get(name, pa.string()))
            for name, values in zip(names, zip(*rows, strict=True), strict=True)
        ]
        buffer = io.BytesIO()
        pq.write_table(pa.Table.from_arrays(columns, names=names), buffer)
        return buffer.getvalue()
    lines = [names] * flags.names + [[_text(value) for value in row] for row in rows]
    data = "".join(",".join(line) + "\n" for line in lines).encode()
    return gzip.compress(data) if packed else data


def _laid_out(flags: Flags) -> tuple[list[str], list[list[Any]]]:
    names = ["Op"] * flags.has_op + ["ts"] * flags.timestamp
    names += [*COLUMNS, *["seq"] * flags.sequence]
    rows = []
    for place, (op, values) in enumerate(flags.rows):
        row: list[Any] = [op] * flags.has_op + [TIMES[min(place, 1)]] * flags.timestamp
        sequence = None if flags.full_load else SEQUENCES[min(place, 1)]
        rows.append([*row, *values, *[sequence] * flags.sequence])
    return names, rows


def _text(value: Any) -> str:
    if value is None:
        return "NULL"
    text = str(value)
    return f'"{text.replace(chr(34), chr(34) * 2)}"' if any(c in text for c in ',"\n') else text


def utc(text: str) -> dt.datetime:
    """A time of the timestamp column."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)
