"""A landing area on S3: objects are told apart by their ETags, and read ahead in ranges.

Belongs here: listing and opening objects of a bucket. Not here: their content, or what became
of them.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, BinaryIO, cast

from botocore.exceptions import ClientError

from ecom_platform.landing.objects import (
    LandingObject,
    ObjectChangedError,
    is_data,
    is_unfinished,
)
from ecom_platform.s3.faults import told_clearly
from ecom_platform.s3.ranges import ObjectVersion, SequentialReader

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import ObjectTypeDef

    from ecom_platform.s3.client import S3Connection

_REWRITTEN = ("412", "PreconditionFailed")
_GONE = ("404", "NoSuchKey", "NotFound")
_FORBIDDEN = ("403", "AccessDenied", "Forbidden")


class S3Store:
    """A landing area in a bucket. Keys are those of the bucket, without the area's prefix.

    Uploads in progress are not there: S3 shows an object when it is complete. The version of an
    object is its ETag, which every listing tells, and every read demands.

    Args:
        connection: The bucket and the area's place in it.
    """

    def __init__(self, connection: S3Connection) -> None:
        self._connection = connection
        self._bucket = connection.location.bucket
        prefix = connection.location.prefix
        self._root = f"{prefix}/" if prefix else ""

    def list(self, prefix: str = "events/") -> Sequence[LandingObject]:
        """The data objects whose keys begin with a prefix, by key, with their versions."""
        return [found for found in self._all(prefix) if _is_finished_data(found.key)]

    def ignored(self, prefix: str = "events/") -> Sequence[str]:
        """Keys that begin with a prefix and are no data objects by their name."""
        keys = (found.key for found in self._all(prefix) if _is_finished(found.key))
        return [key for key in keys if not is_data(key)]

    def list_some(self, prefix: str, after: str, pages: int) -> tuple[Sequence[LandingObject], str]:
        """A part of what `list` gives, in a bounded number of requests.

        Args:
            prefix: which keys.
            after: only keys that sort after this one; may be empty.
            pages: so many requests at most, each of a thousand keys.

        Returns:
            The data objects, and the last key that was looked at; empty at the end.
        """
        objects: Sequence[LandingObject] = ()
        last = ""
        for number, page in enumerate(self._pages(prefix, after), start=1):
            objects = [*objects, *(found for found in page if _is_finished_data(found.key))]
            last = page[-1].key if page else ""
            if number == pages:
                break
        else:
            last = ""
        return objects, last

    def stat(self, key: str) -> LandingObject:
        """Size, time and version of an object.

        Raises:
            ObjectChangedError: it is gone.
        """
        with told_clearly(self._uri(key)), _told_of_one_object(key):
            head = self._connection.client.head_object(Bucket=self._bucket, Key=self._root + key)
        etag = head["ETag"].strip('"')
        return LandingObject(key, head["ContentLength"], _utc(head["LastModified"]), etag)

    def open(self, key: str, listed: LandingObject | None = None) -> BinaryIO:
        """Open an object for reading: of one version from its first byte to its last.

        What reading raises: `ObjectChangedError` when the object was rewritten or is gone,
        `PermissionError` when it may not be read, `LakeUnavailable` when the store fails.

        Args:
            key: the object.
            listed: what it must still be; None for what it is now.

        Raises:
            ObjectChangedError: it is gone.
        """
        found = listed if listed and listed.version else self.stat(key)
        pinned = ObjectVersion(self._connection, self._root + key, found.version)
        return cast("BinaryIO", _Body(pinned, found, self._uri(key)))

    def version(self, key: str) -> str:
        """The ETag of an object.

        Raises:
            ObjectChangedError: it is gone.
        """
        return self.stat(key).version or ""

    def verify_unchanged(self, found: LandingObject) -> None:
        """Nothing to do: what was read is the version that was listed, or was not read at all.

        A version that came meanwhile is listed with an ETag of its own, and read in its turn.
        """

    def _all(self, prefix: str) -> Iterator[LandingObject]:
        for page in self._pages(prefix):
            yield from page

    def _pages(self, prefix: str, after: str = "") -> Iterator[Sequence[LandingObject]]:
        paginator = self._connection.client.get_paginator("list_objects_v2")
        with told_clearly(self._uri(prefix)):
            for page in paginator.paginate(
                Bucket=self._bucket,
                Prefix=self._root + prefix,
                StartAfter=self._root + after if after else "",
            ):
                yield [self._described(entry) for entry in page.get("Contents", ())]

    def _described(self, entry: ObjectTypeDef) -> LandingObject:
        return LandingObject(
            key=entry["Key"].removeprefix(self._root),
            size=entry["Size"],
            modified_at=_utc(entry["LastModified"]),
            version=entry["ETag"].strip('"'),
        )

    def _uri(self, key: str) -> str:
        return f"s3://{self._bucket}/{self._root}{key}"


class _Body(SequentialReader):
    """The content of one version, whose faults are told as those of its object."""

    def __init__(self, version: ObjectVersion, found: LandingObject, uri: str) -> None:
        super().__init__(version, found.size)
        self._key = found.key
        self._uri = uri

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # typeshed: a union
        with told_clearly(self._uri), _told_of_one_object(self._key):
            return super().readinto(buffer)


@contextlib.contextmanager
def _told_of_one_object(key: str) -> Iterator[None]:
    """Turn answers about one object into what every landing area raises."""
    try:
        yield
    except ClientError as fault:
        code = fault.response.get("Error", {}).get("Code", "")
        if code in _REWRITTEN:
            raise ObjectChangedError(key, "changed") from None
        if code in _GONE:
            raise ObjectChangedError(key, "disappeared") from None
        if code in _FORBIDDEN:
            raise PermissionError(f"{key} may not be read with these credentials") from None
        raise


def _is_finished(key: str) -> bool:
    # A key that ends with a slash is a mark that a console makes for a folder.
    return not key.endswith("/") and not is_unfinished(key)


def _is_finished_data(key: str) -> bool:
    return _is_finished(key) and is_data(key)


def _utc(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(dt.UTC)
