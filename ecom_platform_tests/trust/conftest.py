"""Fixtures of the trust tests: a lake under attack, and the command as a person starts it.

Belongs here: fixtures. Not here: what attacks, what watches.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ecom_platform.engines.sail import sail_address
from ecom_platform.settings import Settings
from ecom_platform_tests.cli.conftest import ecom
from ecom_platform_tests.trust.campaign import Campaign

__all__ = ["campaign", "ecom"]


@pytest.fixture
def campaign(tmp_path: Path, settings: Settings) -> Iterator[Campaign]:
    found = Campaign(tmp_path, settings, sail_address())
    yield found
    found.platform.lake.catalog.close()
    found.twin.lake.catalog.close()
