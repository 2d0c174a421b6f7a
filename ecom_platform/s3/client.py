"""Clients of the object store: one endpoint, the AWS default chain, patience with bounds.

Belongs here: how clients are made and how long they try. Not here: what is asked of them.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import boto3
import pyarrow.fs as fs
from botocore.config import Config

from ecom_platform.settings import aws_ca_bundle, aws_region, prepare_native_s3_clients

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_s3 import S3Client

    from ecom_platform.places import S3Location

# Attempts of one request, the first among them. Waiting doubles up to 20 s between them, so that
# a store that is overloaded is left alone for about a minute before a run gives up.
ATTEMPTS = 8
CONNECT_SECONDS = 5.0
READ_SECONDS = 30.0
_CONNECTIONS = 32
# The protocol wants one; stores that have no regions take any.
_DEFAULT_REGION = "us-east-1"


class PatientRetries(fs.AwsStandardS3RetryStrategy):
    """The retries of pyarrow's client, as many as boto3's."""

    def __init__(self) -> None:
        super().__init__(max_attempts=ATTEMPTS)


class S3Connection:
    """A place in an object store, and the clients that reach it.

    Making one touches nothing; the first use looks for credentials. They are found where every
    AWS tool finds them, by each client itself, so that those that expire are renewed; none is
    ever an argument here.

    Attributes:
        location: the bucket, the prefix in it, and the endpoint.
    """

    def __init__(
        self,
        location: S3Location,
        make_client: Callable[[], S3Client] | None = None,
        clients: _Clients | None = None,
    ) -> None:
        """Make a connection.

        Args:
            location: the place.
            make_client: makes boto3's client; by default as `new_client` does.
            clients: those of a connection to the same store.
        """
        self.location = location
        self._clients = clients or _Clients(location, make_client)

    @property
    def region(self) -> str:
        """The region: of the environment, of the AWS profile, or the protocol's first."""
        return self._clients.region

    @property
    def client(self) -> S3Client:
        """For requests about objects: listing, versions, deleting, ranges."""
        return self._clients.client

    @property
    def filesystem(self) -> fs.S3FileSystem:
        """For writing Parquet files: threads of its own, without Python's lock."""
        return self._clients.filesystem

    def below(self, name: str) -> S3Connection:
        """A place below this one, reached by the same clients."""
        return S3Connection(self.location.below(name), clients=self._clients)


class _Clients:
    """Clients of one store, each made at its first use."""

    def __init__(
        self, location: S3Location, make_client: Callable[[], S3Client] | None = None
    ) -> None:
        self._location = location
        self._make_client = make_client

    @cached_property
    def region(self) -> str:
        region = aws_region() or boto3.Session().region_name or _DEFAULT_REGION
        # Engines know nothing but the environment.
        prepare_native_s3_clients(self._location, region)
        return region

    @cached_property
    def client(self) -> S3Client:
        region = self.region
        if self._make_client:
            return self._make_client()
        return new_client(self._location.endpoint, region)

    @cached_property
    def filesystem(self) -> fs.S3FileSystem:
        return fs.S3FileSystem(  # type: ignore[call-arg]  # an option that its stubs lack
            region=self.region,
            endpoint_override=self._location.endpoint,
            connect_timeout=CONNECT_SECONDS,
            request_timeout=READ_SECONDS,
            retry_strategy=PatientRetries(),
            # A file of less than one part takes one request then, instead of three.
            allow_delayed_open=True,
            tls_ca_file_path=aws_ca_bundle(),
        )


def new_client(
    endpoint: str | None, region: str | None, session: boto3.Session | None = None, **others: Any
) -> S3Client:
    """A client of boto3 with bounded patience, and enough connections for its threads.

    Args:
        endpoint: where the store is; None for AWS.
        region: its region.
        session: where credentials come from; the AWS default chain by default.
        others: further arguments of boto3.
    """
    config = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
        max_pool_connections=_CONNECTIONS,
        # Of a profile that names an endpoint the other clients know nothing: they would read and
        # write elsewhere. The variables that name one are in `endpoint`.
        ignore_configured_endpoint_urls=True,  # type: ignore[call-arg]  # its stubs lack it
    )
    return (session or boto3.Session()).client(
        "s3", region_name=region, endpoint_url=endpoint, config=config, **others
    )
