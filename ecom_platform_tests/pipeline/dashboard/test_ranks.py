"""Ranks on the page: those that hold, whatever was left out of it."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ecom_platform.pipeline.dashboard.scope import MOST_VALUES
from ecom_platform_tests.dashboard_in_small import (
    Looked,
    day,
    looking,
    publish_facts,
    publish_rows,
    written,
)

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from ecom_platform.lake.lake import Lake
    from ecom_platform_tests.samples import Row


def test_only_places_that_hold_are_ranked(
    lake: Lake, tmp_path: Path, chromium: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(MOST_VALUES, "brand", 2)
    publish_facts(lake, 2)
    sold = {("a", 0): 90, ("b", 0): 60, ("c", 0): 1, ("a", 1): 30, ("b", 1): 5, ("c", 1): 40}
    rows = [sale(number, usd, "brand", brand) for (brand, number), usd in sold.items()]
    publish_rows(lake, "mart_sales", [*rows, sale(0, 151, "all", "all"), sale(1, 75, "all", "all")])
    with looking(chromium) as looked:
        looked.open(written(lake, tmp_path), "sales")
        assert brands(looked) == [("a", "1", "$120.00"), ("b", "2", "$65.00"), others("$41.00")]
        # On the second day `c`, which is not on the page, sold more than either.
        looked.page.fill("#from", day(1).isoformat())
        assert brands(looked) == [others("$75.00")]


def sale(number: int, usd: int, breakdown: str, value: str) -> Row:
    money = Decimal(usd).quantize(Decimal("0.01"))
    told = {"breakdown": breakdown, "breakdown_value": value, "revenue_usd": money}
    return {"event_date": day(number), **told}


def others(usd: str) -> tuple[str, str, str]:
    return ("all others together", "–", usd)


def brands(looked: Looked) -> list[tuple[str, ...]]:
    """The table of brands: name, rank, revenue."""
    rows = looked.page.locator("[aria-label=Brands] tbody tr").all()
    cells = [row.locator("th, td").all_inner_texts() for row in rows]
    return [(name, rank, revenue) for name, rank, _, revenue, *_ in cells]
