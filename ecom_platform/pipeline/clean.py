"""The clean step: a stale slice of clean_events and its rejected rows, rebuilt and published.

Belongs here: the order of build, audit and publish. Not here: what makes a row acceptable.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING

from pyiceberg.expressions import EqualTo
from pyspark.sql import functions as F

from ecom_platform.contracts.clean import CLEAN_EVENTS
from ecom_platform.contracts.raw import RAW_EVENTS, REJECTED_EVENTS
from ecom_platform.lake.audit import CountsByHour, Equation
from ecom_platform.pipeline.publishing import commit_slice, describe_publication
from ecom_platform.pipeline.scratch import Scratch
from ecom_platform.pipeline.shop.overruled import overruled_rows
from ecom_platform.pipeline.slice_build import Rebuilt, SliceBuild, Workplace
from ecom_platform.transforms.clean import clean_events, divide_events, reject_events
from ecom_platform.transforms.events import without_rows

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from ecom_platform.lake.publications import Publication
    from ecom_platform.lake.slices import StaleDate
    from ecom_platform.lake.staging import StagedFiles

_OF_THIS_LAYER = EqualTo("layer", "clean")


def rebuild_clean_events(work: Workplace, slice_: StaleDate) -> Rebuilt:
    """Rebuild a slice of clean_events and the rejected_events that belong to it.

    The rejected rows become visible first: a crash between the two commits leaves the slice
    stale, and the next run publishes both again.

    Raises:
        AuditFailed: a blocking rule refused the rows; the last good version stays visible.
        PublishConflict: another run published the same slice meanwhile.
    """
    clean = SliceBuild(work, CLEAN_EVENTS.name, slice_)
    rejected = SliceBuild(work, REJECTED_EVENTS.name, slice_)
    source = clean.read(RAW_EVENTS.name)
    raw_files = work.lake.table(RAW_EVENTS.name).files([slice_.event_date])
    with Scratch(work, CLEAN_EVENTS.name) as scratch:
        overruled = overruled_rows(raw_files, source.rows)
        if overruled is not None:
            overruled = scratch.keep(overruled)
        rows = without_rows(source.rows, overruled) if overruled is not None else source.rows
        events = divide_events(rows, scratch.keep)
        staged = clean.stage(clean_events(events), source)
        refused = rejected.stage(reject_events(events, dt.datetime.now(tz=dt.UTC)), source)
        counts = _count_fates(
            source.rows, overruled, events.repeated, rejected.read_staged(refused)
        )
    fates = {
        "clean_events": staged.row_count,
        "duplicates": sum(c["duplicates"] for c in counts.values()),
        "rejected_events": refused.row_count,
    }
    measured, findings = clean.audit(staged, Equation("raw_events", source.row_count, fates))
    for hour, numbers in measured.items():
        counts[hour].update(numbers)
    replaced = clean.replaced()
    publications = _publish_rejected(work, rejected, refused, counts)
    snapshot = commit_slice(clean.version, slice_, replaced, staged, work.run_id)
    publications += describe_publication(CLEAN_EVENTS.name, slice_, snapshot, staged, counts)
    work.lake.publications.record(publications, work.run_id)
    return clean.rebuilt(counts, staged, findings)


def _count_fates(
    raw: DataFrame, overruled: DataFrame | None, repeated: DataFrame, refused: DataFrame
) -> CountsByHour:
    """What became of the raw rows, by hour: duplicates, and rejected by reason.

    Duplicates are counted in the ids, published rows in the files that were written: a row that
    got lost or stands twice makes them disagree.
    """
    counts: CountsByHour = defaultdict(lambda: {"rows_in": 0, "duplicates": 0, "rejected": 0})
    for fate, rows in (("rows_in", raw), ("duplicates", overruled)):
        if rows is not None:
            for row in rows.groupBy(F.hour("event_time").alias("hour")).count().collect():
                counts[row["hour"]][fate] += row["count"]
    surplus = F.sum(F.col("copies") - F.lit(1)).alias("surplus")
    for row in repeated.groupBy("hour").agg(surplus).collect():
        counts[row["hour"]]["duplicates"] += row["surplus"]
    by_reason = refused.groupBy(F.hour("event_time").alias("hour"), "reason").count()
    for row in by_reason.collect():
        counts[row["hour"]]["rejected"] += row["count"]
        counts[row["hour"]][f"rejected_{row['reason']}"] = row["count"]
    return counts


def _publish_rejected(
    work: Workplace, rejected: SliceBuild, refused: StagedFiles, counts: CountsByHour
) -> list[Publication]:
    slice_ = rejected.slice_
    replaced = [f for f in rejected.replaced(_OF_THIS_LAYER) if f.only("layer") == "clean"]
    if not replaced and not refused.paths:
        return []
    version = rejected.version
    snapshot = commit_slice(version, slice_, replaced, refused, work.run_id, _OF_THIS_LAYER)
    reasons = {hour: _reasons_only(of_hour) for hour, of_hour in counts.items()}
    return describe_publication(REJECTED_EVENTS.name, slice_, snapshot, refused, reasons)


def _reasons_only(counts: Mapping[str, int]) -> dict[str, int]:
    reasons = {name: count for name, count in counts.items() if name.startswith("rejected_")}
    return {"row_count": counts["rejected"], **reasons}
