"""What the row ledger of a date is counted from, as fingerprints.

Belongs here: which hours changed, and which are rebuilt as far as the fact. Not here: counting.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ecom_platform.lake.audit import NO_HOUR
from ecom_platform.lake.slices import HourFingerprints, digest

if TYPE_CHECKING:
    from ecom_platform.lake.table import TableFile


@dataclass(frozen=True)
class LedgerInputs:
    """The fingerprints of one date, by hour.

    Attributes:
        raw: of the objects that contribute raw rows.
        clean, fact: as published.
        malformed: of the objects that contribute lines that are no event; these have no hour.
        clean_target, fact_target: what those will be, once they are rebuilt from what they are
            made of as it is now.
    """

    raw: HourFingerprints
    clean: HourFingerprints
    fact: HourFingerprints
    malformed: str | None
    clean_target: HourFingerprints
    fact_target: HourFingerprints

    @property
    def fingerprints(self) -> dict[int, str]:
        """What the ledger's hours are counted from; lines without an hour stand under NO_HOUR."""
        tables = (self.raw, self.clean, self.fact)
        hours = {hour for table in tables for hour in table}
        found = {h: digest(table.get(h, "") for table in tables) for h in hours}
        return found | ({NO_HOUR: self.malformed} if self.malformed else {})

    @property
    def unsettled(self) -> frozenset[int]:
        """Hours whose raw rows are not accounted for yet: something is to be rebuilt of them."""
        hours = self.raw.keys() | self.clean.keys() | self.fact.keys()
        return frozenset(
            hour
            for hour in hours
            if self.clean.get(hour) != self.clean_target.get(hour)
            or self.fact.get(hour) != self.fact_target.get(hour)
        )


def malformed_fingerprints(files: Iterable[TableFile]) -> dict[dt.date, str]:
    """What dates hold of lines that are no event: the object versions that contribute some.

    Args:
        files: of rejected_events; those of layer `clean` are not looked at.
    """
    origins: dict[dt.date, set[tuple[str, ...]]] = defaultdict(set)
    for file in files:
        if file.event_date and file.only("layer") == "raw":
            read_at = file.bounds("rejected_at")[0].isoformat()
            origin = (file.only("source_object"), file.only("object_version"), read_at)
            origins[file.event_date].add(origin)
    return {date: digest("@".join(o) for o in sorted(found)) for date, found in origins.items()}
