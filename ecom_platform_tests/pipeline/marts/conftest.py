"""Fixtures of the tests of marts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ecom_platform_tests.pipeline.marts.growing import DATES, run, visits

if TYPE_CHECKING:
    from ecom_platform_tests.platform_in_small import SmallPlatform


@pytest.fixture
def grown(platform: SmallPlatform) -> SmallPlatform:
    """A lake of a date, with the next in landing."""
    platform.drop("0.csv", *visits(0, DATES[0]))
    run(platform)
    platform.drop("1.csv", *visits(1, DATES[1]))
    return platform
