"""Clients: boto3, pyarrow and the engine find the same keys and the same store, and no other."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ecom_platform.s3.client import new_client
from ecom_platform_tests.samples import at

if TYPE_CHECKING:
    from ecom_platform_tests.platform_in_small import SmallPlatform
    from ecom_platform_tests.s3_in_small import Bucket

pytestmark = pytest.mark.s3

NOWHERE = "http://127.0.0.1:9"
GetPlatform = Callable[[], "SmallPlatform"]


@pytest.fixture
def started(request: pytest.FixtureRequest) -> GetPlatform:
    """A platform that begins when the test has changed the environment."""
    return lambda: request.getfixturevalue("platform")


def assert_works(platform: SmallPlatform) -> None:
    """A run reaches the store by every client: boto3's, pyarrow's and the engine's."""
    platform.drop("a.csv", at(1), at(2))
    platform.run()
    assert len(platform.rows("fact_user_events")) == 2


@pytest.fixture
def profile(bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The keys are in no variable; a profile of the AWS tools is all that is named. Its file."""
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"):
        monkeypatch.delenv(variable)
    monkeypatch.setenv("AWS_PROFILE", "shop")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    return tmp_path / "config"


@pytest.mark.parametrize("place", ["s3"], indirect=True)
def test_a_profile_of_the_aws_tools_is_enough_for_every_client(
    bucket: Bucket, profile: Path, place: str, started: GetPlatform
) -> None:
    keys = bucket.server
    profile.write_text(
        f"[profile shop]\nregion = eu-central-1\naws_access_key_id = {keys.access_key}\n"
        f"aws_secret_access_key = {keys.secret_key}\nendpoint_url = {NOWHERE}\n"
    )
    platform = started()
    assert_works(platform)
    assert platform.lake.s3.region == "eu-central-1"


@pytest.mark.parametrize("place", ["s3"], indirect=True)
def test_keys_that_a_program_gives_for_a_while_are_enough_for_every_client_and_are_renewed(
    bucket: Bucket, profile: Path, place: str, started: GetPlatform, tmp_path: Path
) -> None:
    answer = {
        "Version": 1,
        "AccessKeyId": bucket.server.access_key,
        "SecretAccessKey": bucket.server.secret_key,
        "Expiration": (dt.datetime.now(tz=dt.UTC) + dt.timedelta(minutes=5)).isoformat(),
    }
    (tmp_path / "keys.json").write_text(json.dumps(answer))
    program = tmp_path / "keys.sh"
    program.write_text(f"echo . >> '{tmp_path}/asked'\ncat '{tmp_path}/keys.json'\n")
    profile.write_text(f"[profile shop]\ncredential_process = sh {program}\n")
    assert_works(started())
    # Three clients; boto3 takes new keys before each request when the old ones are short of time.
    assert len((tmp_path / "asked").read_text().splitlines()) > 10


@pytest.mark.parametrize("place", ["s3"], indirect=True)
def test_the_address_for_s3_alone_leads_every_client_there(
    bucket: Bucket, place: str, started: GetPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", bucket.server.endpoint)
    monkeypatch.setenv("AWS_ENDPOINT_URL", NOWHERE)
    assert_works(started())


def test_an_address_that_only_boto3_would_find_counts_for_no_client(profile: Path) -> None:
    profile.write_text(f"[profile shop]\nendpoint_url = {NOWHERE}\n")
    assert new_client(None, "eu-central-1").meta.endpoint_url.endswith(".amazonaws.com")
