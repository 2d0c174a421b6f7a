"""Building the page: template, style, scripts and numbers put into one file.

Belongs here: how the parts become HTML, and where it is written. Not here: which numbers.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from ecom_platform.contracts.model import FACT_USER_EVENTS
from ecom_platform.pipeline.dashboard.collect import CheckResult, Incomplete, collect
from ecom_platform.pipeline.dashboard.place import (
    RECORDS,
    is_written_from,
    part,
    write_page,
    written_from,
)

if TYPE_CHECKING:
    from pathlib import Path

    from ecom_platform.lake.lake import Lake

_SCRIPTS = (
    "numbers.js",
    "parts.js",
    "charts.js",
    "sections_shop.js",
    "sections_funnel.js",
    "sections_sessions.js",
    "sections_sales.js",
    "sections_people_and_data.js",
    "sections_profile.js",
    "app.js",
)
# What would end a script, or begin a comment in one, whatever the data say.
_UNSAFE = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


@dataclass(frozen=True)
class Dashboard:
    """A page.

    Attributes:
        html: all of it.
        dates: the days that it shows.
        incomplete: those that are marked as incomplete, with the reason.
        missing: the marts that it has a section for, but that are not published.
    """

    html: str
    dates: Sequence[dt.date]
    incomplete: Mapping[str, str]
    missing: Sequence[str]


def build_dashboard(
    lake: Lake,
    now: dt.datetime,
    incomplete: Incomplete,
    checks: Sequence[CheckResult] | None = None,
) -> Dashboard:
    """Build the page from what is published now.

    Args:
        lake: what is published.
        now: when that is.
        incomplete: tells which dates are incomplete.
        checks: the last result of each check; None if nobody kept them.
    """
    page = collect(lake, now, incomplete, checks)
    return Dashboard(
        html=render(page),
        dates=[dt.date.fromisoformat(date) for date in page["dates"]],
        incomplete=page.get("incomplete", {}),
        missing=[name for name in _wanted() if not page["tables"].get(name, {}).get("row_count")],
    )


def render(page: Mapping[str, Any]) -> str:
    """The page as HTML: nothing in it can be taken for markup, and it asks for no other file."""
    parts = {
        "style": part("page.css"),
        "data": as_json(page),
        "library": charting_library(),
        "script": _script(),
        "written_from": str(page.get("written_from", "")),
    }
    # In one pass: what looks like a place to fill in, and is data, stays as it is.
    places = r"@(style|data|library|script|written_from)@"
    return re.sub(places, lambda found: parts[found[1]], part("page.html"))


def as_json(page: Mapping[str, Any]) -> str:
    """JSON that is safe inside a script element."""
    text = json.dumps(page, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return "".join(_UNSAFE.get(character, character) for character in text)


def write_dashboard(dashboard: Dashboard, lake: Lake, folder: Path | None = None) -> str:
    """Write a page beside the tables, or into a folder of this machine; where it lies."""
    return write_page(dashboard.html, lake, folder)


def is_current(lake: Lake, now: dt.datetime, incomplete: Incomplete) -> bool:
    """Whether the page beside the tables says what is published; what checks say may differ.

    Args:
        lake: a lake in which something is published.
        now: when that is.
        incomplete: tells which dates are incomplete.
    """
    facts = lake.publications.published(FACT_USER_EVENTS.name)
    records = {name: lake.table(name) for name in RECORDS}
    return is_written_from(lake, written_from(records, incomplete(lake, facts, now)))


@cache
def charting_library() -> str:
    """Vega, Vega-Lite and Vega-Embed as one script, which ships in the package vl-convert."""
    # Here, and not above: it takes a second, and 80 MB of memory.
    import vl_convert

    return str(vl_convert.javascript_bundle())  # type: ignore[call-arg]  # its stub asks for more


def _script() -> str:
    """Our scripts as one, with names of their own: the library's are global."""
    parts = "\n".join(part(name) for name in _SCRIPTS)
    return f'(() => {{\n"use strict";\n{parts}\n}})();'


def _wanted() -> list[str]:
    from ecom_platform.pipeline.dashboard.cubes import CUBES

    tables = [cube.table for cube in CUBES.values()]
    return list(dict.fromkeys([*tables, "mart_products", "mart_users", "mart_cohorts"]))
