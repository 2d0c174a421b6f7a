"""A shop whose files land in a test's lake."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ecom_platform_tests.shop_in_small import SmallShop

if TYPE_CHECKING:
    from ecom_platform_tests.platform_in_small import SmallPlatform


@pytest.fixture
def shop(platform: SmallPlatform) -> SmallShop:
    return SmallShop(platform)
