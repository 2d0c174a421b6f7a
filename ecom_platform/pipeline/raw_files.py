"""Raw files: what the files of landing objects prove of their rows, without an engine.

Belongs here: rules and line numbers of files just written. Not here: counting rows, verdicts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pyarrow.parquet as pq

from ecom_platform.contracts.raw import RAW_EVENTS
from ecom_platform.lake.footers import proven_rules

if TYPE_CHECKING:
    from ecom_platform.lake.storage import Storage
    from ecom_platform.lake.table import TableFile

Span = tuple[int, int]


def are_proven(storage: Storage, files: Iterable[TableFile]) -> bool:
    """Whether it is certain that rows of raw_events break no rule and repeat no key.

    Each file holds rows of one object in the order of their lines: where every line number is
    larger than the one before, in the file and from file to file, none of the object repeats.
    The numbers are read, they are one column of many; the rules are proven by the footers.

    Args:
        storage: where the files lie.
        files: all files of some objects on some dates, no object in part.

    Returns:
        False says nothing against the rows: they must be counted.
    """
    spans: dict[str, list[Span]] = defaultdict(list)
    rules = {rule.name for rule in RAW_EVENTS.rules}
    for file in files:
        with storage.open(file.path, file.byte_count) as content, pq.ParquetFile(content) as rows:
            span = _increasing_lines(rows)
            is_whole = rows.metadata.num_rows == file.row_count
            keeps_rules = proven_rules([rows.metadata], RAW_EVENTS) == rules
        source_object = file.only("source_object")
        if source_object is None or span is None or not (is_whole and keeps_rules):
            return False
        spans[source_object].append(span)
    return all(_follow_each_other(sorted(of_object)) for of_object in spans.values())


def _increasing_lines(rows: pq.ParquetFile) -> Span | None:
    """The first and the last line of a file, or None where one is not larger than the last."""
    first = last = 0
    for group in range(rows.num_row_groups):
        column = rows.read_row_group(group, columns=["source_row"])["source_row"]
        if column.null_count or not len(column):
            return None
        lines = column.to_numpy()
        if lines[0] <= last or not np.all(lines[1:] > lines[:-1]):
            return None
        first, last = first or int(lines[0]), int(lines[-1])
    return (first, last) if first else None


def _follow_each_other(spans: list[Span]) -> bool:
    return all(one[1] < other[0] for one, other in pairwise(spans))
