"""Fixtures of the trust tests: a lake under attack, and the command as a person starts it.

Belongs here: fixtures. Not here: what attacks, what watches.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ecom_platform.engines.sail import sail_address
from ecom_platform_tests.cli.conftest import ecom
from ecom_platform_tests.trust.campaign import Campaign
from ecom_platform_tests.trust.generations import NOW
from ecom_platform_tests.trust.victims import Task

__all__ = ["campaign", "ecom"]


@pytest.fixture
def campaign(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Campaign]:
    """With the marts in tests that take their time."""
    takes_its_time = request.node.get_closest_marker("slow") is not None
    found = Campaign(tmp_path, sail_address(), Task(NOW, marts=takes_its_time))
    yield found
    found.platform.lake.catalog.close()
    found.twin.lake.catalog.close()
