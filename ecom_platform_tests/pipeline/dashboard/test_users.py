"""The section about users: groups as of the marts' date, and never a user by name."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from ecom_platform.lake.lake import Lake
from ecom_platform.settings import load_settings
from ecom_platform_tests.dashboard_in_small import looking, publish_facts, publish_rows, written

if TYPE_CHECKING:
    from pathlib import Path

    from ecom_platform_tests.dashboard_in_small import Looked
    from ecom_platform_tests.samples import Row

FIFTHS = "What the fifths of the buyers paid"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two buyers who paid most, one of them crawler-like, one who paid least, and a visitor."""
    folder = tmp_path_factory.mktemp("users")
    lake = Lake(load_settings(lake=str(folder), minimum_rows=10_000, _env_file=None))
    publish_facts(lake, 8)
    users = [
        buyer(700_123_456_001, 5, "99.50"),
        {**buyer(700_123_456_002, 5, "50.25"), "is_crawler_like": True},
        buyer(700_123_456_003, 1, "3.00"),
        {"user_id": 700_123_456_004},
    ]
    publish_rows(lake, "mart_users", users)
    return written(lake, folder / "page")


def buyer(user_id: int, score: int, paid: str) -> Row:
    scores = dict.fromkeys(("recency_score", "frequency_score", "monetary_score"), score)
    counts = {"purchase_count": 1, "order_count": 1, "purchase_recency_days": 0}
    return {"user_id": user_id, "revenue_usd": Decimal(paid), **counts, **scores}


def test_fifths_of_the_buyers_add_up_to_what_was_paid(page: Path, chromium: Any) -> None:
    with looking(chromium) as looked:
        looked.open(page, "users")
        assert fifths(looked) == [["1", "1", "$3.00"], ["5", "2", "$149.75"]]
        looked.page.select_option("#traffic", value="human")
        looked.drawn()
        assert fifths(looked) == [["1", "1", "$3.00"], ["5", "1", "$99.50"]]
        assert not looked.complaints


def test_no_user_is_named(page: Path) -> None:
    assert "700123456" not in page.read_text()


def fifths(looked: Looked) -> list[list[str]]:
    rows = looked.page.locator(f"section[aria-label='{FIFTHS}'] details tbody tr").all()
    return [row.locator("th, td").all_text_contents() for row in rows]
