"""Catalogs that several machines share, PostgreSQL and Glue: as good as SQLite on one machine."""

from __future__ import annotations

import datetime as dt
import json
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.request import Request, urlopen

import pytest
from moto.server import ThreadedMotoServer
from sqlalchemy.engine import make_url

from ecom_platform.engines.sail import sail_address
from ecom_platform.errors import LakeUnavailable, PublishConflict
from ecom_platform.lake.lake import Lake
from ecom_platform.pipeline.rollback import release
from ecom_platform.settings import Settings, load_settings
from ecom_platform_tests.lake.publishing import TABLE, on
from ecom_platform_tests.lake.staged import stage_rows
from ecom_platform_tests.rollback_in_small import back, two_versions, versions
from ecom_platform_tests.samples import Row
from ecom_platform_tests.trust.campaign import Campaign
from ecom_platform_tests.trust.leftovers import assert_maintenance_leaves_nothing
from ecom_platform_tests.upkeep_in_small import CLEAN, FACT

if TYPE_CHECKING:
    from ecom_platform_tests.cli.conftest import Ecom
    from ecom_platform_tests.oltp.conftest import NewDatabase
    from ecom_platform_tests.platform_in_small import SmallPlatform
    from ecom_platform_tests.s3_in_small import Bucket

pytestmark = pytest.mark.s3


@pytest.fixture(params=["postgresql", "glue"])
def catalog(request: pytest.FixtureRequest, bucket: Bucket) -> str:
    """A catalog of its own, as ECOM_CATALOG names it."""
    return str(request.getfixturevalue(f"in_{request.param}"))


@pytest.fixture
def in_postgresql(new_database: NewDatabase) -> str:
    return new_database("template0").replace("postgresql://", "postgresql+psycopg://")


@pytest.fixture
def in_glue(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A stand-in of Glue; the bucket stays where it is."""
    glue = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    glue.start()
    host, port = glue.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL_GLUE", f"http://{host}:{port}")
    yield "glue"
    # What it holds belongs to the process.
    urlopen(Request(f"http://{host}:{port}/moto-api/reset", method="POST")).close()
    glue.stop()


@pytest.fixture
def settings(
    bucket: Bucket, catalog: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    """A lake in a bucket with a shared catalog."""
    for variable in [name for name in os.environ if name.startswith("ECOM_")]:
        monkeypatch.delenv(variable)
    # Commands read it from where a person puts it.
    monkeypatch.setenv("ECOM_CATALOG", catalog)
    return load_settings(
        lake=bucket.lake,
        state=str(tmp_path / "state"),
        start_date=dt.date(2019, 10, 1),
        _env_file=None,
    )


def test_what_is_published_is_read_put_back_and_maintained(
    platform: SmallPlatform, ecom: Ecom, settings: Settings
) -> None:
    before = two_versions(platform)
    assert rows_by_sql(ecom) == [{"rows": 4}]
    assert back(platform, CLEAN, versions(platform, CLEAN)[-2])
    platform.run()
    assert platform.rows(CLEAN) == before[CLEAN]
    assert rows_by_sql(ecom) == [{"rows": 3}]
    assert platform.rows(FACT) == before[FACT]
    release(platform.lake, CLEAN, None)
    platform.run()
    assert rows_by_sql(ecom) == [{"rows": 4}]
    assert_maintenance_leaves_nothing(platform)
    assert rows_by_sql(ecom) == [{"rows": 4}]
    assert not Path(settings.state).exists(), "nothing of the catalog is on this machine"


def rows_by_sql(ecom: Ecom) -> Any:
    ended = ecom("sql", f"SELECT count(*)::int AS rows FROM {FACT}", "--format", "json")
    assert ended.code == 0, ended.err
    return json.loads(ended.out)


def commit(lake: Lake, base: Any, day: int, run: str, **row: Any) -> None:
    difference: Row = {"event_time": dt.datetime(2020, 4, day, 1, tzinfo=dt.UTC), **row}
    base.commit(
        remove=base.files(where=on(day)),
        add=stage_rows(lake, TABLE, difference).uris,
        replaces=on(day),
        properties={"ecom.run_id": run, "ecom.slice": f"2020-04-{day:02d}"},
    )


def test_of_two_writers_of_a_slice_one_gives_way_and_of_two_slices_none(
    settings: Settings,
) -> None:
    here, there = Lake(settings), Lake(settings)
    commit(here, here.table(TABLE), 1, "run-first", event_id=1)
    slow, other = there.table(TABLE), there.table(TABLE)
    commit(here, here.table(TABLE), 1, "run-quick", event_id=2)
    with pytest.raises(PublishConflict) as conflict:
        commit(there, slow, 1, "run-slow", event_id=3)
    assert "run-slow" in str(conflict.value)
    assert "run-quick" in str(conflict.value)
    commit(there, other, 2, "run-other", event_id=4)
    found = here.table(TABLE).iceberg.scan().to_arrow()["event_id"].to_pylist()
    assert sorted(found) == [2, 4]


def test_a_lake_is_refused_to_another_catalog(settings: Settings, tmp_path: Path) -> None:
    Lake(settings).table(TABLE)
    another = load_settings(
        lake=settings.lake, catalog=f"sqlite:///{tmp_path}/another.db", _env_file=None
    )
    with pytest.raises(LakeUnavailable, match="belong to another catalog"):
        Lake(another).table(TABLE)


def test_a_catalog_is_refused_to_another_lake(settings: Settings, bucket: Bucket) -> None:
    Lake(settings).table(TABLE)
    another = load_settings(lake=f"{bucket.lake}-2", _env_file=None)
    with pytest.raises(LakeUnavailable, match="a catalog is for one lake") as refused:
        Lake(another).table(TABLE)
    assert bucket.lake in str(refused.value)
    assert another.catalog_uri not in str(refused.value)


@pytest.mark.slow
def test_runs_at_once_and_kills_leave_nothing_half_done(settings: Settings, tmp_path: Path) -> None:
    campaign = Campaign(tmp_path, settings, sail_address())
    with campaign.watched():
        campaign.next_generation()
        campaign.complete_by_two()
        campaign.kill_often(10, random.Random(7), from_outside=True)
        campaign.next_generation()
        campaign.complete_by_two()
    assert_maintenance_leaves_nothing(campaign.platform)


@pytest.mark.parametrize("catalog", ["a password"], indirect=False)
def test_a_password_of_a_catalog_is_never_told(
    bucket: Bucket, in_postgresql: str, ecom: Ecom, monkeypatch: pytest.MonkeyPatch, catalog: str
) -> None:
    wrong = make_url(in_postgresql).set(password="not-the-password")
    address = wrong.render_as_string(hide_password=False)
    monkeypatch.setenv("ECOM_CATALOG", address)
    told = str(load_settings(lake=bucket.lake, _env_file=None).model_dump_json())
    for command in (("status",), ("doctor", "--quick"), ("run",)):
        ended = ecom(*command)
        assert ended.code == 1
        assert "catalog" in ended.err + ended.out
        assert "Traceback" not in ended.err
        told += ended.out + ended.err
    assert "not-the-password" not in told
