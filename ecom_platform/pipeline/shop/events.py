"""The shop's events become rows of raw_events: an object a date, read again when it changed.

Belongs here: whether the shop's tables hold something new, which dates changed, staging them. Not
here: joining (transforms/oltp/events.py), publishing objects (pipeline/raw.py).
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pyspark.sql.types as T

from ecom_platform.contracts.oltp import CURRENT_OLTP
from ecom_platform.contracts.raw import RAW_EVENTS, REJECTED_EVENTS, SHOP_OBJECTS
from ecom_platform.lake.audit import (
    Equation,
    enforce,
    judge_equation,
    judge_rows,
    judge_schema,
    measure,
    total,
)
from ecom_platform.lake.objects import ObjectOutcome
from ecom_platform.lake.slices import digest
from ecom_platform.landing.objects import LandingObject
from ecom_platform.pipeline.object_staging import StagedObject
from ecom_platform.pipeline.raw import publish_objects
from ecom_platform.pipeline.reading import read_paths
from ecom_platform.pipeline.scratch import Scratch
from ecom_platform.pipeline.slice_build import FEW_ROWS, Workplace
from ecom_platform.pipeline.stored import read_whole
from ecom_platform.transforms.oltp.events import (
    UNDATED,
    category_paths,
    join_events,
    malformed_events,
    mark_malformed,
    place_events,
    raw_events,
    sum_up_dates,
)

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from ecom_platform.lake.lake import Lake
    from ecom_platform.lake.staging import StagedFiles
    from ecom_platform.pipeline.ingest_report import IngestReport

# Part of every version: raise it when the same tables give other rows.
LOGIC_VERSION = "1"
# What an event is put together from.
EVENT_TABLES = ("events", "sessions", "products", "brands", "categories")
_PATHS = T.StructType().add("category_id", T.LongType()).add("category_code", T.StringType())
_VERSIONS = T.StructType().add("event_date", T.DateType()).add("object_version", T.StringType())
_LATEST_AFTER = dt.timedelta(hours=24)


@dataclass(frozen=True)
class _Date:
    """What the shop's tables hold of a date now."""

    version: str
    row_count: int
    malformed_count: int


def waiting_events(
    lake: Lake, known: Mapping[str, ObjectOutcome] | None = None
) -> LandingObject | None:
    """The shop's tables as an object that waits to be read; None if raw_events holds what they do.

    Its time is that at which one of them was published last.

    Args:
        lake: the lake.
        known: what is on record of the objects of their dates; looked up if not given.
    """
    # First, and alone: a lake that no shop feeds is asked for them every few seconds.
    events = lake.publications.published_whole(CURRENT_OLTP["events"].name)
    if events is None:
        return None
    others = [
        lake.publications.published_whole(CURRENT_OLTP[table].name)
        for table in EVENT_TABLES
        if table != "events"
    ]
    published_at = max(s.published_at for s in (events, *others) if s and s.published_at)
    known = _recorded(lake) if known is None else known
    if any(outcome.modified_at == published_at for outcome in known.values()):
        return None
    if not known and not events.row_count:
        return None
    version = published_at.isoformat()  # so it is known to be whole
    return LandingObject(SHOP_OBJECTS, events.byte_count, published_at, version)


def ingest_shop_events(
    work: Workplace, report: IngestReport, again: Collection[dt.date] = ()
) -> None:
    """Bring raw_events to what the shop's tables hold: all dates that differ, in one snapshot.

    Args:
        work: lake, engine and run id.
        report: told of the dates.
        again: dates to write anew, whether or not they differ.

    Raises:
        AuditFailed: the rows that were staged are not those of the tables; nothing is published.
        FilesLost: a file of the shop's tables is not there.
        PublishConflict: another run did the same meanwhile.
    """
    lake = work.lake
    known = _recorded(lake)
    waiting = waiting_events(lake, known)
    if waiting is None and not {_key(date) for date in again} & known.keys():
        return
    # Recorded is the time up to which the tables were looked at, so it is taken before.
    seen_at = waiting.modified_at if waiting else max(o.modified_at for o in known.values())
    marked = mark_malformed(_joined(work), lake.settings.start_date, seen_at + _LATEST_AFTER)
    dates = _dates_of(marked)
    changed = {
        date: of_date
        for date, of_date in dates.items()
        if date in again
        or _key(date) not in known
        or known[_key(date)].object_version != of_date.version
    }
    gone = {key for key, o in known.items() if o.line_count} - {_key(date) for date in dates}
    nothing = _Date(digest([LOGIC_VERSION]), 0, 0)
    changed |= {_date_of(key): nothing for key in gone}
    if changed:
        batch = _stage(work, marked, changed, seen_at)
        publish_objects(lake, batch, work.run_id, report)
    elif known:
        newest = known[max(known)]
        lake.objects.record([replace(newest, modified_at=seen_at)], work.run_id)


def _recorded(lake: Lake) -> dict[str, ObjectOutcome]:
    return {k: o for k, o in lake.objects.ingested().items() if k.startswith(SHOP_OBJECTS)}


def _key(date: dt.date) -> str:
    return f"{SHOP_OBJECTS}{date.isoformat()}"


def _date_of(key: str) -> dt.date:
    return dt.date.fromisoformat(key.removeprefix(SHOP_OBJECTS))


def _joined(work: Workplace) -> DataFrame:
    tables = {table: read_whole(work, CURRENT_OLTP[table].name) for table in EVENT_TABLES}
    tree = {
        row["category_id"]: (row["category_name"], row["parent_id"])
        for row in tables.pop("categories").collect()
    }
    paths = work.spark.createDataFrame(list(category_paths(tree).items()), _PATHS)
    return join_events(**tables, paths=paths)


def _dates_of(marked: DataFrame) -> dict[dt.date, _Date]:
    found = {}
    for row in sum_up_dates(marked).collect():
        counts = row["row_count"], row["malformed_count"]
        version = digest([LOGIC_VERSION, *map(str, (*counts, row["high"], row["low"]))])
        found[row["event_date"]] = _Date(version, *counts)
    return found


def _stage(
    work: Workplace, marked: DataFrame, dates: Mapping[dt.date, _Date], seen_at: dt.datetime
) -> list[StagedObject]:
    """Stage and audit the rows of some dates."""
    versions = work.spark.createDataFrame([(d, of.version) for d, of in dates.items()], _VERSIONS)
    few = sum(of.row_count for of in dates.values()) < FEW_ROWS
    lake = work.lake
    with Scratch(work, RAW_EVENTS.name) as scratch:
        placed = scratch.keep(place_events(marked, versions, dt.datetime.now(tz=dt.UTC)))
        files = {
            RAW_EVENTS.name: lake.stage(RAW_EVENTS.name).write_parts(
                raw_events(placed), in_one_task=few
            ),
            REJECTED_EVENTS.name: lake.stage(REJECTED_EVENTS.name).write_parts(
                malformed_events(placed), in_one_task=few
            ),
        }
        reasons = placed.groupBy("event_date", "reason").count().collect()
    _audit(work, files, dates)
    by_date: dict[dt.date, Counter[str]] = {date: Counter() for date in dates}
    for row in reasons:
        if row["reason"]:
            by_date[row["event_date"]][row["reason"]] += row["count"]
    return [_staged(date, of, files, by_date[date], seen_at) for date, of in dates.items()]


def _audit(
    work: Workplace, files: Mapping[str, StagedFiles], dates: Mapping[dt.date, _Date]
) -> None:
    """Refuse rows that break the contract of raw_events, or are not as many as were counted."""
    staged, label = files[RAW_EVENTS.name], "from the shop's tables"
    schema = judge_schema(staged.schemas(), RAW_EVENTS)
    enforce([schema], RAW_EVENTS.name, label, staged.folder)
    rows = read_paths(work, RAW_EVENTS, dict.fromkeys(staged.paths))
    findings = judge_rows(total(measure(rows, RAW_EVENTS)), RAW_EVENTS)
    for date, of_date in dates.items():
        parts = {name: of.of_parts(_parts(date)).row_count for name, of in files.items()}
        findings.append(judge_equation(Equation(f"events of {date}", of_date.row_count, parts)))
    enforce(findings, RAW_EVENTS.name, label, staged.folder)


def _staged(
    date: dt.date,
    of_date: _Date,
    files: Mapping[str, StagedFiles],
    malformed: Counter[str],
    seen_at: dt.datetime,
) -> StagedObject:
    mine = {name: staged.of_parts(_parts(date)) for name, staged in files.items()}
    undated = malformed["date_out_of_range"]
    by_date = {date: malformed.total() - undated, None: undated}
    raw_count = mine[RAW_EVENTS.name].row_count
    return StagedObject(
        outcome=ObjectOutcome(
            source_object=_key(date),
            object_version=of_date.version,
            status="ingested",
            size_bytes=sum(staged.byte_count for staged in mine.values()),
            modified_at=seen_at,
            line_count=of_date.row_count,
            raw_count=raw_count,
            malformed_count=mine[REJECTED_EVENTS.name].row_count,
        ),
        files=mine,
        rows_by_date={date: raw_count} if raw_count else {},
        malformed_by_date={d: count for d, count in by_date.items() if count},
        malformed_by_reason=malformed,
        lateness=(),
        warnings=(),
    )


def _parts(date: dt.date) -> tuple[str, str]:
    return date.isoformat(), f"{date.isoformat()}{UNDATED}"
