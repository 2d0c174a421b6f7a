"""The profile of a date or of the lake as a page of Markdown, for the user interface.

Belongs here: what the page shows of the rows of a profile. Not here: drawing, computing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ecom_platform.assets.marts.charts import as_markdown, bar_chart, column_chart
from ecom_platform.contracts.marts.profile import (
    ALL,
    NOT_POSITIVE,
    PERSONAL_COLUMNS,
    PRICE_BINS,
    PRICE_STATISTICS,
    RANKED_COLUMNS,
    ROW,
    SAMPLE,
)
from ecom_platform.contracts.raw import SOURCE_COLUMNS

Row = Mapping[str, Any]

_HOURS = [f"{hour:02d}" for hour in range(24)]
_LONGEST_VALUE = 40


class Profile:
    """The rows of one profile in one scope, looked up by column and statistic."""

    def __init__(self, rows: Iterable[Row], scope: str = ALL) -> None:
        self._rows: dict[tuple[str, str], list[Row]] = {}
        for row in rows:
            if row["scope"] == scope:
                self._rows.setdefault((row["column_name"], row["statistic"]), []).append(row)

    def count(self, column: str, statistic: str) -> int:
        """A count; 0 where the profile has none."""
        return next((int(row["counted"]) for row in self.listed(column, statistic)), 0)

    def amount(self, statistic: str) -> str:
        """What is measured of prices, in USD."""
        rows = self.listed("price", statistic)
        return f"{rows[0]['amount_usd']:,.2f}" if rows else "none"

    def listed(self, column: str, statistic: str) -> list[Row]:
        """The rows of a list, in their order."""
        return sorted(self._rows.get((column, statistic), ()), key=lambda row: row["rank"])

    def by_rank(self, column: str, statistic: str, size: int) -> list[int]:
        """The counts of a list that starts at 0; those that it lacks are 0."""
        found = {int(row["rank"]): int(row["counted"]) for row in self.listed(column, statistic)}
        return [found.get(rank, 0) for rank in range(size)]

    @property
    def row_count(self) -> int:
        """Rows that arrived."""
        return self.count(ROW, "row_count")


def render_profile(rows: Iterable[Row], title: str) -> str:
    """Write the page.

    Args:
        rows: rows of eda_profile of one date, or of eda_profile_lake.
        title: what was profiled.
    """
    rows = list(rows)
    profile, sample = Profile(rows), Profile(rows, SAMPLE)
    total = profile.row_count
    if not total:
        return f"## {title}\n\nNo rows arrived."
    repeated = profile.count(ROW, "duplicate_count")
    blocks = [
        f"## {title}",
        f"**{total:,} rows** arrived, **{repeated:,}** of them ({share(repeated, total)}) repeat "
        "another one in all nine columns.",
        _columns(profile),
        _event_types(profile),
        "### Hours of the day (UTC)",
        _hours(profile),
        "### Prices",
        _table(PRICE_STATISTICS, [[profile.amount(name) for name in PRICE_STATISTICS]]),
        _histogram(profile),
        "### Most frequent values",
        _frequent(profile),
    ]
    if sample.row_count:
        blocks += ["### The sample of users beside all rows", _beside(profile, sample)]
    return "\n\n".join(blocks)


def share(part: int, whole: int) -> str:
    """A share in percent that never reads as none or all when it is not."""
    if not part or part == whole:
        return "0 %" if not part else "100 %"
    percent = 100 * part / whole
    if percent < 0.005:
        return "< 0.01 %"
    return f"{percent:.2f} %" if percent < 99.995 else "> 99.99 %"


def _columns(profile: Profile) -> str:
    total = profile.row_count
    rows = []
    for column in SOURCE_COLUMNS:
        nulls = profile.count(column, "null_count")
        largest = profile.count(column, "most_frequent_count")
        rows.append(
            [
                f"`{column}`",
                f"{nulls:,}",
                share(nulls, total),
                f"{profile.count(column, 'distinct_count'):,}",
                f"{profile.count(column, 'single_count'):,}",
                share(largest, total),
            ]
        )
    head = ("column", "null", "share", "different", "once only", "share of the most frequent")
    return _table(head, rows)


def _event_types(profile: Profile) -> str:
    listed = profile.listed("event_type", "value_count")
    names, counts = [str(row["item"]) for row in listed], [int(row["counted"]) for row in listed]
    words = ", ".join(f"{name} {count:,}" for name, count in zip(names, counts, strict=True))
    return as_markdown(bar_chart("Rows by event type", names, counts), f"Event types: {words}")


def _hours(profile: Profile) -> str:
    counts = profile.by_rank("event_time", "hour_count", 24)
    busiest = max(range(24), key=lambda hour: counts[hour])
    words = f"Rows by hour; most, {counts[busiest]:,}, in hour {busiest}"
    return as_markdown(column_chart("Rows by hour of the day, UTC", _HOURS, counts), words)


def _histogram(profile: Profile) -> str:
    names = [NOT_POSITIVE, *PRICE_BINS]
    counts = profile.by_rank("price", "histogram_count", len(names))
    words = ", ".join(f"{n} USD {c:,}" for n, c in zip(names, counts, strict=True) if c)
    return as_markdown(bar_chart("Rows by price in USD", names, counts), f"Prices: {words}")


def _frequent(profile: Profile) -> str:
    total = profile.row_count
    rows = []
    for column in RANKED_COLUMNS:
        if column not in PERSONAL_COLUMNS and column != "event_type":
            for row in profile.listed(column, "value_count")[:5]:
                value = str(row["item"])[:_LONGEST_VALUE].replace("`", "'").replace("|", "\\|")
                count = int(row["counted"])
                rows.append([f"`{column}`", f"`{value}`", f"{count:,}", share(count, total)])
    return _table(("column", "value", "rows", "share"), rows)


def _beside(profile: Profile, sample: Profile) -> str:
    """What a sample of users keeps: shares and prices; numbers of values are smaller in it."""
    both = (profile, sample)

    def shares(column: str, statistic: str) -> list[str]:
        return [share(one.count(column, statistic), one.row_count) for one in both]

    rows = [
        ["rows", *(f"{one.row_count:,}" for one in both)],
        ["repetitions", *shares(ROW, "duplicate_count")],
        *([f"`{name}` null", *shares(name, "null_count")] for name in SOURCE_COLUMNS),
        *(
            [f"`{name}` different", *(f"{one.count(name, 'distinct_count'):,}" for one in both)]
            for name in SOURCE_COLUMNS
        ),
        *([f"price {name}", *(one.amount(name) for one in both)] for name in PRICE_STATISTICS),
    ]
    return _table(("", "all rows", "sample"), rows)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [list(head), ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
