"""Dates of the fact that no number should be compared with: open, too small, or without a type.

Belongs here: the verdict on a date as a whole. Not here: what is done with it.
"""

import datetime as dt
from collections.abc import Mapping

from ecom_platform.checks.model.fact import judge_event_types, judge_minimum_rows
from ecom_platform.lake.lake import Lake
from ecom_platform.lake.publications import PublishedDate
from ecom_platform.lake.slices import is_open


def incomplete_dates(
    lake: Lake, facts: Mapping[dt.date, PublishedDate], now: dt.datetime
) -> dict[dt.date, str]:
    """Why dates of fact_user_events are incomplete; those that are complete are not named.

    The verdicts are those of the fact's own checks, from what was counted when it was published.

    Args:
        lake: its settings say how many rows a date has at least.
        facts: what is published of the fact.
        now: decides which dates are open.
    """
    found = {}
    for date, state in facts.items():
        if is_open(date, now):
            found[date] = "the day is not over"
            continue
        counts = {"row_count": state.row_count, **state.measures}
        findings = [judge_minimum_rows(state.row_count, lake.settings.minimum_rows, False)]
        if "event_type_view" in counts:
            findings.append(judge_event_types(date, counts, facts))
        if failed := [finding.message for finding in findings if not finding.passed]:
            found[date] = "; ".join(failed)
    return found
