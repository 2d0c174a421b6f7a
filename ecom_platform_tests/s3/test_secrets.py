"""Secrets: keys and passwords are in nothing that a run leaves behind or the interface shows."""

from __future__ import annotations

import io
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg
import pyarrow.parquet as pq
import pytest
from dagster._core.remote_representation.external_data import RepositorySnap

from ecom_platform.definitions import build_defs
from ecom_platform.resources.s3 import PatientS3Resource
from ecom_platform.settings import load_settings
from ecom_platform_tests.samples import DAY, at

if TYPE_CHECKING:
    from ecom_platform.settings import Settings
    from ecom_platform_tests.cli.conftest import Ecom
    from ecom_platform_tests.platform_in_small import SmallPlatform
    from ecom_platform_tests.s3_in_small import Bucket

pytestmark = [pytest.mark.s3, pytest.mark.parametrize("place", ["s3"], indirect=True)]

WRONG = "not-the-key-but-just-as-secret"


def shown_by_the_interface(defs: dg.Definitions) -> str:
    """All that a code location tells the web server: assets, jobs, resources, configuration."""
    return dg.serialize_value(RepositorySnap.from_def(defs.get_repository_def()))


def hourly_run(settings: Settings, instance: dg.DagsterInstance) -> bool:
    """Run the main job; whether it succeeded."""
    job = build_defs(settings).resolve_job_def("events_hourly_job")
    return job.execute_in_process(
        partition_key=str(DAY), instance=instance, raise_on_error=False
    ).success


def left_in(folder: Path) -> Iterator[str]:
    """What files of this machine hold: text as it is, databases cell by cell."""
    for file in folder.rglob("*"):
        if not file.is_file():
            continue
        content = file.read_bytes()
        yield content.decode(errors="replace")
        if content.startswith(b"SQLite format 3"):
            yield from cells(file)


def cells(database: Path) -> Iterator[str]:
    with closing(sqlite3.connect(database)) as opened:
        tables = opened.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            for row in opened.execute(f'SELECT * FROM "{table}"'):  # its own names
                yield from (unpacked(value) for value in row)


def unpacked(value: object) -> str:
    """A cell as text; Dagster packs what it knows of a job."""
    if not isinstance(value, bytes):
        return str(value)
    try:
        return zlib.decompress(value).decode()
    except zlib.error:
        return value.decode(errors="replace")


def left_in_bucket(bucket: Bucket) -> Iterator[str]:
    """What the lake's objects hold: metadata as it is, tables row by row."""
    client = bucket.client
    for key in bucket.listed():
        found = client.get_object(Bucket=bucket.name, Key=f"{bucket.prefix}/{key}")
        content = found["Body"].read()
        yield content.decode(errors="replace")
        if key.endswith(".parquet"):
            yield str(pq.read_table(io.BytesIO(content)).to_pylist())


def test_no_run_leaves_a_secret_anywhere(
    home: Path,
    ecom: Ecom,
    platform: SmallPlatform,
    settings: Settings,
    bucket: Bucket,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    platform.drop("a.csv", at(1), at(2), "no event")
    said = [ecom("doctor", "--quick")]
    with dg.DagsterInstance.from_config(str(home)) as instance:
        assert hourly_run(settings, instance)
        said += [ecom("status"), ecom("trace", "events/a.csv")]
        with monkeypatch.context() as wrong:
            wrong.setenv("AWS_SECRET_ACCESS_KEY", WRONG)
            assert not hourly_run(settings, instance)
            said += [ecom("status"), ecom("run")]
    assert [ended.code for ended in said][1:] == [0, 0, 1, 1]
    here = "".join([*left_in(home), *(ended.out + ended.err for ended in said)])
    there = "".join(left_in_bucket(bucket))
    # Events, packed descriptions of jobs, and rows of tables were all read.
    for seen in ("STEP_FAILURE", "the AWS credentials are refused", "ResourceDefSnap", bucket.name):
        assert seen in here
    assert "events/a.csv" in there
    assert bucket.name in there
    for secret in (bucket.server.secret_key, WRONG, bucket.server.access_key):
        assert secret not in here
        assert secret not in there


def test_the_interface_is_told_no_secret(bucket: Bucket, place: str) -> None:
    secrets = {
        "catalog": "postgresql+psycopg://ann:geheim-1@127.0.0.1/catalog",
        "oltp_url": "postgresql://ann:geheim-2@127.0.0.1/shop",
        "profile_key": "geheim-3",
    }
    settings = load_settings(lake=bucket.lake, _env_file=None, **secrets)
    defs = build_defs(settings)
    told = shown_by_the_interface(defs)
    assert bucket.server.endpoint in told, "the interface shows how resources are configured"
    told += str(settings) + settings.model_dump_json() + str(defs.resources)
    for secret in ("geheim", bucket.server.secret_key, bucket.server.access_key):
        assert secret not in told
    # It would show one that is configured, and the test would find it.
    careless = PatientS3Resource(aws_secret_access_key="geheim-4")
    assert "geheim-4" in shown_by_the_interface(dg.Definitions(resources={"s3": careless}))
