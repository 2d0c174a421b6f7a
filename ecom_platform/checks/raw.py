"""The checks of the raw layer.

Belongs here: what raw_events promises. Not here: checks of other layers.
"""

import datetime as dt

import dagster as dg

from ecom_platform.checks.stored import build_checks, contract_checks, judge_stored
from ecom_platform.contracts.raw import RAW_EVENTS
from ecom_platform.lake.audit import Finding
from ecom_platform.pipeline.stored import StoredTables

OBJECTS_RECONCILE = "objects_reconcile"


def evaluate_raw_events(stored: StoredTables, event_date: dt.date) -> list[Finding]:
    """Judge a stored date of raw_events."""
    judged = judge_stored(stored, RAW_EVENTS.name, event_date)
    if judged.counts is None:
        return judged.findings
    return [*judged.findings, judge_objects(stored, event_date, judged.counts["row_count"])]


def judge_objects(stored: StoredTables, event_date: dt.date, row_count: int) -> Finding:
    """Every object of the date has all its rows in the lake, of one version, the recorded one.

    Counts of objects are those of the manifests, so this holds for objects of any number of
    dates. An object that lost all its rows of the date shows in the number of the date's rows.

    Args:
        stored: what the lake holds.
        event_date: the date.
        row_count: the rows that the date was counted to hold.
    """
    keys = {str(file.only("source_object")) for file in stored.files(RAW_EVENTS.name, event_date)}
    files = {key: stored.files_of_object(key) for key in keys}
    rows = {key: sum(file.row_count for file in files[key]) for key in keys}
    versions = {key: {str(file.only("object_version")) for file in files[key]} for key in keys}
    recorded = stored.objects()
    faults = [
        f"{key}: {rows[key]:,} rows of version {'/'.join(sorted(versions[key]))}, recorded are "
        + (
            f"{recorded[key].raw_count:,} of {recorded[key].object_version}"
            if key in recorded
            else "none"
        )
        for key in sorted(keys)
        if key not in recorded
        or rows[key] != recorded[key].raw_count
        or versions[key] != {recorded[key].object_version}
    ]
    state = stored.published(RAW_EVENTS.name).get(event_date)
    published = state.row_count if state else 0
    numbers = {
        "objects": len(keys),
        "objects_at_fault": len(faults),
        "row_count": row_count,
        "rows_published": published,
    }
    if row_count != published:
        faults.insert(0, f"{row_count:,} rows are stored, {published:,} were published")
    return Finding(OBJECTS_RECONCILE, not faults, numbers, "; ".join(faults[:5]))


def build_raw_checks(partitions: dg.PartitionsDefinition[str]) -> dg.AssetChecksDefinition:
    """Make the checks of raw_events."""
    blocking = [*contract_checks(RAW_EVENTS), OBJECTS_RECONCILE]
    return build_checks(RAW_EVENTS.name, blocking, [], partitions, evaluate_raw_events)
