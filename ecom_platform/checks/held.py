"""Dates that were put back by hand: they need not agree with what they were not built from.

Belongs here: what a hold means for a verdict. Not here: judging rows, putting dates back.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ecom_platform.lake.audit import Finding
    from ecom_platform.lake.holds import Hold

# Checks that count rows of other tables too, which went on while the date was held.
_COMPARING = frozenset({"row_count_reconciles"})


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
