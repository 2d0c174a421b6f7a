"""The witness: a reader in a loop that knows every state it may see.

Belongs here: reading as users do, and noticing what nobody should see. Not here: who writes.
"""

from __future__ import annotations

import json
import traceback
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ecom_platform.lake.lake import Lake
from ecom_platform.lake.sql import connect
from ecom_platform_tests.trust.generations import (
    PENDING,
    KnownStates,
    State,
    observed_tables,
    state_of,
)

if TYPE_CHECKING:
    import pyarrow as pa

    from ecom_platform.settings import Settings

_MOST_FAULTS = 10


def watch(settings: Settings, known: Path, stop: Path, report: Path) -> None:
    """Read all tables again and again until a file tells to stop; report what was seen.

    Args:
        settings: where the lake lies.
        known: the file of known states.
        stop: the file that ends it.
        report: where the report goes: `looks` by reader, `faults`, generations `seen` by slice.
    """
    observer = Observer(KnownStates(known))
    readers = {"duckdb": read_by_duckdb, "iceberg": read_by_iceberg}
    looks: dict[str, int] = defaultdict(int)
    while True:
        last = stop.exists()
        for name, read in readers.items():
            try:
                observer.look(state_of(read(settings)))
                looks[name] += 1
            except Exception:  # noqa: BLE001  # whatever keeps a reader from reading is a fault
                observer.faults.append(f"{name}: {traceback.format_exc()}")
        if last or len(observer.faults) > _MOST_FAULTS:
            break
    told = {"looks": looks, "faults": observer.faults, "seen": observer.generations_seen()}
    report.write_text(json.dumps(told), encoding="utf-8")


class Observer:
    """Compares what is seen with known states: one of them, and never an earlier one again."""

    def __init__(self, known: KnownStates) -> None:
        self._known = known
        self._seen: dict[tuple[str, str], set[int]] = defaultdict(set)
        self.faults: list[str] = []

    def look(self, state: State) -> None:
        """Judge one look at all tables."""
        generations = self._known.read()
        for table, slices in state.items():
            for name in slices.keys() | {name for t, name in self._seen if t == table}:
                if slices.get(name) == PENDING:
                    continue
                found = [
                    number
                    for number, known in enumerate(generations)
                    if name in slices and known[table].get(name) == slices[name]
                ]
                self._judge(table, name, found)

    def _judge(self, table: str, name: str, found: list[int]) -> None:
        seen = self._seen[table, name]
        if not found:
            self.faults.append(f"{table} {name} was in no known state after {sorted(seen)}")
        elif seen and found[-1] < max(seen):
            self.faults.append(f"{table} {name} went back from {max(seen)} to {found[-1]}")
        else:
            seen.add(found[-1])

    def generations_seen(self) -> dict[str, list[int]]:
        """The generations that were seen of every slice."""
        return {" ".join(place): sorted(seen) for place, seen in self._seen.items()}


def read_by_duckdb(settings: Settings) -> Mapping[str, pa.Table]:
    """All tables as `ecom sql` reads them."""
    lake = Lake(settings)
    exists = lake.existing_tables()
    with connect(lake) as connection:
        return {
            table: connection.sql(f"SELECT * FROM {table}").to_arrow_table()
            for table in observed_tables()
            if table in exists
        }


def read_by_iceberg(settings: Settings) -> Mapping[str, pa.Table]:
    """All tables as another reader of Iceberg sees them."""
    exists = Lake(settings).existing_tables()
    return {t: exists[t].iceberg.scan().to_arrow() for t in observed_tables() if t in exists}
