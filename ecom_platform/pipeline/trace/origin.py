"""The object that is traced: its key, its versions, and the tables as they are now.

Belongs here: finding an object by what a person calls it. Not here: what became of its lines.
"""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyiceberg.expressions import BooleanExpression

from ecom_platform.contracts.ledger import LANDING_OBJECTS
from ecom_platform.errors import EcomError
from ecom_platform.landing.objects import ObjectChangedError
from ecom_platform.pipeline.ledger.undated import status_of_versions

if TYPE_CHECKING:
    from ecom_platform.lake.lake import Lake
    from ecom_platform.lake.objects import ObjectOutcome, RecordedOutcome
    from ecom_platform.lake.table import TableVersion
    from ecom_platform.landing.objects import LandingObject, LandingStore

_NEAR_MATCHES = 5
_LEAST_LIKENESS = 0.5


class UnknownObject(EcomError):
    """No object of that name was ever read, and none lies in landing."""


class UnknownVersion(EcomError):
    """An object was never read in that version."""


@dataclass(frozen=True)
class TracedVersion:
    """One version of the object.

    Attributes:
        outcome: what is recorded of it.
        status: current, superseded or refused.
        run_id: the run that read it.
        recorded_at: when.
    """

    outcome: ObjectOutcome
    status: str
    run_id: str
    recorded_at: dt.datetime


class Origin:
    """One object, and the tables in which its lines may stand. Looking creates nothing."""

    def __init__(self, lake: Lake, store: LandingStore, name: str) -> None:
        """Find an object.

        Args:
            lake: the lake.
            store: its landing area.
            name: its key below the landing root, or a path into the landing area.

        Raises:
            UnknownObject: there is none; the message names objects that are called alike.
        """
        self.lake = lake
        self._store = store
        self.tables: dict[str, TableVersion] = lake.existing_tables()
        known = LANDING_OBJECTS.name in self.tables
        history: Sequence[RecordedOutcome] = lake.objects.history() if known else []
        keys = {recorded.outcome.source_object for recorded in history}
        self.key = self._find(name, keys)
        mine = [r for r in history if r.outcome.source_object == self.key]
        status = status_of_versions(mine)
        self.versions = [
            TracedVersion(
                recorded.outcome,
                status[self.key, recorded.outcome.object_version],
                recorded.run_id,
                recorded.recorded_at,
            )
            for recorded in mine
        ]

    def _find(self, name: str, keys: set[str]) -> str:
        below = self._below_landing(name)
        for key in (name, below):
            if key in keys:
                return key
        listed = {found.key for found in self._store.list()}
        for key in (name, below):
            if key in listed:
                return key
        known = sorted(keys | listed)
        near = difflib.get_close_matches(below, known, _NEAR_MATCHES, _LEAST_LIKENESS)
        near = near or [key for key in known if Path(below).name in key][:_NEAR_MATCHES]
        hint = (
            f"did you mean {', '.join(near)}?" if near else "`ecom status` lists what waits there"
        )
        raise UnknownObject(
            f"{name} was never read, and there is no such object in landing "
            f"({self.lake.settings.landing_name}); {hint}"
        )

    def _below_landing(self, name: str) -> str:
        if self.lake.settings.s3:
            return name.removeprefix(f"{self.lake.settings.landing_name}/")
        try:
            path = Path(name).expanduser().resolve()
            return path.relative_to(self.lake.settings.landing_path.resolve()).as_posix()
        except ValueError:
            return name

    @property
    def current(self) -> TracedVersion | None:
        """The version whose rows are visible."""
        return next((v for v in self.versions if v.status == "current"), None)

    def version(self, prefix: str) -> TracedVersion:
        """A version by the beginning of its name.

        Raises:
            UnknownVersion: there is none, or there are several.
        """
        found = [v for v in self.versions if v.outcome.object_version.startswith(prefix)]
        if len(found) != 1:
            named = ", ".join(v.outcome.object_version for v in found or self.versions)
            fault = "several versions begin so" if found else "it was never read in that version"
            raise UnknownVersion(f"{self.key}, version {prefix}: {fault}; its versions: {named}")
        return found[0]

    @cached_property
    def in_landing(self) -> LandingObject | None:
        """The object as it lies in landing now."""
        try:
            return self._store.stat(self.key)
        except (ObjectChangedError, ValueError):
            return None

    def lies_in_landing(self, outcome: ObjectOutcome) -> bool:
        """Whether landing still holds a version, by size and time."""
        present = self.in_landing
        return present is not None and (present.size, present.modified_at) == (
            outcome.size_bytes,
            outcome.modified_at,
        )

    @property
    def store(self) -> LandingStore:
        """The landing area."""
        return self._store

    def rows(
        self, table: str, where: BooleanExpression, columns: Sequence[str] = ("*",)
    ) -> list[dict[str, Any]]:
        """Rows of a table, found by the bounds of its files; none if there is no such table."""
        version = self.tables.get(table)
        if version is None:
            return []
        found: list[dict[str, Any]] = (
            version.iceberg.scan(where, tuple(columns)).to_arrow().to_pylist()
        )
        return found
