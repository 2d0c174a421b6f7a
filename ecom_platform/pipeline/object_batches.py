"""Batches of landing objects: read one after the other, and committed a few together.

Belongs here: what an object that cannot be read does to the others, and which share a commit.
Not here: reading one object, commits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ecom_platform.errors import LakeUnavailable
from ecom_platform.lake.audit import AuditFailed
from ecom_platform.lake.objects import ObjectOutcome
from ecom_platform.landing.objects import ObjectChangedError
from ecom_platform.landing.rejections import ObjectRefused
from ecom_platform.pipeline.object_staging import StagedObject, stage_object

if TYPE_CHECKING:
    from ecom_platform.lake.lake import Lake
    from ecom_platform.landing.objects import LandingObject, LandingStore
    from ecom_platform.pipeline.ingest_report import IngestReport
    from ecom_platform.pipeline.progress import Reporter

# Small objects share a commit: a backlog of thousands must not take thousands of commits.
_ROWS_OF_A_COMMIT = 5_000_000
_OBJECTS_OF_A_COMMIT = 200
# One object may lie on a bad disk; when several in a row cannot be read, the store is down, and
# each further one would take as long to say so.
_UNREAD_IN_A_ROW = 3


def staged_batches(
    lake: Lake,
    store: LandingStore,
    objects: Sequence[LandingObject],
    report: IngestReport,
    reporter: Reporter,
) -> Iterator[list[StagedObject]]:
    """Read objects and stage their rows, in batches that are to be committed together.

    Objects that cannot be read hold up no other: the report says what became of them.

    Args:
        lake: the lake.
        store: the landing area.
        objects: what to read; the version of each is known.
        report: told of objects that are refused, changed or not read.
        reporter: told of bytes read.
    """
    batch: list[StagedObject] = []
    for one in _stage_all(lake, store, objects, report, reporter):
        batch.append(one)
        rows = sum(staged.outcome.line_count for staged in batch)
        if rows >= _ROWS_OF_A_COMMIT or len(batch) >= _OBJECTS_OF_A_COMMIT:
            yield batch
            batch = []
    if batch:
        yield batch


def _stage_all(
    lake: Lake,
    store: LandingStore,
    objects: Sequence[LandingObject],
    report: IngestReport,
    reporter: Reporter,
) -> Iterator[StagedObject]:
    unread_in_a_row = 0
    for found in objects:
        try:
            yield stage_object(lake, store, found, reporter)
        except ObjectRefused as refusal:
            report.outcomes.append(_refused(found, refusal))
        except ObjectChangedError:
            report.changed.append(found.key)
        except PermissionError:
            report.forbidden(found.key)
        except AuditFailed as defect:
            report.defects.append(str(defect))
        except LakeUnavailable as fault:
            report.unread.append(str(fault))
            unread_in_a_row += 1
            if unread_in_a_row == _UNREAD_IN_A_ROW:
                break
            continue
        unread_in_a_row = 0


def _refused(found: LandingObject, refusal: ObjectRefused) -> ObjectOutcome:
    return ObjectOutcome(
        source_object=found.key,
        object_version=found.version or "",
        status="refused",
        size_bytes=found.size,
        modified_at=found.modified_at,
        reason=refusal.reason,
        detail=refusal.detail,
    )
