"""The step of the fact: a stale slice of fact_user_events, rebuilt and published.

Belongs here: the order of build, audit and publish. Not here: the rows of the fact.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecom_platform.contracts.clean import CLEAN_EVENTS
from ecom_platform.contracts.model import FACT_USER_EVENTS
from ecom_platform.lake.audit import Equation
from ecom_platform.pipeline.publishing import commit_slice, describe_publication
from ecom_platform.pipeline.slice_build import Rebuilt, SliceBuild, Workplace
from ecom_platform.transforms.model import build_fact_user_events

if TYPE_CHECKING:
    from ecom_platform.lake.slices import StaleDate


def rebuild_fact_user_events(work: Workplace, slice_: StaleDate) -> Rebuilt:
    """Rebuild a slice of fact_user_events from clean_events.

    Raises:
        AuditFailed: a blocking rule refused the rows; the last good version stays visible.
        PublishConflict: another run published the same slice meanwhile.
    """
    fact = SliceBuild(work, FACT_USER_EVENTS.name, slice_)
    source = fact.read(CLEAN_EVENTS.name)
    staged = fact.stage(build_fact_user_events(source.rows), source)
    equation = Equation("clean_events", source.row_count, {"fact_user_events": staged.row_count})
    counts, findings = fact.audit(staged, equation)
    for numbers in counts.values():
        numbers["rows_in"] = numbers["row_count"]
    snapshot = commit_slice(fact.version, slice_, fact.replaced(), staged, work.run_id)
    published = describe_publication(FACT_USER_EVENTS.name, slice_, snapshot, staged, counts)
    work.lake.publications.record(published, work.run_id)
    return fact.rebuilt(counts, staged, findings)
