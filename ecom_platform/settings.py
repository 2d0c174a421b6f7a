"""Settings: every choice a deployment makes, typed, read once from the environment and `.env`.

Belongs here: a setting, its default and its check. No other module reads the environment.
"""

from __future__ import annotations

import datetime as dt
import os
from functools import cached_property
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from ecom_platform.errors import SettingsError
from ecom_platform.places import S3_SCHEME, S3Location, require_a_place, require_a_safe_endpoint

Engine = Literal["sail", "local", "connect"]


class Settings(BaseSettings):
    """What a deployment chooses. Variables carry the prefix `ECOM_`, e.g. `ECOM_LAKE`."""

    model_config = SettingsConfigDict(
        env_prefix="ECOM_", env_file=".env", env_file_encoding="utf-8", frozen=True, extra="ignore"
    )

    lake: str = Field(
        "./lake",
        description="Folder of the lake, or s3://bucket/prefix; `landing/events/` lies below it.",
    )
    engine: Engine = Field("sail", description="Spark engine: sail (no Java), local, or connect.")
    spark_remote: str | None = Field(
        None, description="Address of the Spark Connect server, `sc://host:port` (engine connect)."
    )
    catalog: SecretStr | None = Field(
        None,
        description="Iceberg catalog: an SQLAlchemy URI, or glue; default: SQLite in the lake, of "
        "a lake on S3 in the state folder.",
    )
    state: str = Field(
        "./.ecom_state",
        description="Folder for what a lake on S3 keeps on this machine.",
    )
    start_date: dt.date = Field(
        dt.date(2019, 10, 1), description="First event date; earlier events are rejected."
    )
    minimum_rows: int = Field(
        10_000, ge=0, description="Rows that a closed date of the fact has at least (a warning)."
    )
    profile_sample_percent: int = Field(
        0, ge=0, le=50, description="Share of the users that is also profiled on its own; 0: none."
    )
    max_line_bytes: int = Field(
        1 << 20, ge=1024, description="Longest line that is still read as a record, in bytes."
    )

    snapshot_days: int = Field(
        7, ge=1, description="Days for which tables can be read, or put back, as they were."
    )
    unreferenced_hours: int = Field(
        24, ge=1, description="Age in hours at which files that no table mentions are deleted."
    )

    plain_profiles: bool = Field(
        False, description="Store names and addresses of users as they are, not as hashes."
    )
    profile_key: SecretStr | None = Field(
        None, description="Key of these hashes; without one a known address can be looked up."
    )
    oltp_url: SecretStr | None = Field(
        None, description="Address of the shop's database; default: an embedded PostgreSQL."
    )
    oltp_folder: str = Field("./.oltp", description="Folder of the embedded PostgreSQL.")

    @field_validator("lake")
    @classmethod
    def _lake_is_a_place(cls, value: str) -> str:
        require_a_place(value)
        return value

    @field_validator("start_date")
    @classmethod
    def _start_is_in_the_past(cls, value: dt.date) -> dt.date:
        if value > dt.datetime.now(tz=dt.UTC).date():
            raise ValueError(f"{value} lies in the future; no event could ever arrive")
        return value

    @model_validator(mode="after")
    def _connect_needs_an_address(self) -> Settings:
        if self.engine == "connect" and not self.spark_remote:
            raise ValueError("engine connect needs ECOM_SPARK_REMOTE, e.g. sc://localhost:15002")
        if "token=" in (self.spark_remote or "").lower():
            # The address is shown in the user interface. PySpark looks for the token there itself.
            raise ValueError(
                "ECOM_SPARK_REMOTE holds a token, which would be shown with it: put the token into "
                "SPARK_CONNECT_AUTHENTICATE_TOKEN"
            )
        return self

    @model_validator(mode="after")
    def _endpoint_is_safe(self) -> Settings:
        endpoint = _s3_endpoint()
        if endpoint and self.lake.startswith(S3_SCHEME):
            require_a_safe_endpoint(endpoint)
        return self

    @cached_property
    def s3(self) -> S3Location | None:
        """The lake's place in an object store; None if it is a folder."""
        is_s3 = self.lake.startswith(S3_SCHEME)
        return S3Location.parse(self.lake, _s3_endpoint()) if is_s3 else None

    @property
    def lake_name(self) -> str:
        """The lake as people write it: its folder, absolute, or s3://bucket/prefix."""
        return self.s3.uri if self.s3 else str(self.lake_path)

    @cached_property
    def lake_path(self) -> Path:
        """The lake's folder, absolute.

        Raises:
            SettingsError: the lake lies on S3.
        """
        if self.s3:
            raise SettingsError(f"the lake {self.s3.uri} is no folder of this machine")
        return Path(self.lake).expanduser().resolve()

    @property
    def landing_path(self) -> Path:
        """The folder where sources drop their objects.

        Raises:
            SettingsError: the lake lies on S3.
        """
        return self.lake_path / "landing"

    @property
    def oltp_path(self) -> Path:
        """The embedded PostgreSQL's folder, absolute."""
        return Path(self.oltp_folder).expanduser().resolve()

    @property
    def landing_name(self) -> str:
        """The landing area as people write it."""
        return f"{self.lake_name}/landing"

    @cached_property
    def state_path(self) -> Path:
        """The folder for what this lake keeps on this machine, if the lake is on S3."""
        place = self.s3.uri.removeprefix(S3_SCHEME) if self.s3 else "folder"
        return Path(self.state).expanduser().resolve() / quote(place, safe="")

    @property
    def catalog_uri(self) -> str:
        """SQLAlchemy URI of the Iceberg catalog, which may hold a password, or glue."""
        if self.catalog:
            return self.catalog.get_secret_value()
        folder = self.state_path if self.s3 else self.lake_path
        return f"sqlite:///{quote(str(folder / 'catalog.db'))}"


def load_settings(**overrides: object) -> Settings:
    """Read the settings from the environment and `.env`.

    Args:
        overrides: values that win over the environment (tests, command-line options).

    Raises:
        SettingsError: a value is wrong; one line names the variable, the fault and the value.
    """
    try:
        return Settings(**overrides)  # type: ignore[arg-type]  # pydantic checks them
    except ValidationError as invalid:
        faults = []
        for fault in invalid.errors():
            variable = "ECOM_" + "_".join(str(part) for part in fault["loc"]).upper()
            text = str(fault["msg"]).removeprefix("Value error, ")
            faults.append(text if not fault["loc"] else f"{variable}={fault['input']!r}: {text}")
        raise SettingsError("; ".join(faults)) from None


def prepare_native_engine() -> None:
    """Let the Rust engine log errors only and work in large batches, unless told otherwise.

    It takes its log level and its settings from the environment alone, and tells of every session
    it opens. Batches of its default of 8,192 rows cost a tenth more processor time.
    """
    os.environ.setdefault("RUST_LOG", "error")
    os.environ.setdefault("SAIL_EXECUTION__BATCH_SIZE", "32768")


def dagster_home() -> Path | None:
    """The folder whose `dagster.yaml` says where runs are recorded, or None if there is none.

    DAGSTER_HOME wins; without it the current folder counts, as it does for `dagster dev`.
    """
    configured = os.environ.get("DAGSTER_HOME")
    home = Path(configured) if configured else Path.cwd()
    return home if (home / "dagster.yaml").is_file() else None


def prepare_native_s3_clients(location: S3Location, region: str) -> None:
    """Let clients that know nothing but the environment reach the store, and nothing else.

    Args:
        location: the lake's place.
        region: the region that the other clients use.
    """
    os.environ.setdefault("AWS_REGION", region)
    if location.is_local:
        # A laptop has no instance role: without this a client without keys asks for one at an
        # address of the network that nobody answers.
        os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")
        if location.endpoint and location.endpoint.startswith("http://"):
            os.environ.setdefault("AWS_ALLOW_HTTP", "true")
    if bundle := aws_ca_bundle():
        os.environ.setdefault("SSL_CERT_FILE", bundle)


def aws_region() -> str | None:
    """The region that the environment names; boto3 itself looks for one of its names only."""
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or None


def aws_ca_bundle() -> str | None:
    """The file with the authorities that vouch for a store's certificate; None: those known."""
    return os.environ.get("AWS_CA_BUNDLE") or None


def _s3_endpoint() -> str | None:
    """Where S3 is, if it is not AWS's: the variables that every AWS tool reads."""
    return os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or None
