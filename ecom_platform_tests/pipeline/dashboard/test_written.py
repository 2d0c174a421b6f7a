"""Where the page is written: beside the tables, whether they lie in a folder or in a bucket."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecom_platform.checks.marts import incomplete_dates
from ecom_platform.pipeline.dashboard import build_dashboard, is_current, write_dashboard
from ecom_platform_tests.dashboard_in_small import NOW, day, publish_facts, record
from ecom_platform_tests.s3_in_small import everywhere

if TYPE_CHECKING:
    from pathlib import Path

    from ecom_platform.lake.lake import Lake


@everywhere
def test_the_page_lies_beside_the_tables(lake: Lake, tmp_path: Path) -> None:
    publish_facts(lake, 2)
    dashboard = build_dashboard(lake, NOW, incomplete_dates)
    path = write_dashboard(dashboard, lake)
    assert path == f"{lake.settings.lake_name}/dashboard/index.html"
    lake.storage.download(path, tmp_path / "copy.html")
    assert (tmp_path / "copy.html").read_text(encoding="utf-8") == dashboard.html


def test_a_page_knows_whether_it_still_says_what_is_published(lake: Lake) -> None:
    publish_facts(lake, 2)
    assert not is_current(lake, NOW, incomplete_dates)
    write_dashboard(build_dashboard(lake, NOW, incomplete_dates), lake)
    assert is_current(lake, NOW, incomplete_dates)
    # A day that was not over and is now, without anything having been published.
    assert not is_current(lake, NOW, lambda *_: {day(1): "the day is not over"})
    record(lake, "mart_sales", day(0), 1, {})
    assert not is_current(lake, NOW, incomplete_dates)
