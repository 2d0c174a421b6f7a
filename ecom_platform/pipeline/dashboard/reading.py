"""Reading cubes out of the published tables, as arrays by day.

Belongs here: queries and the compact shape. Not here: which cubes there are (cubes.py).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ecom_platform.pipeline.dashboard.cubes import Cube
from ecom_platform.pipeline.dashboard.scope import Scope

if TYPE_CHECKING:
    import duckdb

ALL, HUMAN = "all", "human"
# Digits of published means and shares: more than anyone reads, fewer than a double has.
_PLACES = 6

Json = dict[str, Any]
Series = dict[str, list[list[int | float | None]]]


def read_cube(
    connection: duckdb.DuckDBPyConnection,
    cube: Cube,
    scope: Scope,
    published: Iterable[dt.date] | None,
) -> Json:
    """A cube as the page has it.

    Args:
        connection: the published tables, with `chosen` among them.
        cube: what to read.
        scope: the days and values.
        published: the dates that are published of its table, also those without a row; None for
            a table without dates, which has those of its rows.
    """
    series: Series = {}
    seen: set[dt.date] = set()
    length = len(scope.dates)
    for date, traffic, part, breakdown, place, *numbers in connection.execute(
        _query(cube), [scope.first, scope.last]
    ).fetchall():
        seen.add(date)
        arrays = series.setdefault(
            f"{traffic}|{part}|{breakdown}|{place}",
            _empty(cube, length),
        )
        for array, number in zip(arrays, numbers, strict=True):
            array[scope.position(date)] = plain(number)
    return as_cube(cube, series, scope, seen if published is None else published)


def as_cube(cube: Cube, series: Series, scope: Scope, days: Iterable[dt.date]) -> Json:
    """Series of a cube with what the page must know to read them."""
    return {
        "measures": cube.measures,
        "additive": list(cube.additive),
        "breakdowns": cube.breakdowns,
        "traffic": cube.has_traffic,
        "traffic_is_irrelevant": cube.is_alike,
        "days": sorted(scope.position(day) for day in days if scope.first <= day <= scope.last),
        "series": _without_repetition(series),
    }


def plain(value: Any) -> Any:
    """A value as JSON has it; amounts keep their cents."""
    if isinstance(value, Decimal):
        number = float(value)
        return int(number) if number.is_integer() else number
    if isinstance(value, float):
        return round(value, _PLACES)
    if isinstance(value, dt.date):
        return value.isoformat()
    return value


def records(
    connection: duckdb.DuckDBPyConnection, sql: str, arguments: list[Any] | None = None
) -> list[Json]:
    """The rows of a query as objects."""
    found = connection.execute(sql, arguments or [])
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, map(plain, row), strict=True)) for row in found.fetchall()]


def _query(cube: Cube) -> str:
    """Sums and values by day and series. All names are those of cubes.py."""
    numbers = [f'SUM({sql}) AS "{name}"' for name, sql in cube.additive.items()]
    # Of one row each; what has no value there is left out.
    numbers += [f'ANY_VALUE({sql}) AS "{name}"' for name, sql in cube.exact.items()]
    chosen, divided = "", "'all', 0"
    conditions = [f"({cube.where})", "event_date BETWEEN ? AND ?"]
    if cube.has_breakdowns:
        chosen, divided = "JOIN chosen USING (breakdown, breakdown_value)", "breakdown, place"
        names = ", ".join(f"'{name}'" for name in (ALL, *cube.breakdowns))
        conditions.append(f"breakdown IN ({names})")
    traffic = "traffic" if cube.has_traffic else f"'{ALL}'"
    return (
        f"SELECT event_date, {traffic}, {cube.part}, {divided}, {', '.join(numbers)} "  # noqa: S608
        f"FROM {cube.table} {chosen} WHERE {' AND '.join(conditions)} GROUP BY ALL"
    )


def _empty(cube: Cube, length: int) -> list[list[int | float | None]]:
    """No row of a published date is no event of it; of what is exact there is no value then."""
    fills: list[int | None] = [0] * len(cube.additive) + [None] * len(cube.exact)
    return [[fill] * length for fill in fills]


def _without_repetition(series: Mapping[str, Any]) -> Json:
    """Crawlers are rare: a series that is the same without them is written once."""
    return {
        key: arrays
        for key, arrays in series.items()
        if not key.startswith(f"{HUMAN}|") or series.get(ALL + key[len(HUMAN) :]) != arrays
    }
