"""The ledger's rows without a date: one an object version, for the lines that no date has.

Belongs here: lines that tell no date, and versions that were superseded or refused. Not here:
dates of the ledger.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyiceberg.expressions import And, EqualTo, In, IsNull

from ecom_platform.contracts.raw import REJECTED_EVENTS
from ecom_platform.contracts.row_ledger import COUNT_COLUMNS, ROW_LEDGER, malformed_column
from ecom_platform.errors import PublishConflict
from ecom_platform.lake.audit import Finding, enforce, judge_rows, measure, total
from ecom_platform.pipeline.ledger.dates import LedgerRow, read_rows, stage_rows
from ecom_platform.pipeline.ledger.lines import judge_lines
from ecom_platform.pipeline.publishing import describe_snapshot

if TYPE_CHECKING:
    from ecom_platform.lake.lake import Lake
    from ecom_platform.lake.objects import RecordedOutcome
    from ecom_platform.lake.table import TableVersion
    from ecom_platform.pipeline.slice_build import Workplace

_WITHOUT_DATE = IsNull("event_date")
_LABEL = "without a date"
_ATTEMPTS = 5

Version = tuple[str, str]


@dataclass(frozen=True)
class StaleVersions:
    """What must be counted anew of the rows without a date.

    Attributes:
        status: of every version that is recorded, by (object, version).
        lines: the lines of every version.
        kept: published rows that still hold.
    """

    status: dict[Version, str] = field(default_factory=dict)
    lines: dict[Version, int] = field(default_factory=dict)
    kept: dict[Version, LedgerRow] = field(default_factory=dict)
    is_stale: bool = False


def status_of_versions(history: Sequence[RecordedOutcome]) -> dict[Version, str]:
    """The status of every version: the one that was ingested last is the one that is visible."""
    visible = {
        recorded.outcome.source_object: recorded.outcome.object_version
        for recorded in history
        if recorded.outcome.status == "ingested"
    }
    status = {}
    for recorded in history:
        one = recorded.outcome
        is_current = visible.get(one.source_object) == one.object_version
        ingested = "current" if is_current else "superseded"
        status[one.source_object, one.object_version] = (
            ingested if one.status == "ingested" else "refused"
        )
    return status


def undated_rows(lake: Lake) -> list[LedgerRow]:
    """The published rows without a date."""
    files = lake.table(ROW_LEDGER.name).files(where=_WITHOUT_DATE)
    return read_rows(lake, (file for file in files if file.event_date is None))


def find_stale_versions(lake: Lake) -> StaleVersions:
    """Compare the published rows without a date with what is recorded of objects."""
    history = lake.objects.history()
    status = status_of_versions(history)
    recorded_at = {
        (r.outcome.source_object, r.outcome.object_version): r.recorded_at for r in history
    }
    lines = {
        (r.outcome.source_object, r.outcome.object_version): r.outcome.line_count for r in history
    }
    published = {(r["source_object"], r["object_version"]): r for r in undated_rows(lake)}
    kept = {
        version: row
        for version, row in published.items()
        if row["object_status"] == status.get(version) and row["counted_at"] > recorded_at[version]
    }
    return StaleVersions(status, lines, kept, kept.keys() != status.keys() or kept != published)


def rebuild_undated(work: Workplace) -> int:
    """Count the lines without a date of objects that are new or have changed, and publish them.

    They are of no date, so that runs of different dates meet here: the slower one looks again,
    and finds the rows of the quicker one.

    Returns:
        The number of versions that were counted.

    Raises:
        AuditFailed: lines of an object are unaccounted for; the last good version stays visible.
        PublishConflict: other runs published them meanwhile, every time.
    """
    for _ in range(_ATTEMPTS - 1):
        with suppress(PublishConflict):
            return _rebuild_once(work)
    return _rebuild_once(work)


def _rebuild_once(work: Workplace) -> int:
    version = work.lake.table(ROW_LEDGER.name)
    stale = find_stale_versions(work.lake)
    if not stale.is_stale:
        return 0
    wanted = [v for v in stale.status if v not in stale.kept]
    current = {key for key, of in wanted if stale.status[key, of] == "current"}
    rows = [*stale.kept.values(), *_count(work, stale, wanted, current)]
    _publish(work, version, sorted(rows, key=lambda row: row["source_object"]), current)
    return len(wanted)


def _count(
    work: Workplace, stale: StaleVersions, wanted: Sequence[Version], current: Collection[str]
) -> list[LedgerRow]:
    malformed = _count_malformed(work.lake, current)
    now = dt.datetime.now(tz=dt.UTC)
    return [
        {
            "source_object": key,
            "object_version": of,
            "object_status": stale.status[key, of],
            "event_date": None,
            "event_hour": None,
            **_counts(stale, (key, of), malformed[key]),
            "run_id": work.run_id,
            "counted_at": now,
        }
        for key, of in wanted
    ]


def _publish(
    work: Workplace, version: TableVersion, rows: list[LedgerRow], counted: Collection[str]
) -> None:
    """Judge rows and the objects that were counted, and replace what is published."""
    staged = stage_rows(work.lake, rows)
    frame = work.spark.read.parquet(*work.lake.readable(staged.paths))
    findings: list[Finding] = [
        *judge_rows(total(measure(frame, ROW_LEDGER)), ROW_LEDGER),
        judge_lines(work.lake, counted, work.lake.objects.ingested()),
    ]
    enforce(findings, ROW_LEDGER.name, _LABEL, staged.folder)
    version.commit(
        remove=[f for f in version.files(where=_WITHOUT_DATE) if f.event_date is None],
        add=staged.uris,
        replaces=_WITHOUT_DATE,
        properties=describe_snapshot(ROW_LEDGER.name, _LABEL, work.run_id),
    )


def _counts(stale: StaleVersions, version: Version, malformed: Counter[str]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    status = stale.status[version]
    if status == "current":
        counts.update(malformed)
        counts["malformed_count"] = malformed.total()
    elif status == "superseded":
        counts["superseded_count"] = stale.lines[version]
    counts["line_count"] = counts["malformed_count"] + counts["superseded_count"]
    return {name: counts[name] for name in COUNT_COLUMNS}


def _count_malformed(lake: Lake, keys: Collection[str]) -> dict[str, Counter[str]]:
    """Lines of objects that are no event and tell no date, by object and reason."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    if not keys:
        return found
    where = And(_WITHOUT_DATE, And(EqualTo("layer", "raw"), In("source_object", set(keys))))
    scan = lake.table(REJECTED_EVENTS.name).iceberg.scan(where, ("source_object", "reason"))
    for row in scan.to_arrow().to_pylist():
        found[row["source_object"]][malformed_column(row["reason"])] += 1
    return found
