"""Counts that need not be taken again: what audits and earlier checks have counted of a date.

Belongs here: when such counts answer for stored rows. Not here: counting, what may be too much.
"""

import datetime as dt
from collections.abc import Iterable, Mapping

from ecom_platform.contracts import TABLES
from ecom_platform.contracts.raw import RAW_EVENTS
from ecom_platform.contracts.table import TableContract
from ecom_platform.lake.audit import REPEATED_KEYS, Finding, measure, total
from ecom_platform.lake.publications import PublishedDate
from ecom_platform.lake.table import TableFile
from ecom_platform.partitions import to_key
from ecom_platform.pipeline.raw_files import are_proven
from ecom_platform.pipeline.reading import read_files
from ecom_platform.pipeline.slice_build import Workplace
from ecom_platform.pipeline.stored import StoredTables


def counted_by_this_run(
    stored: StoredTables, table_name: str, event_date: dt.date
) -> dict[str, int] | None:
    """What was counted of a date, if this very run has published it or hours of it.

    The audit of this run has just counted what this run published; hours of an open date that
    it did not touch were counted by the audits of the runs that published them. A date that was
    red when it was judged last is counted anew, until it is green; and so is every date that no
    run publishes: rules change, and so do disks.

    Keys are compared within what was published together. That is enough where the hour belongs
    to the key: an event's id is a hash of its time among others, so equal ids are of one hour.
    (Two different events whose hashes collide are found when the whole date is counted.)

    Args:
        stored: what the lake holds.
        table_name: the table.
        event_date: the date.

    Returns:
        Counts by name; None where rows must be counted.
    """
    state = stored.published(table_name).get(event_date)
    if state is None or state.run_id != stored.work.run_id:
        return None
    if state.row_count != stored.row_count(table_name, event_date):
        return None
    if table_name == RAW_EVENTS.name:
        return _objects_since_last_time(stored, event_date)
    if not state.is_whole and (last := stored.last_verdict(event_date)) and not last.passed:
        return None
    return _counted_by_audits(state, TABLES[table_name])


def whole_counted_by_this_run(
    work: Workplace, contract: TableContract, files: Iterable[TableFile]
) -> dict[str, int] | None:
    """What was counted of a table without dates, if this very run has published it.

    Args:
        work: lake, engine and run id.
        contract: the table.
        files: its published files.

    Returns:
        Counts by name; None where rows must be counted.
    """
    state = work.lake.publications.published_whole(contract.name)
    if state is None or state.run_id != work.run_id:
        return None
    if state.row_count != sum(file.row_count for file in files):
        return None
    return _counted_by_audits(state, contract)


def _counted_by_audits(state: PublishedDate, contract: TableContract) -> dict[str, int] | None:
    """What audits have counted of all that is published, if by every rule of the contract."""
    counts = {**state.measures, "row_count": state.row_count}
    rules = {REPEATED_KEYS, *(rule.name for rule in contract.rules)}
    return counts if rules <= state.counted_throughout else None


def _objects_since_last_time(stored: StoredTables, event_date: dt.date) -> dict[str, int] | None:
    """Count the raw rows that were read since the date was judged, and was green then.

    Objects are in files of their own and are part of the key, so that no row of another object
    can make a difference. Reading itself measures nothing that could be taken over; but what it
    wrote proves nearly everything, and rows are counted where it does not.
    """
    last = stored.last_verdict(event_date)
    if last and not last.passed:
        return None
    name = RAW_EVENTS.name
    files = stored.files(name, event_date)
    new = [f for f in files if last is None or f.bounds("ingested_at")[1] >= last.judged_at]
    counts = dict.fromkeys([REPEATED_KEYS, *(rule.name for rule in RAW_EVENTS.rules)], 0)
    counts["row_count"] = stored.row_count(name, event_date)
    if not are_proven(stored.work.lake.storage, new):
        counted = total(measure(read_files(stored.work, RAW_EVENTS, new), RAW_EVENTS))
        others = counts["row_count"] - sum(file.row_count for file in new)
        counts |= {**counted, "row_count": others + counted.get("row_count", 0)}
    return counts


def waits_for_the_end(stored: StoredTables, table_name: str, event_date: dt.date) -> bool:
    """Whether what spans the hours of a date is left until the date has ended.

    The hourly run adds an hour to a date of which the rest is known: looking at all of it every
    hour would cost more with every hour. Executed on their own, checks look at once.
    """
    state = stored.published(table_name).get(event_date)
    by_this_run = state is not None and state.run_id == stored.work.run_id
    return by_this_run and event_date >= dt.datetime.now(tz=dt.UTC).date()


def left_until_the_end(check: str, event_date: dt.date) -> Finding:
    """The finding of a warning that was not judged, because its date has not ended."""
    message = (
        f"{to_key(event_date)} has not ended: not judged by hourly runs; execute the check on its "
        "own to judge what there is"
    )
    numbers: Mapping[str, int] = {"judged": 0}
    return Finding(check, True, numbers, message, blocking=False)
