"""The scope of a dashboard: which dates, categories and brands are on the page, and what is not.

Belongs here: bounds. Not here: the numbers of what is within them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ecom_platform.contracts.marts.columns import PRODUCT_BREAKDOWNS, SESSION_BREAKDOWNS

if TYPE_CHECKING:
    import duckdb


# The page holds its numbers itself: a year of days, and of each breakdown the values that matter
# most. More would be megabytes that nobody looks at; what is left out is named on the page.
MOST_DAYS = 400
MOST_VALUES = {
    "category_level_1": 20,
    "category": 60,
    "brand": 40,
    "device_type": 10,
    "source_channel": 20,
}
# What a mart says how much a value matters, and in which of its rows: products sell; of devices
# and channels those that sell nothing are the ones to look at.
_SALES = "mart_sales", "SUM(revenue_usd)", "true"
_SESSIONS = "mart_funnel", "SUM(unit_count)", "traffic = 'all' AND unit = 'session'"
_WEIGHTS = {
    **dict.fromkeys(PRODUCT_BREAKDOWNS, (_SALES, _SESSIONS)),
    **dict.fromkeys(SESSION_BREAKDOWNS, (_SESSIONS, _SALES)),
}


@dataclass(frozen=True)
class Scope:
    """What is on the page.

    Attributes:
        dates: every day from the first to the last, without a gap.
        values: the values of each breakdown, those with the highest sales first; devices and
            channels by their sessions.
        left_out_count: how many more values there are.
        left_out_most: for each day the largest revenue of a value that is not on the page. A
            value with more than the sum of these has its place among all values, whatever was
            left out.
    """

    dates: Sequence[dt.date]
    values: Mapping[str, Sequence[str]] = field(default_factory=dict)
    left_out_count: Mapping[str, int] = field(default_factory=dict)
    left_out_most: Mapping[str, Sequence[float]] = field(default_factory=dict)

    @property
    def first(self) -> dt.date:
        """The first day."""
        return self.dates[0]

    @property
    def last(self) -> dt.date:
        """The last day."""
        return self.dates[-1]

    def position(self, date: dt.date) -> int:
        """Where a day stands on the page."""
        return (date - self.first).days


def days_up_to(published: Sequence[dt.date]) -> list[dt.date]:
    """The days of the page: up to the last published one, at most a year, without a gap."""
    if not published:
        return []
    last = max(published)
    first = max(min(published), last - dt.timedelta(days=MOST_DAYS - 1))
    return [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]


def choose_values(
    connection: duckdb.DuckDBPyConnection, dates: Sequence[dt.date], tables: set[str]
) -> Scope:
    """Choose the values of the page, and put them into the temporary table `chosen`.

    Args:
        connection: the published tables.
        dates: the days of the page.
        tables: those that exist.
    """
    values: dict[str, list[str]] = {name: [] for name in MOST_VALUES}
    left_out: dict[str, int] = dict.fromkeys(MOST_VALUES, 0)
    for name, value, place, of in _ranked(connection, dates, tables):
        if place <= MOST_VALUES[name]:
            values[name].append(value)
        left_out[name] = max(0, of - MOST_VALUES[name])
    connection.execute("CREATE TEMP TABLE chosen (breakdown TEXT, breakdown_value TEXT, place INT)")
    rows = [("all", "all", 0)]
    rows += [(name, value, n) for name, found in values.items() for n, value in enumerate(found)]
    connection.executemany("INSERT INTO chosen VALUES (?, ?, ?)", rows)
    most = _most_left_out(connection, dates, tables)
    return Scope(dates, values, left_out, most)


def _ranked(
    connection: duckdb.DuckDBPyConnection, dates: Sequence[dt.date], tables: set[str]
) -> list[tuple[str, str, int, int]]:
    """Values by how much they matter: (breakdown, value, place, how many)."""
    found = []
    for name in MOST_VALUES:
        weighed = next((way for way in _WEIGHTS[name] if way[0] in tables), None)
        if weighed is None:
            continue
        table, weight, where = weighed
        # The names are ours, the rest are parameters.
        found += connection.execute(
            f"""
            SELECT breakdown, breakdown_value,
              ROW_NUMBER() OVER (ORDER BY {weight} DESC, breakdown_value), COUNT(*) OVER ()
            FROM {table}
            WHERE event_date BETWEEN ? AND ? AND breakdown = ? AND {where}
            GROUP BY breakdown, breakdown_value ORDER BY 3
            """,  # noqa: S608
            [dates[0], dates[-1], name],
        ).fetchall()
    return found


def _most_left_out(
    connection: duckdb.DuckDBPyConnection, dates: Sequence[dt.date], tables: set[str]
) -> dict[str, list[float]]:
    most = {name: [0.0] * len(dates) for name in MOST_VALUES}
    if "mart_sales" not in tables:
        return most
    found = connection.execute(
        """
        SELECT breakdown, event_date, MAX(revenue_usd)
        FROM mart_sales ANTI JOIN chosen USING (breakdown, breakdown_value)
        WHERE event_date BETWEEN ? AND ? AND list_contains(?, breakdown) GROUP BY ALL
        """,
        [dates[0], dates[-1], list(MOST_VALUES)],
    ).fetchall()
    for name, date, revenue in found:
        most[name][(date - dates[0]).days] = float(revenue)
    return most
