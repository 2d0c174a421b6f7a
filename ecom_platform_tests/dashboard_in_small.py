"""A dashboard in small: published rows of any table without an engine, and a browser to look.

Belongs here: publishing by hand, opening a page. Not here: what a page should say.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from pyiceberg.expressions import AlwaysTrue, EqualTo

from ecom_platform.checks.marts import incomplete_dates
from ecom_platform.contracts import TABLES
from ecom_platform.lake.publications import Publication
from ecom_platform.lake.table import Snapshot
from ecom_platform.pipeline.dashboard import build_dashboard, write_dashboard
from ecom_platform_tests.contracts.good_rows import GOOD, GOOD_IN
from ecom_platform_tests.lake.staged import write_file
from ecom_platform_tests.samples import DAY, Row

if TYPE_CHECKING:
    from ecom_platform.lake.lake import Lake

FACT = "fact_user_events"
FIRST = DAY
# The page of a lake whose dates have all ended long ago.
NOW = dt.datetime(2020, 6, 1, tzinfo=dt.UTC)
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def day(number: int) -> dt.date:
    """The day with a number, from 0."""
    return FIRST + dt.timedelta(days=number)


def publish_rows(lake: Lake, table: str, rows: Iterable[Row], **measures: int) -> None:
    """Publish rows of a table, date by date, each as its difference from a good row."""
    contract = TABLES[table]
    by_date: dict[Any, list[Row]] = {}
    for row in rows:
        full = {**GOOD, **GOOD_IN.get(table, {}), **row}
        named = {name: full[name] for name in contract.column_names}
        by_date.setdefault(named["event_date"] if contract.partition_by else None, []).append(named)
    for date, of_date in by_date.items():
        stage = lake.stage(table)
        written = pa.Table.from_pylist(of_date, schema=contract.arrow_schema)
        write_file(stage, "rows.parquet", written)
        version = lake.table(table)
        where = EqualTo("event_date", date.isoformat()) if date else AlwaysTrue()
        version.commit(
            remove=version.files(where=where),
            add=stage.collect().uris,
            replaces=where,
            properties={"ecom.run_id": "run-1"},
        )
        record(lake, table, date or FIRST, len(of_date), measures)


def record(lake: Lake, table: str, date: dt.date, rows: int, measures: Mapping[str, int]) -> None:
    """Record a date as published."""
    publication = Publication(table, date, None, {0: "f"}, rows, 1, measures, Snapshot(1, 1))
    lake.publications.record([publication], "run-1")


def publish_facts(lake: Lake, days: int, lost_on: int | None = None) -> None:
    """Days of the fact of which the record says that they hold 20,000 events.

    Args:
        lake: the lake.
        days: how many.
        lost_on: the day on which nearly all purchases were lost.
    """
    publish_rows(lake, FACT, [{"event_date": day(0)}])
    for number in range(days):
        bought = 2 if number == lost_on else 400
        counts = {"event_type_view": 19_000, "event_type_cart": 600, "event_type_purchase": bought}
        counts["event_type_remove_from_cart"] = 0
        record(lake, FACT, day(number), 20_000, counts)


def steps(number: int, sessions: int, bought: int, **row: object) -> Row:
    """A row of mart_funnel: sessions that all viewed, a tenth of which carted."""
    carted = sessions // 10
    return {
        "event_date": day(number),
        "unit_count": sessions,
        "viewed_count": sessions,
        "carted_count": carted,
        "purchased_count": bought,
        "loose_cart_count": carted,
        "strict_cart_count": carted,
        **row,
    }


def written(lake: Lake, folder: Path) -> Path:
    """Write the page into a folder."""
    return Path(write_dashboard(build_dashboard(lake, NOW, incomplete_dates), lake, folder))


@dataclass
class Looked:
    """A page in a browser, and what it complained of or asked for."""

    page: Any
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def open(self, path: Path, section: str = "overview") -> None:
        """Open a section of the page, and wait until its charts are drawn."""
        self.page.goto("about:blank")
        self.page.goto(f"{path.as_uri()}#{section}")
        self.drawn()

    def drawn(self) -> None:
        """Wait until nothing is left to draw."""
        self.page.wait_for_function(
            "document.documentElement.dataset.drawn === document.documentElement.dataset.asked",
            timeout=60_000,
        )

    def tile(self, metric: str) -> float:
        """The number that a tile shows, with all its digits."""
        return float(self.page.get_attribute(f"[data-metric={metric}]", "data-value"))

    def text(self, selector: str = "main") -> str:
        """The text of an element."""
        return str(self.page.inner_text(selector))


@contextmanager
def browser() -> Iterator[Any]:
    """A headless Chromium; the test is skipped where there is none."""
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="playwright is not installed: pip install -e '.[test]'"
    )
    found = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if found is None:
        pytest.skip(f"no Chromium here: none of {', '.join(_BROWSERS)} is on the PATH")
    with playwright.sync_playwright() as running:
        # As root, and in containers, Chromium cannot make its own sandbox.
        opened = running.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield opened
        opened.close()


@contextmanager
def looking(chromium: Any, width: int = 1400, scheme: str = "light") -> Iterator[Looked]:
    """A fresh tab that notes errors of the page and requests that leave it."""
    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    looked = Looked(context.new_page())
    looked.page.on("console", lambda said: _note(looked, said))
    looked.page.on("pageerror", lambda fault: looked.complaints.append(str(fault)))
    looked.page.on("request", lambda asked: looked.requests.append(asked.url))
    yield looked
    context.close()


def _note(looked: Looked, said: Any) -> None:
    if said.type in ("error", "warning"):
        looked.complaints.append(said.text)
