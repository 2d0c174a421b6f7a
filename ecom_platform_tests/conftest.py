"""Fixtures that tests of several rooms share: an engine, a lake, its landing area.

Belongs here: fixtures. Not here: sample rows (samples.py), what a platform can do in small.
"""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ecom_platform.engines.session import open_session
from ecom_platform.lake.lake import Lake
from ecom_platform.landing.objects import FolderStore
from ecom_platform.pipeline.slice_build import Workplace
from ecom_platform.settings import Settings, load_settings
from ecom_platform_tests.platform_in_small import Drop, SmallPlatform

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

ROOT = Path(__file__).resolve().parents[1]


def pytest_configure(config: pytest.Config) -> None:
    """Range runs rest on features that Dagster marks as beta; once is enough to say so."""
    for category in ("BetaWarning", "PreviewWarning"):
        config.addinivalue_line("filterwarnings", f"ignore::dagster.{category}")


@pytest.fixture(scope="session")
def spark() -> SparkSession:
    """One engine for all tests of a process."""
    return open_session("sail")


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A lake of its own for every test, whatever the developer's environment chooses."""
    for variable in [name for name in os.environ if name.startswith("ECOM_")]:
        monkeypatch.delenv(variable)
    return load_settings(
        lake=str(tmp_path / "lake"), start_date=dt.date(2019, 10, 1), _env_file=None
    )


@pytest.fixture
def lake(settings: Settings) -> Lake:
    return Lake(settings)


@pytest.fixture
def store(settings: Settings) -> FolderStore:
    return FolderStore(settings.landing_path)


@pytest.fixture
def work(lake: Lake, spark: SparkSession) -> Workplace:
    return Workplace(lake, lambda: spark, "run-1")


@pytest.fixture
def drop(settings: Settings) -> Drop:
    """Writes CSV objects into landing: `drop("a.csv", {}, {"price": "1.00"})`."""
    return Drop(settings.landing_path)


@pytest.fixture
def platform(lake: Lake, store: FolderStore, work: Workplace, drop: Drop) -> SmallPlatform:
    return SmallPlatform(lake, store, work, drop)


@pytest.fixture(scope="session")
def real_rows() -> Path:
    """The first rows of the real data set, which are not ours to keep in the repository."""
    path = ROOT.parent / "shared" / "data" / "rees46_2019-10_first_17k.csv"
    if not path.is_file():
        pytest.skip("the real rows are not here: shared/data beside the repository holds them")
    return path
