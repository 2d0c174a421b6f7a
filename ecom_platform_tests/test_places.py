"""Places: which addresses of a store are safe enough to be sent data and signatures."""

from __future__ import annotations

import os

import pytest

from ecom_platform.errors import SettingsError
from ecom_platform.places import S3Location
from ecom_platform.settings import load_settings

VARIABLES = ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3")
IN_A_BUCKET = {"lake": "s3://shop/lake", "_env_file": None}


@pytest.fixture(autouse=True)
def _nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in [name for name in os.environ if name.startswith(("AWS_", "ECOM_"))]:
        monkeypatch.delenv(variable)


@pytest.mark.parametrize("variable", VARIABLES)
@pytest.mark.parametrize(
    ("endpoint", "fault"),
    [
        ("http://minio.example.com:9000", "is not encrypted; use https"),
        ("http://10.0.0.7:9000", "is not encrypted; use https"),
        ("http://localhost.example.com", "is not encrypted; use https"),
        ("http://127.example.com", "is not encrypted; use https"),
        ("http://0.0.0.0:9000", "is not encrypted; use https"),
        ("minio:9000", "write it as https://host:port"),
        ("ftp://localhost", "write it as https://host:port"),
        ("https://", "write it as https://host:port"),
        ("https://ann:geheim@minio.example.com", "holds a password; credentials belong elsewhere"),
    ],
)
def test_an_address_that_is_not_safe_is_refused(
    monkeypatch: pytest.MonkeyPatch, variable: str, endpoint: str, fault: str
) -> None:
    monkeypatch.setenv(variable, endpoint)
    with pytest.raises(SettingsError, match=fault) as refused:
        load_settings(**IN_A_BUCKET)
    assert "\n" not in str(refused.value)
    assert "geheim" not in str(refused.value)


@pytest.mark.parametrize(
    ("endpoint", "is_local"),
    [
        ("https://minio.example.com:9000", False),
        ("https://10.0.0.7", False),
        ("https://localhost:9000", True),
        ("http://localhost:9000", True),
        ("http://127.0.0.1:9000", True),
        ("http://127.1.2.3", True),
        ("http://[::1]:9000", True),
        ("http://s3.localhost:9000", True),
    ],
)
def test_encryption_is_asked_for_unless_the_store_is_on_this_machine(
    monkeypatch: pytest.MonkeyPatch, endpoint: str, is_local: bool
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    assert load_settings(**IN_A_BUCKET).s3 == S3Location("shop", "lake", endpoint)
    assert S3Location("shop", "lake", endpoint).is_local == is_local


def test_the_address_for_s3_wins_over_the_general_one_and_a_folder_needs_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://anywhere.example.com")
    assert load_settings(lake="./lake", _env_file=None).s3 is None
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "https://store.example.com")
    assert load_settings(**IN_A_BUCKET).s3 == S3Location(
        "shop", "lake", "https://store.example.com"
    )
