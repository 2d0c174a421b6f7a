"""S3 in small: a bucket of its own for a test, and tests that hold on a folder and in a bucket.

Belongs here: filling buckets and looking into them. Not here: fixtures, the server itself.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from ecom_platform.places import S3Location
from ecom_platform.s3.client import S3Connection
from ecom_platform_tests.samples import csv_text

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from ecom_platform.s3.server import RunningServer

IN_A_BUCKET = pytest.param("s3", marks=pytest.mark.s3)
# A test that asks for the fixtures `settings`, `lake`, `store`, `platform` or `drop` runs twice.
everywhere = pytest.mark.parametrize("place", ["folder", IN_A_BUCKET], indirect=True)
# The same, but in the bucket only when tests may take their time.
IN_A_BUCKET_AT_LENGTH = pytest.param("s3", marks=[pytest.mark.s3, pytest.mark.slow])
everywhere_at_length = pytest.mark.parametrize(
    "place", ["folder", IN_A_BUCKET_AT_LENGTH], indirect=True
)


@dataclass(frozen=True)
class Bucket:
    """A bucket that no other test knows, and the prefix of a lake in it.

    Names hold a space and letters beyond ASCII where they may.
    """

    server: RunningServer
    name: str
    prefix: str = "my läke/v1"

    @classmethod
    def made(cls, server: RunningServer) -> Bucket:
        """A new bucket."""
        bucket = cls(server, f"test-{uuid.uuid4().hex[:20]}")
        server.make_bucket(bucket.name)
        return bucket

    @property
    def lake(self) -> str:
        """The lake as ECOM_LAKE names it."""
        return f"s3://{self.name}/{self.prefix}"

    @property
    def connection(self) -> S3Connection:
        """Clients of the lake's place; the environment holds the keys."""
        return S3Connection(S3Location(self.name, self.prefix, self.server.endpoint))

    @property
    def client(self) -> S3Client:
        """boto3's client."""
        return self.server.client()

    def put(self, key: str, content: bytes) -> str:
        """Write an object below the lake's prefix; its ETag."""
        answer = self.client.put_object(Bucket=self.name, Key=f"{self.prefix}/{key}", Body=content)
        return answer["ETag"].strip('"')

    def delete(self, key: str) -> None:
        """Delete an object below the lake's prefix."""
        self.client.delete_object(Bucket=self.name, Key=f"{self.prefix}/{key}")

    def listed(self, below: str = "") -> list[str]:
        """The keys below the lake's prefix, without it."""
        pages = self.client.get_paginator("list_objects_v2").paginate(
            Bucket=self.name, Prefix=f"{self.prefix}/{below}"
        )
        found = [entry["Key"] for page in pages for entry in page.get("Contents", ())]
        return [key.removeprefix(f"{self.prefix}/") for key in found]


class BucketDrop:
    """Puts objects into landing, as `Drop` does; the store tells the time of each."""

    def __init__(self, lake: S3Connection) -> None:
        self._landing = lake.below("landing")

    def __call__(
        self,
        key: str,
        *differences: Mapping[str, object] | str,
        text: str | None = None,
        content: bytes | None = None,
        written_at: dt.datetime | None = None,
    ) -> str:
        """Write an object below `events/` and return its key."""
        body = (text if text is not None else csv_text(differences)).encode()
        place = self._landing.location.below(f"events/{key}")
        self._landing.client.put_object(
            Bucket=place.bucket, Key=place.prefix, Body=content if content is not None else body
        )
        return f"events/{key}"

    def take_away(self, key: str) -> None:
        """Delete an object, by the key that writing it returned."""
        place = self._landing.location.below(key)
        self._landing.client.delete_object(Bucket=place.bucket, Key=place.prefix)
