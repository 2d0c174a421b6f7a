"""Column lineage: from which columns of other tables a column is made.

Belongs here: how lineage is written. Not here: the lineage of any table, which is in its contract.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class ColumnRef(NamedTuple):
    """A column of a table."""

    table: str
    column: str


# column -> the columns whose values decide its value. Columns that only decide which rows exist
# (the key of a join, a filter) are not named: they would be sources of every column.
Lineage = Mapping[str, tuple[ColumnRef, ...]]

# A column that comes from no other table: a constant, a count of rows, the time of the run.
MADE_HERE: tuple[ColumnRef, ...] = ()


def made_from(table: str, *columns: str) -> tuple[ColumnRef, ...]:
    """The sources of a column that is made from columns of one table; for more tables, add."""
    return tuple(ColumnRef(table, column) for column in columns)


def carried(table: str, *columns: str) -> dict[str, tuple[ColumnRef, ...]]:
    """The lineage of columns that are handed on from a table under their own name."""
    return {column: made_from(table, column) for column in columns}
