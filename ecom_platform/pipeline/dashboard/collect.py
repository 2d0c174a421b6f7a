"""Collecting what the page shows, all of it, as one JSON object.

Belongs here: its outline, from what is published now. Not here: single parts, HTML.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from ecom_platform.contracts.clean import EVENT_TYPES
from ecom_platform.contracts.metrics import METRICS
from ecom_platform.contracts.model import FACT_USER_EVENTS
from ecom_platform.pipeline.dashboard.cubes import CUBES, Cube
from ecom_platform.pipeline.dashboard.lists import (
    empty_products,
    read_cohorts,
    read_products,
    read_users,
)
from ecom_platform.pipeline.dashboard.place import written_from
from ecom_platform.pipeline.dashboard.profile import read_profile
from ecom_platform.pipeline.dashboard.reading import Json, Series, as_cube, read_cube
from ecom_platform.pipeline.dashboard.scope import (
    MOST_DAYS,
    MOST_VALUES,
    Scope,
    choose_values,
    days_up_to,
)
from ecom_platform.pipeline.dashboard.trust import read_trust
from ecom_platform.pipeline.overview import totals

if TYPE_CHECKING:
    import duckdb

    from ecom_platform.lake.lake import Lake
    from ecom_platform.lake.publications import PublishedDate
    from ecom_platform.lake.table import TableVersion

# Why a date of the fact is incomplete, by date; the others are complete.
Incomplete = Callable[
    ["Lake", Mapping[dt.date, "PublishedDate"], dt.datetime], Mapping[dt.date, str]
]

TILES = (
    "revenue_usd",
    "order_count",
    "average_order_value_usd",
    "unit_count",
    "session_count",
    "conversion_rate",
    "cart_abandonment_rate",
    "new_user_count",
    "bounce_rate",
    "event_count",
)
# What each day of the fact was counted to hold when it was published; also of the open day.
_EVENTS = Cube(
    FACT_USER_EVENTS.name, {"event_count": "event_count"}, has_breakdowns=False, has_traffic=False
)
_FACT = FACT_USER_EVENTS.name
# The event types of the fact are known earlier than its mart, and without reading a file.
_FROM_THE_RECORD = {"event_count": ""} | {"view_count": "view"}


@dataclass(frozen=True)
class CheckResult:
    """The last result of a check."""

    table: str
    check: str
    severity: str
    failed: bool
    says: str


def collect(
    lake: Lake,
    now: dt.datetime,
    incomplete: Incomplete,
    checks: Sequence[CheckResult] | None = None,
) -> Json:
    """Everything on the page.

    Args:
        lake: what is published.
        now: when the page is written.
        incomplete: tells which dates are incomplete.
        checks: the last result of each check; None if nobody kept them.
    """
    # Here, and not above: loading the definitions needs no DuckDB.
    from ecom_platform.lake.sql import connect

    tables = lake.existing_tables()
    published = {name: lake.publications.published(name) for name in tables} if tables else {}
    facts = published.get(_FACT, {})
    dates = days_up_to([date for date, state in facts.items() if state.row_count])
    page: Json = {
        "written_at": now.strftime("%Y-%m-%d %H:%M UTC"),
        "dates": [date.isoformat() for date in dates],
        "tables": {name: {"row_count": totals(version).rows} for name, version in tables.items()},
        "bounds": _bounds(),
    }
    if not dates:
        return page
    unfit = incomplete(lake, facts, now)
    # As they were before the rows are read: what is published meanwhile makes the page stale.
    page["written_from"] = written_from(tables, unfit)
    with connect(lake) as connection:
        scope = choose_values(connection, dates, set(tables))
        page |= _about_days(scope, unfit)
        page |= _about_values(scope)
        page["cubes"] = _cubes(connection, scope, tables, published)
        page["metrics"] = _metrics()
        page["tiles"] = TILES
        page |= _lists(connection, scope, set(tables))
        page["quality"] = read_trust(connection, tables, published)
        page["quality"]["checks"] = None if checks is None else [asdict(one) for one in checks]
    return page


def _bounds() -> str:
    most = MOST_VALUES
    return (
        f"At most {MOST_DAYS} days, {most['category_level_1']} main categories, "
        f"{most['category']} categories and {most['brand']} brands are on this page, those with "
        f"the highest sales; of devices and channels the {most['device_type']} and "
        f"{most['source_channel']} with most sessions. Totals are of all."
    )


def _about_days(scope: Scope, incomplete: Mapping[dt.date, str]) -> Json:
    on_page = {date: why for date, why in sorted(incomplete.items()) if date in set(scope.dates)}
    complete = [n for n, date in enumerate(scope.dates) if date not in on_page]
    return {
        "incomplete": {date.isoformat(): why for date, why in on_page.items()},
        "last_complete": max(complete, default=len(scope.dates) - 1),
    }


def _about_values(scope: Scope) -> Json:
    return {
        "values": scope.values,
        "left_out": scope.left_out_most,
        "left_out_count": scope.left_out_count,
    }


def _cubes(
    connection: duckdb.DuckDBPyConnection,
    scope: Scope,
    tables: Mapping[str, TableVersion],
    published: Mapping[str, Mapping[dt.date, PublishedDate]],
) -> Json:
    cubes: Json = {"events": _events(scope, published[_FACT])}
    for name, cube in CUBES.items():
        if cube.table in tables:
            by_date = tables[cube.table].contract.partition_by is not None
            days = published[cube.table] if by_date and cube.table.startswith("mart_") else None
            cubes[name] = read_cube(connection, cube, scope, days)
    return cubes


def _events(scope: Scope, facts: Mapping[dt.date, PublishedDate]) -> Json:
    series: Series = {}
    for name in ("", *EVENT_TYPES):
        counts: list[int | float | None] = [0] * len(scope.dates)
        for date, state in facts.items():
            if scope.first <= date <= scope.last:
                found = state.measures.get(f"event_type_{name}", 0) if name else state.row_count
                counts[scope.position(date)] = found
        series[f"all|{name}|all|0"] = [counts]
    return as_cube(_EVENTS, series, scope, [date for date, s in facts.items() if s.row_count])


def _metrics() -> Json:
    """The metrics, with where the page finds each."""
    by_table = {cube.table: name for name, cube in reversed(list(CUBES.items()))}
    found: Json = {}
    for name, metric in METRICS.items():
        place = metric.reference
        part = next((v for k, v in place.rows.items() if k not in ("traffic", "breakdown")), "")
        cube, measure = by_table[place.table], place.column
        if name in _FROM_THE_RECORD:
            cube, measure, part = "events", "event_count", _FROM_THE_RECORD[name]
        found[name] = {
            "label": metric.label,
            "definition": metric.definition,
            "unit": metric.unit,
            "additive": metric.is_additive,
            "better": metric.better,
            "cube": cube,
            "part": part,
            "measure": measure,
            "over": place.over,
        }
    return found


def _lists(connection: duckdb.DuckDBPyConnection, scope: Scope, tables: set[str]) -> Json:
    has_products = "mart_products" in tables
    return {
        "products": read_products(connection, scope) if has_products else empty_products(),
        "cohorts": read_cohorts(connection) if "mart_cohorts" in tables else [],
        "users": read_users(connection) if "mart_users" in tables else None,
        "profile": read_profile(connection) if "eda_profile_lake" in tables else None,
    }
