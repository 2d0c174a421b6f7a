"""Generations: what lies in landing changes step by step, and every table tells which step it saw.

Belongs here: what lies in landing in each generation, and known states of tables. Not here: runs.
"""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecom_platform.contracts import TABLES
from ecom_platform.contracts.ledger import (
    HOLDS,
    LANDING_LATENESS,
    LANDING_OBJECTS,
    PUBLICATIONS,
)
from ecom_platform.contracts.row_ledger import FATES_OF_A_LINE, ROW_LEDGER
from ecom_platform_tests.samples import DAY, at, csv_text, utc

if TYPE_CHECKING:
    import pyarrow as pa

    from ecom_platform_tests.platform_in_small import Drop

NEXT_DAY = DAY + dt.timedelta(days=1)

# The first date is closed and built as a whole, the second is open and built by the hour.
NOW = utc(f"{NEXT_DAY} 12:00")

# Journals of work done: they grow while it is done, and what they say in the end is compared then.
JOURNALS = frozenset((LANDING_OBJECTS.name, PUBLICATIONS.name, HOLDS.name))

# When and by whom, which differs between a lake and its twin.
_CIRCUMSTANCES = frozenset(("ingested_at", "rejected_at", "counted_at", "run_id"))

# What the row ledger says of a line whatever became of it later.
_ARRIVED = ("source_object", "object_version", "object_status", "event_date", "event_hour")
LINES = f"{ROW_LEDGER.name}, lines"
# A date of the ledger whose rows are on their way says so itself.
PENDING = "pending"

# Digests of the slices of every table: by table, then by date (and layer), or `all`.
State = dict[str, dict[str, str]]


def observed_tables() -> list[str]:
    """Every table in which a reader could see half of something."""
    return [name for name in TABLES if name not in JOURNALS]


def deliver(drop: Drop, generation: int) -> None:
    """Put a generation into landing: an object rewritten, and another that comes late.

    Product and price tell the generation of a row, so no state of a table looks like another.
    """
    marked = {"product_id": str(generation + 1), "price": f"{generation + 1}.00"}
    rows = [
        {**at(hour, minute, day), **marked, "event_type": kind, "user_session": f"session-{hour}"}
        for day in (DAY, NEXT_DAY)
        for hour in (1, 5)
        for minute, kind in enumerate(("view", "cart", "purchase"))
    ]
    no_session = {**at(5, 30), **marked, "user_session": ""}
    malformed = {**at(5, 40), **marked, "price": f"{generation}.000"}
    text = csv_text([*rows, rows[0], no_session, malformed, f"no event {generation}"])
    drop("rewritten.csv.gz", content=gzip.compress(text.encode(), mtime=0))
    late = {**at(3, generation % 60), **marked, "user_id": "77", "event_type": "purchase"}
    drop(f"late-{generation}.csv", late, rows[1])


def state_of(tables: Mapping[str, pa.Table]) -> State:
    """The digests of tables as they were read."""
    rows_of = {name: rows.to_pylist() for name, rows in tables.items()}
    state = {name: _digests(name, rows) for name, rows in rows_of.items()}
    ledger = rows_of.get(ROW_LEDGER.name)
    if ledger is not None:
        names = (*_ARRIVED, *FATES_OF_A_LINE)
        arrived = [{name: row[name] for name in names} for row in ledger]
        state[LINES] = _digests(ROW_LEDGER.name, arrived)
        on_their_way = {_slice_of(ROW_LEDGER.name, row) for row in ledger if row["pending_count"]}
        state[ROW_LEDGER.name] |= dict.fromkeys(on_their_way, PENDING)
    return state


def _digests(table: str, rows: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    slices: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        # Engines differ in the zone that they give a time of UTC.
        values = {k: _plain(v) for k, v in row.items() if k not in _CIRCUMSTANCES}
        slices[_slice_of(table, row)].append(repr(sorted(values.items())))
    return {
        name: hashlib.blake2b("\n".join(sorted(lines)).encode(), digest_size=8).hexdigest()
        for name, lines in slices.items()
    }


def _slice_of(table: str, row: Mapping[str, Any]) -> str:
    """What of a table is published at once."""
    if table == LANDING_LATENESS.name:
        return str(row["source_object"])
    if TABLES[table].partition_by is None:
        return "all"
    return " ".join(str(row[name]) for name in ("event_date", "layer") if name in row)


def _plain(value: object) -> object:
    return value.replace(tzinfo=None) if isinstance(value, dt.datetime) else value


class KnownStates:
    """The states that a reader may see, shared with processes through a file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, state: State) -> None:
        """Make one more state known, before anything of it can be published."""
        states = [*self.read(), state]
        fresh = self._path.with_suffix(".new")
        fresh.write_text(json.dumps(states), encoding="utf-8")
        fresh.replace(self._path)

    def read(self) -> list[State]:
        """The known states, by generation."""
        return json.loads(self._path.read_text(encoding="utf-8")) if self._path.exists() else []
