"""What the key of a DMS object says: which table, full load or changes, and its place in time.

Belongs here: names as DMS's manual documents them. Not here: what is in an object.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

PREFIX = "dms/"
# A load in parallel has a folder or a prefix for each part: SEGMENT1_LOAD00000001.csv
_LOAD = re.compile(r"(?:\w+_)?LOAD(?P<number>[0-9A-Fa-f]{8})")
# 20141029-1134010000 in the manual, 20200415-101112345 in its example of date folders. Whatever
# follows the digits does not count: other replicators write places in the log there.
_CHANGES = re.compile(r"(?P<day>\d{8})-(?P<time>\d{6})(?P<fraction>\d*)(?:[-_.].*)?")
_SUFFIX = re.compile(r"\.(parquet|csv|csv\.gz|gz)$", re.IGNORECASE)
_MICROSECOND_DIGITS = 6


@dataclass(frozen=True)
class DmsKey:
    """The key of a DMS object.

    Attributes:
        schema: schema of the source table.
        table: the source table.
        is_full_load: whether it is a part of a full load.
        begins_load: whether it is a first part: a new version of it is a new full load.
        written_at: when DMS wrote it, by the name of a file of changes; None for a full load.
        is_parquet: Parquet or CSV.
    """

    schema: str
    table: str
    is_full_load: bool
    begins_load: bool
    written_at: dt.datetime | None
    is_parquet: bool


def parse_key(key: str) -> DmsKey | None:
    """Read `dms/<schema>/<table>/[folders/]<name>`; None for what is no DMS object by its name."""
    parts = key.split("/")
    suffix = _SUFFIX.search(key)
    if not key.startswith(PREFIX) or len(parts) < 4 or suffix is None:
        return None
    schema, table, name = parts[1], parts[2], parts[-1][: suffix.start() - len(key)]
    is_parquet = suffix[1].lower() == "parquet"
    if load := _LOAD.fullmatch(name):
        return DmsKey(schema, table, True, int(load["number"], 16) == 1, None, is_parquet)
    changes = _CHANGES.fullmatch(name)
    written_at = _moment(changes) if changes else None
    if written_at is None:
        return None
    return DmsKey(schema, table, False, False, written_at, is_parquet)


def _moment(found: re.Match[str]) -> dt.datetime | None:
    """The time in a name, UTC; None if it is none of the calendar."""
    fraction = found["fraction"][:_MICROSECOND_DIGITS].ljust(_MICROSECOND_DIGITS, "0")
    try:
        digits = f"{found['day']}{found['time']}{fraction}"
        return dt.datetime.strptime(f"{digits}+0000", "%Y%m%d%H%M%S%f%z")
    except ValueError:
        return None
