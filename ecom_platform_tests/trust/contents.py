"""Contents: what every table of a lake holds, compared without where and when it came.

Belongs here: reading all tables in a form that two lakes can be compared in. Not here: lakes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ecom_platform.contracts import TABLES
from ecom_platform.contracts.raw import RAW_EVENTS, REJECTED_EVENTS, SOURCE_COLUMNS
from ecom_platform.pipeline.inputs import MULTIDAY
from ecom_platform.pipeline.marts import MART_STEPS, MART_WHOLE_STEPS
from ecom_platform_tests.dimensions_in_small import DIMENSIONS, PARTIALS

if TYPE_CHECKING:
    from ecom_platform.lake.lake import Lake

# Where a row came from and when, which may differ; everything else may not.
PROVENANCE = frozenset(
    ("source_object", "object_version", "source_row", "ingested_at", "rejected_at")
)

# Tables of which every row stands for an event, a key or a date, however often it was delivered.
BUILT = (
    "clean_events",
    "fact_user_events",
    *PARTIALS,
    *DIMENSIONS,
    MULTIDAY,
    *MART_STEPS,
    *MART_WHOLE_STEPS,
)

Content = Counter[tuple[object, ...]]


def rows_of(lake: Lake, table: str) -> list[dict[str, Any]]:
    """The published rows of a table as another reader of Iceberg sees them."""
    return lake.table(table).iceberg.scan().to_arrow().to_pylist()


def built_contents(lake: Lake) -> dict[str, Content]:
    """Every row of the built tables and of the rejected events, how often each is there."""
    contents = {
        table: Counter(_without_provenance(row) for row in rows_of(lake, table)) for table in BUILT
    }
    rejected = [row for row in rows_of(lake, REJECTED_EVENTS.name) if row["layer"] == "clean"]
    return contents | {"rejected_events": Counter(map(_without_provenance, rejected))}


def delivered_contents(lake: Lake) -> dict[str, Content]:
    """What of each delivered line is there: as an event or as a line that is none."""
    malformed = [row for row in rows_of(lake, REJECTED_EVENTS.name) if row["layer"] == "raw"]
    return {
        "raw_events": Counter(map(_as_delivered, rows_of(lake, RAW_EVENTS.name))),
        "malformed": Counter(map(_without_provenance, malformed)),
    }


def contents_by_line(lake: Lake) -> dict[str, dict[int, tuple[object, ...]]]:
    """As `delivered_contents`, of a lake with one object: by the physical line in it."""
    malformed = [row for row in rows_of(lake, REJECTED_EVENTS.name) if row["layer"] == "raw"]
    raw = rows_of(lake, RAW_EVENTS.name)
    return {
        "raw_events": {row["source_row"]: _as_delivered(row) for row in raw},
        "malformed": {row["source_row"]: _without_provenance(row) for row in malformed},
    }


def assert_same(found: Mapping[str, Content], expected: Mapping[str, Content]) -> None:
    """Compare tables row for row, and name the rows that differ."""
    assert found.keys() == expected.keys()
    faults = []
    for table, rows in expected.items():
        missing, surplus = rows - found[table], found[table] - rows
        if missing or surplus:
            columns = [n for n in TABLES[table].column_names if n not in PROVENANCE]
            faults.append(f"{table} {columns}\n  missing: {missing}\n  surplus: {surplus}")
    assert not faults, "\n".join(faults)


def _as_delivered(row: Mapping[str, Any]) -> tuple[object, ...]:
    return (row["event_date"], *(row[name] for name in SOURCE_COLUMNS))


def _without_provenance(row: Mapping[str, Any]) -> tuple[object, ...]:
    return tuple(value for name, value in row.items() if name not in PROVENANCE)
