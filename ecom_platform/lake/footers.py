"""Footers: what files of rows say of themselves, and which rules it proves.

Belongs here: null counts and bounds against the rules of a contract. Not here: counting rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow.parquet as pq

    from ecom_platform.contracts.table import Rule, TableContract


def proven_rules(footers: Sequence[pq.FileMetaData], contract: TableContract) -> frozenset[str]:
    """The rules that no row of some files breaks, by what was counted while they were written.

    A footer has the number of nulls and the smallest and largest value of each column. These
    prove that there is no violation, and never how many there are: the other rules must be
    counted in the rows. Where a file does not tell, nothing is proven.

    Args:
        footers: of the files.
        contract: the rules.

    Returns:
        Names of rules.
    """
    wanted = {rule.column for rule in contract.rules if rule.column}
    chunks: dict[str, list[pq.ColumnChunkMetaData]] = {name: [] for name in wanted}
    lacking: set[str] = set()
    for footer in footers:
        names = [footer.schema.column(at).path for at in range(footer.num_columns)]
        lacking |= wanted.difference(names)
        for at, name in enumerate(names):
            if name in wanted:
                chunks[name] += _chunks(footer, at)
    return frozenset(
        rule.name
        for rule in contract.rules
        if rule.column
        and rule.column not in lacking
        and all(_proves(chunk, rule) for chunk in chunks[rule.column])
    )


def _chunks(footer: pq.FileMetaData, column: int) -> Iterator[pq.ColumnChunkMetaData]:
    groups: Iterable[int] = range(footer.num_row_groups)
    return (footer.row_group(group).column(column) for group in groups)


def _proves(chunk: pq.ColumnChunkMetaData, rule: Rule) -> bool:
    told = chunk.statistics
    if chunk.num_values == 0:
        return True
    if told is None or not told.has_null_count:  # type: ignore[attr-defined]  # mistyped
        return False
    if rule.within is None:
        return bool(told.null_count == 0)
    if told.null_count == chunk.num_values:  # a null breaks no rule about values
        return True
    # Bounds of texts may be cut, and those of floating point numbers leave out what is none.
    if not told.has_min_max or not isinstance(told.min, int | Decimal):
        return False
    return rule.within(told.min) and rule.within(told.max)
