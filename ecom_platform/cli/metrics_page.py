"""The page of metrics: each with its meaning, its SQL and where it stands, as Markdown.

Belongs here: how the page is laid out. Not here: the metrics, which are in contracts/metrics.py.
"""

from __future__ import annotations

from collections.abc import Iterable

from ecom_platform.contracts.metric import Metric

_INTRODUCTION = """\
# Metrics

Written by `make docs` from `contracts/metrics.py`; a test fails when it differs. Why it is so is in [0017](decisions/0017-metrics-once.md).

- **Adds up**: whether values of several dates may be summed. A quotient is computed from the sums of its two columns, over any dates. What is exact for its date has no value for a longer time.
- **SQL** is computed over the rows that **Rows** chooses; add a condition on `event_date`, or group by it. To divide by category or brand choose that `breakdown` instead of `all`, and to leave out crawler-like sessions `traffic` = `human`.
- **Also in**: other tables that hold the same number; a test holds them to it."""  # noqa: E501  # a paragraph of Markdown is one line

_HEAD = ("metric", "meaning", "unit", "adds up", "table", "rows", "SQL", "also in", "owner")


def render_metrics(metrics: Iterable[Metric]) -> str:
    """Write the page."""
    rows = [_HEAD, ("---",) * len(_HEAD), *map(_row, metrics)]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return f"{_INTRODUCTION}\n\n{table}\n"


def _row(metric: Metric) -> tuple[str, ...]:
    place = metric.reference
    others = [f"[{p.table}](data_dictionary.md#{p.table})" for p in metric.places[1:]]
    if metric.from_fact:
        others.append("[fact_user_events](data_dictionary.md#fact_user_events)")
    return (
        f"`{metric.name}`",
        f"**{metric.label}.** {metric.definition}",
        metric.unit,
        _adds_up(metric),
        f"[{place.table}](data_dictionary.md#{place.table})",
        f"`{place.condition}`",
        f"`{metric.expression}`",
        ", ".join(others),
        metric.owner,
    )


def _adds_up(metric: Metric) -> str:
    if metric.reference.over:
        return "its two sums do"
    return "yes" if metric.is_additive else f"no: one value a {metric.grain}"
