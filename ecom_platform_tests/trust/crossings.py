"""Crossings: the places at which a process can be killed, and the killing.

Belongs here: where a process dies, by name. Not here: what it does until then.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ecom_platform.lake.staging import Stage

# Where a process can be killed: before and after each of these. Names are for people.
POINTS: dict[str, tuple[str, str]] = {
    "staging an object": ("ecom_platform.pipeline.object_batches", "stage_object"),
    "writing rows of an object": ("ecom_platform.lake.date_files", "DateFiles._write"),
    "completing files of an object": ("ecom_platform.lake.date_files", "DateFiles._close_writers"),
    "publishing objects": ("ecom_platform.pipeline.raw", "publish_objects"),
    "the engine's writing": ("ecom_platform.lake.staging", "Stage.write_rows"),
    "keeping rows to read again": ("ecom_platform.pipeline.scratch", "Scratch.keep"),
    "the audit": ("ecom_platform.pipeline.slice_build", "SliceBuild.audit"),
    "a commit": ("ecom_platform.lake.table", "TableVersion.commit"),
    "new table metadata": ("pyiceberg.catalog.sql", "SqlCatalog._write_metadata"),
    "the swap of the current version": ("pyiceberg.catalog.sql", "SqlCatalog.commit_table"),
    "the record of publications": ("ecom_platform.lake.publications", "Publications.record"),
    "the record of lateness": ("ecom_platform.lake.lateness", "LatenessRecords.replace"),
    "the record of objects": ("ecom_platform.lake.objects", "ObjectRecords.record"),
    "counting the ledger": ("ecom_platform.pipeline.ledger.dates", "count_date"),
    "counting lines without a date": ("ecom_platform_tests.ledger_in_small", "rebuild_undated"),
    "folding a record": ("ecom_platform.lake.journal", "Journal.fold"),
    "putting files together": ("ecom_platform.pipeline.compaction", "_rewrite"),
    "merging manifests": ("ecom_platform.pipeline.maintenance", "merge_manifests"),
    "a table": ("ecom_platform_tests.trust.histories", "stale_dates"),
    "a table without dates": ("ecom_platform.pipeline.model.dimensions", "Dimension.find_stale"),
}

# Within these, too: as soon as there is a file.
_WRITING = "the engine's writing"

# All places where a process can be killed.
PLACES = (
    *(f"{when} {name}" for name in POINTS for when in ("before", "after")),
    f"while {_WRITING}",
)

# What the guarantee names, as crossings.
NAMED = {
    "before staging": ("before staging an object", "before the engine's writing"),
    "mid-write": ("after writing rows of an object", "while the engine's writing"),
    "between staging and commit": ("before a commit",),
    "inside the commit": ("after new table metadata", "before the swap of the current version"),
    "between the commit and publications": ("before the record of publications",),
    "between two tables": ("before a table", "before a table without dates"),
}


@dataclass(frozen=True)
class Kill:
    """Kill the process at the n-th crossing of some places.

    Attributes:
        crossing: which one; 0 for none, only count.
        places: e.g. `before a commit`; none for all.
    """

    crossing: int
    places: tuple[str, ...] = ()


class Crossings:
    """Counts how often places are crossed, and kills the process at one of them."""

    def __init__(self, kill: Kill, told: Path) -> None:
        """Make a count.

        Args:
            kill: where to die.
            told: a file for the last words.
        """
        self.count = 0
        self._kill = kill
        self._told = told

    def arm(self) -> None:
        """Wrap all points in this process."""
        for name in POINTS:
            owner, attribute = self.find(name)
            static = isinstance(inspect.getattr_static(owner, attribute), staticmethod)
            wrapped = self.wrap(name, getattr(owner, attribute))
            setattr(owner, attribute, staticmethod(wrapped) if static else wrapped)

    @staticmethod
    def find(name: str) -> tuple[Any, str]:
        """The module or class that holds a point, and the name that it has there."""
        module_name, path = POINTS[name]
        owner: Any = importlib.import_module(module_name)
        *holders, attribute = path.split(".")
        for holder in holders:
            owner = getattr(owner, holder)
        return owner, attribute

    def tell(self, text: str) -> None:
        """Leave a line for whoever started the process."""
        with self._told.open("a", encoding="utf-8") as file:
            file.write(f"{text}\n")

    def wrap(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """A function that is a point, with its crossings counted."""

        @functools.wraps(function)
        def crossed(*arguments: Any, **named: Any) -> Any:
            if self._is_due(f"before {name}"):
                self._die(f"before {name}")
            if name == _WRITING and self._is_due(f"while {name}"):
                stage = arguments[0]
                threading.Thread(target=self._die_writing, args=(name, stage), daemon=True).start()
            result = function(*arguments, **named)
            if self._is_due(f"after {name}"):
                self._die(f"after {name}")
            return result

        return crossed

    def _is_due(self, place: str) -> bool:
        if self._kill.places and place not in self._kill.places:
            return False
        self.count += 1
        return self.count == self._kill.crossing

    def _die_writing(self, name: str, stage: Stage) -> None:
        while not any(stage._storage.list(stage.folder)):
            time.sleep(0.0005)
        self._die(f"while {name}")

    def _die(self, place: str) -> None:
        self.tell(f"killed: {place}")
        os.kill(os.getpid(), signal.SIGKILL)
