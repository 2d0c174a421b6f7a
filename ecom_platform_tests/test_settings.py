"""Settings: read once, checked at once, and wrong ones told in one line."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from ecom_platform.errors import SettingsError
from ecom_platform.settings import Settings, load_settings


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without `.env`, and an environment without choices."""
    for variable in [name for name in os.environ if name.startswith("ECOM_")]:
        monkeypatch.delenv(variable)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_nothing_needs_to_be_set(elsewhere: Path) -> None:
    settings = load_settings()
    assert settings.lake_path == elsewhere / "lake"
    assert settings.landing_path == elsewhere / "lake" / "landing"
    assert settings.catalog_uri == f"sqlite:///{elsewhere}/lake/catalog.db"
    assert (settings.engine, settings.start_date) == ("sail", dt.date(2019, 10, 1))


def test_the_environment_wins_over_dotenv_and_arguments_over_both(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (elsewhere / ".env").write_text("ECOM_LAKE=from-dotenv\nECOM_START_DATE=2020-01-01\nOTHER=1\n")
    assert load_settings().lake == "from-dotenv"
    monkeypatch.setenv("ECOM_LAKE", "from-environment")
    assert load_settings().lake == "from-environment"
    assert load_settings().start_date == dt.date(2020, 1, 1)
    assert load_settings(lake="from-argument").lake == "from-argument"


def test_a_home_is_spelled_out(monkeypatch: pytest.MonkeyPatch, elsewhere: Path) -> None:
    monkeypatch.setenv("HOME", str(elsewhere))
    assert load_settings(lake="~/lake").lake_path == elsewhere / "lake"


def test_settings_do_not_change_after_they_were_read() -> None:
    settings = load_settings()
    with pytest.raises(ValidationError, match="frozen"):
        settings.lake = "other"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("variable", "value", "fault"),
    [
        ("ECOM_ENGINE", "duckdb", "ECOM_ENGINE='duckdb': Input should be 'sail', 'local' or"),
        ("ECOM_START_DATE", "2020-02-30", "ECOM_START_DATE='2020-02-30': Input should be a valid"),
        ("ECOM_START_DATE", "2999-01-01", "ECOM_START_DATE='2999-01-01': 2999-01-01 lies in the"),
        ("ECOM_LAKE", " ", "ECOM_LAKE=' ': name a folder"),
        ("ECOM_LAKE", "gs://bucket", "ECOM_LAKE='gs://bucket': 'gs://bucket' is neither a folder"),
        ("ECOM_LAKE", "s3://My_Bucket", "ECOM_LAKE='s3://My_Bucket': 'My_Bucket' is no name of"),
        ("ECOM_LAKE", "s3://bucket/a*", "ECOM_LAKE='s3://bucket/a*': the prefix 'a*' holds what"),
        ("ECOM_LAKE", "s3://bucket//a", "ECOM_LAKE='s3://bucket//a': the prefix '/a' holds what"),
        ("ECOM_MAX_LINE_BYTES", "10", "ECOM_MAX_LINE_BYTES='10': Input should be greater"),
        ("ECOM_MAX_LINE_BYTES", "many", "ECOM_MAX_LINE_BYTES='many': Input should be a valid int"),
        ("ECOM_ENGINE", "connect", "engine connect needs ECOM_SPARK_REMOTE"),
    ],
)
def test_a_wrong_value_is_one_line_that_names_its_variable(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, fault: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert str(caught.value).startswith(fault)
    assert "\n" not in str(caught.value)


def test_a_token_in_the_address_of_spark_is_refused_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ECOM_ENGINE", "connect")
    monkeypatch.setenv("ECOM_SPARK_REMOTE", "sc://spark:15002/;use_ssl=true;token=s3cret")
    with pytest.raises(SettingsError, match="SPARK_CONNECT_AUTHENTICATE_TOKEN") as caught:
        load_settings()
    assert "s3cret" not in str(caught.value)


def test_several_faults_are_all_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECOM_ENGINE", "x")
    monkeypatch.setenv("ECOM_MAX_LINE_BYTES", "x")
    with pytest.raises(SettingsError, match=r"ECOM_ENGINE='x'.*; ECOM_MAX_LINE_BYTES='x'"):
        load_settings()


def test_every_setting_says_what_it_is() -> None:
    assert all(field.description for field in Settings.model_fields.values())
