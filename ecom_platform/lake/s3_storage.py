"""Storage on S3: the files of a lake's tables as objects of a bucket.

Belongs here: what a storage does, in requests. Not here: clients, or which files are visible.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import pyarrow as pa
import pyarrow.parquet as pq
from botocore.exceptions import ClientError

from ecom_platform.errors import LakeUnavailable
from ecom_platform.lake.storage import StoredFile
from ecom_platform.places import S3_SCHEME
from ecom_platform.s3.faults import is_missing, told_clearly, told_of_one_object
from ecom_platform.s3.ranges import ObjectVersion, RandomReader, TailReader

if TYPE_CHECKING:
    from ecom_platform.s3.client import S3Connection

_DELETED_AT_ONCE = 1000
_ASKED_AT_ONCE = 16


class S3Storage:
    """A prefix of a bucket. Keys are never listed but to collect a stage and to find litter.

    Args:
        connection: The bucket and the place of the tables in it.
    """

    def __init__(self, connection: S3Connection) -> None:
        self._connection = connection
        self._bucket = connection.location.bucket
        self.root = connection.location.uri

    def uri(self, path: str) -> str:
        """A path as the catalog records it."""
        return path

    def list(self, folder: str) -> Iterator[StoredFile]:
        """Every object below a folder; a thousand a request."""
        prefix = f"{self._key(folder)}/"
        with told_clearly(folder):
            pages = self._connection.client.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self._bucket, Prefix=prefix):
                for entry in page.get("Contents", ()):
                    if not entry["Key"].endswith("/"):  # a mark that someone made for a folder
                        path = f"{S3_SCHEME}{self._bucket}/{entry['Key']}"
                        yield StoredFile(path, entry["Size"], entry["LastModified"])

    def exists(self, path: str) -> bool:
        """Whether there is an object at a path."""
        return self._size(path) is not None

    def missing(self, paths: Iterable[str]) -> Sequence[str]:
        """Those of some paths at which there is no object: a request each, several at a time."""
        listed = list(paths)
        with ThreadPoolExecutor(_ASKED_AT_ONCE) as threads:
            found = threads.map(self.exists, listed)
            return [path for path, is_there in zip(listed, found, strict=True) if not is_there]

    def delete(self, paths: Iterable[str]) -> None:
        """Delete objects, a thousand a request; what is not there is no fault.

        Raises:
            LakeUnavailable: the store refused to delete some of them; the others are gone.
        """
        keys = [self._key(path) for path in paths]
        for first in range(0, len(keys), _DELETED_AT_ONCE):
            batch = keys[first : first + _DELETED_AT_ONCE]
            with told_clearly(self.root):
                answer = self._connection.client.delete_objects(
                    Bucket=self._bucket,
                    Delete={"Objects": [{"Key": key} for key in batch], "Quiet": True},
                )
            if refused := answer.get("Errors"):
                one = refused[0]
                raise LakeUnavailable(
                    f"{len(refused)} of {len(batch)} objects could not be deleted, "
                    f"{S3_SCHEME}{self._bucket}/{one.get('Key')} among them: {one.get('Code')} "
                    f"{one.get('Message', '')}; check s3:DeleteObject, and run it again"
                )

    def open(self, path: str, size: int | None = None) -> BinaryIO:
        """Open an object for reading anywhere in it, a request a read.

        Raises:
            FileNotFoundError: there is none; if its size is given, at the first read.
        """
        known = self._size(path) if size is None else size
        if known is None:
            raise FileNotFoundError(f"there is no object {path}")
        return cast("BinaryIO", _Content(self._version(path), known, path))

    def footer(self, path: str, size: int | None = None) -> pq.FileMetaData:  # noqa: ARG002
        """What a Parquet file says of itself, usually in one request.

        Raises:
            FileNotFoundError: there is none.
        """
        with told_of_one_object(path):
            return pq.read_metadata(cast("BinaryIO", TailReader(self._version(path))))

    def parquet_writer(self, path: str, schema: pa.Schema, **options: Any) -> pq.ParquetWriter:
        """Begin a Parquet file, uploaded in parts while it is written."""
        plain = path.removeprefix(S3_SCHEME)
        return pq.ParquetWriter(plain, schema, filesystem=self._connection.filesystem, **options)

    def upload(self, source: Path, path: str) -> None:
        """Copy a file of this machine into the bucket; a large one in parts."""
        with told_clearly(path):
            self._connection.client.upload_file(str(source), self._bucket, self._key(path))

    def download(self, path: str, target: Path) -> None:
        """Copy an object to this machine.

        Raises:
            FileNotFoundError: there is none.
        """
        target.parent.mkdir(parents=True, exist_ok=True)
        with told_of_one_object(path):
            self._connection.client.download_file(self._bucket, self._key(path), str(target))

    def _version(self, path: str) -> ObjectVersion:
        return ObjectVersion(self._connection, self._key(path))

    def _size(self, path: str) -> int | None:
        with told_clearly(path):
            try:
                head = self._connection.client.head_object(Bucket=self._bucket, Key=self._key(path))
            except ClientError as fault:
                if is_missing(fault):
                    return None
                raise
        return int(head["ContentLength"])

    def _key(self, path: str) -> str:
        bucket, _, key = path.removeprefix(S3_SCHEME).partition("/")
        if not path.startswith(S3_SCHEME) or bucket != self._bucket:
            raise ValueError(f"{path!r} does not lie in {self.root}")
        return key


class _Content(RandomReader):
    """An object, whose faults name it."""

    def __init__(self, version: ObjectVersion, size: int, path: str) -> None:
        super().__init__(version, size)
        self._path = path

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # typeshed: a union
        with told_of_one_object(self._path):
            return super().readinto(buffer)
