"""Outcomes: what became of each slice that a run set out to rebuild.

Belongs here: rebuilt or refused, and taking slices one by one. Not here: any table's step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ecom_platform.errors import FilesLost, InputsBehind, PublishConflict
from ecom_platform.lake.audit import AuditFailed
from ecom_platform.pipeline.slice_build import Rebuilt, Workplace

if TYPE_CHECKING:
    from ecom_platform.lake.slices import StaleDate


# What keeps one slice from being published and says nothing of the others.
Reason = AuditFailed | FilesLost | InputsBehind | PublishConflict


@dataclass(frozen=True)
class Refused:
    """A slice that was not published, and why; its last good version stays visible."""

    slice_: StaleDate
    reason: Reason


Outcome = Rebuilt | Refused

# Rebuilds slices and tells the outcome of each, in any order: a refused one stops no other.
Steps = Callable[[Workplace, Sequence["StaleDate"]], Iterator[Outcome]]


def one_by_one(step: Callable[[Workplace, StaleDate], Rebuilt]) -> Steps:
    """Rebuild slices with a step that builds and publishes one of them."""

    def rebuild(work: Workplace, slices: Sequence[StaleDate]) -> Iterator[Outcome]:
        for slice_ in slices:
            try:
                yield step(work, slice_)
            except (AuditFailed, FilesLost, PublishConflict) as reason:
                yield Refused(slice_, reason)

    return rebuild
