"""Dates that were put back by hand: what differs from its input because it is held.

Belongs here: what a hold means for runs and verdicts. Not here: judging, putting dates back.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from ecom_platform.pipeline.inputs import built_from
from ecom_platform.pipeline.staleness import differing_dates

if TYPE_CHECKING:
    from ecom_platform.lake.audit import Finding
    from ecom_platform.lake.holds import Hold
    from ecom_platform.lake.lake import Lake

# Checks that count rows of other tables too, which went on while the date was held.
_COMPARING = frozenset({"row_count_reconciles"})


def held_dates(
    lake: Lake, table_name: str, dates: Iterable[dt.date] | None, now: dt.datetime
) -> dict[dt.date, Hold]:
    """The dates of a table that would be rebuilt if they were not held."""
    held = {date: hold for date, hold in lake.holds.of(table_name).items() if date}
    if not held:
        return {}
    differing = differing_dates(lake, table_name, dates, now)
    return {date: held[date] for date in differing if date in held}


def built_from_held(lake: Lake, table_name: str) -> dict[dt.date, list[Hold]]:
    """The dates of a table of which something that they are built from is held."""
    found: dict[dt.date, list[Hold]] = defaultdict(list)
    for hold in lake.holds.all():
        if hold.event_date and table_name in built_from(hold.table_name):
            found[hold.event_date].append(hold)
    return found


def mild_where_held(
    held: Mapping[dt.date | None, Hold], event_date: dt.date | None, findings: Iterable[Finding]
) -> list[Finding]:
    """Let the difference between a held date and its present input be a warning.

    As an error it would keep what is built from the held version from being built.
    """
    hold = held.get(event_date)
    if hold is None:
        return list(findings)
    return [
        replace(finding, blocking=False, message=f"{finding.message}; {hold.message}")
        if not finding.passed and finding.check in _COMPARING
        else finding
        for finding in findings
    ]
