"""Lines: whether every line that was read of an object stands in the lake, as event or rejected.

Belongs here: the equation of whole objects, from manifests. Not here: dates, what events became.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyiceberg.expressions import And, EqualTo, In

from ecom_platform.contracts.raw import RAW_EVENTS, REJECTED_EVENTS
from ecom_platform.lake.audit import Finding, listed

if TYPE_CHECKING:
    from ecom_platform.lake.lake import Lake
    from ecom_platform.lake.objects import ObjectOutcome

LINES_RECONCILE = "lines_reconcile"


@dataclass
class StoredLines:
    """The rows that the lake holds of an object, by table, and of which versions they are."""

    rows: Counter[str] = field(default_factory=Counter)
    versions: set[str] = field(default_factory=set)


def stored_lines(lake: Lake, keys: Collection[str]) -> Mapping[str, StoredLines]:
    """Count the stored lines of objects, on all dates; no data file is opened."""
    found: dict[str, StoredLines] = defaultdict(StoredLines)
    if not keys:
        return found
    mine = In("source_object", set(keys))
    malformed = And(mine, EqualTo("layer", "raw"))
    for table, where in ((RAW_EVENTS.name, mine), (REJECTED_EVENTS.name, malformed)):
        for file in lake.table(table).files(where=where):
            key = file.only("source_object")
            # Bounds decide which files may match; those of other layers hold several objects.
            if key in keys and (table == RAW_EVENTS.name or file.only("layer") == "raw"):
                found[key].rows[table] += file.row_count
                found[key].versions.add(str(file.only("object_version")))
    return found


def judge_lines(
    lake: Lake, keys: Collection[str], ingested: Mapping[str, ObjectOutcome]
) -> Finding:
    """Judge whether lines = raw + malformed holds for objects, in the version that is recorded.

    Args:
        lake: the lake.
        keys: the objects.
        ingested: what is recorded of objects whose rows are visible.
    """
    stored = stored_lines(lake, keys)
    faults, missing, lines = [], 0, 0
    for key in sorted(keys):
        recorded, found = ingested.get(key), stored[key]
        if recorded is None:
            faults.append(f"{key}: rows are stored, and no version is recorded as ingested")
            continue
        raw, malformed = (found.rows[table.name] for table in (RAW_EVENTS, REJECTED_EVENTS))
        lines += recorded.line_count
        difference = recorded.line_count - raw - malformed
        missing += abs(difference)
        if difference:
            faults.append(
                f"{key}: {recorded.line_count:,} lines were read, {raw:,} stand in "
                f"{RAW_EVENTS.name} and {malformed:,} as malformed in {REJECTED_EVENTS.name}: "
                f"{difference:+,} lines differ"
            )
        elif found.versions - {recorded.object_version}:
            others = ", ".join(sorted(found.versions))
            faults.append(
                f"{key}: stored are rows of version {others}, recorded is {recorded.object_version}"
            )
    numbers = {
        "objects": len(keys),
        "objects_at_fault": len(faults),
        "lines": lines,
        "lines_at_fault": missing,
    }
    return Finding(LINES_RECONCILE, not faults, numbers, listed(faults))
