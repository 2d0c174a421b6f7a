"""The ledger's verdict: whether every line that was ever read is accounted for.

Belongs here: adding the ledger up and holding it against what was read. Not here: counting rows.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ecom_platform.contracts.row_ledger import COUNT_COLUMNS, FATES_OF_A_RAW_ROW, ROW_LEDGER
from ecom_platform.pipeline.held import built_from_held
from ecom_platform.pipeline.ledger.undated import undated_rows
from ecom_platform.pipeline.staleness import stale_dates

if TYPE_CHECKING:
    from ecom_platform.lake.lake import Lake


@dataclass(frozen=True)
class Verdict:
    """What the ledger says of all lines.

    Attributes:
        lines: lines that were read, of every version of every object, as recorded then.
        counts: the counts of the ledger, all rows together.
        held: of those that are pending, lines of dates that were put back by hand: nothing is
            to be rebuilt of these until they are released.
        stale_dates: the dates that it does not show as they are now.
    """

    lines: int
    counts: Counter[str]
    held: int
    stale_dates: int

    @property
    def uncounted(self) -> int:
        """Lines that the ledger does not have; negative for lines that it has too many."""
        return self.lines - self.counts["line_count"]

    @property
    def is_complete(self) -> bool:
        """Whether every line has its fate."""
        open_counts = self.counts["pending_count"], self.counts["lost_count"]
        return not (self.uncounted or self.stale_dates or any(open_counts))

    def __str__(self) -> str:
        read = f"{self.lines:,} lines were read"
        fates = ("malformed_count", "superseded_count", *FATES_OF_A_RAW_ROW)
        told = ", ".join(
            f"{self.counts[name]:,} {name.removesuffix('_count')}"
            for name in fates
            if self.counts[name]
        )
        if self.is_complete:
            return f"{read}, and every one is accounted for" + (f": {told}" if told else "")
        waiting = self.counts["pending_count"] - self.held
        left = [
            f"{waiting:,} wait to be rebuilt" * bool(waiting),
            f"{self.held:,} are of dates that are held" * bool(self.held),
            f"{self.uncounted:+,} are not in the ledger" * bool(self.uncounted),
            f"it is stale on {self.stale_dates:,} dates" * bool(self.stale_dates),
        ]
        return f"{read}; the row ledger is not complete: {', '.join(filter(None, left))}"


def judge_ledger(lake: Lake) -> Verdict | None:
    """Add up the ledger and hold it against what was read; None before it was first built.

    Data files are opened for lines without a date alone: publications know the counts of dates.
    """
    if ROW_LEDGER.name not in lake.existing_tables():
        return None
    lines = sum(
        recorded.outcome.line_count
        for recorded in lake.objects.history()
        if recorded.outcome.status == "ingested"
    )
    counts: Counter[str] = Counter()
    put_back, held = built_from_held(lake, ROW_LEDGER.name), 0
    for date, published in lake.publications.published(ROW_LEDGER.name).items():
        held += published.measures.get("pending_count", 0) * (date in put_back)
        counts.update({n: count for n, count in published.measures.items() if n in COUNT_COLUMNS})
    for row in undated_rows(lake):
        counts.update({name: row[name] for name in COUNT_COLUMNS})
    stale = stale_dates(lake, ROW_LEDGER.name, None, dt.datetime.now(tz=dt.UTC))
    return Verdict(lines, counts, held, len(stale))
