"""A browser for the tests of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ecom_platform_tests.dashboard_in_small import browser

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with browser() as opened:
        yield opened
