"""Ranges: reading one version of an object piece by piece, ahead of its reader, undisturbed.

Belongs here: range requests, their order, and going on after a broken answer. Not here: content.
"""

from __future__ import annotations

import io
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING, Any

from botocore.exceptions import (
    ConnectionClosedError,
    IncompleteReadError,
    ReadTimeoutError,
    ResponseStreamingError,
)

if TYPE_CHECKING:
    from ecom_platform.s3.client import S3Connection

RANGE_BYTES = 8 << 20
RANGES_AHEAD = 4
_CHUNK_BYTES = 1 << 20
# boto3 tries a request again, but not an answer that breaks off in its middle.
_BROKEN = (ConnectionClosedError, IncompleteReadError, ReadTimeoutError, ResponseStreamingError)
_BODY_ATTEMPTS = 5
_FIRST_PAUSE_SECONDS = 0.2


class ObjectVersion:
    """One version of an object; every answer is of this version, or an error.

    Args:
        connection: the bucket.
        key: the object.
        etag: its version; None for whatever is there.
    """

    def __init__(self, connection: S3Connection, key: str, etag: str | None = None) -> None:
        self._connection = connection
        self._key = key
        self._match: dict[str, Any] = {"IfMatch": f'"{etag}"'} if etag else {}

    def read(self, start: int, end: int) -> bytes:
        """The bytes from `start` up to, not including, `end`.

        An answer that breaks off is asked for again from where it ended.

        Raises:
            botocore.exceptions.ClientError: the store refuses; code 412 or PreconditionFailed if
                the object was rewritten.
        """
        parts: list[bytes] = []
        pause = _FIRST_PAUSE_SECONDS
        for attempt in range(1, _BODY_ATTEMPTS + 1):
            try:
                for part in self._answer(start, end):
                    parts.append(part)
                    start += len(part)
            except _BROKEN:
                if attempt == _BODY_ATTEMPTS:
                    raise
                time.sleep(pause)
                pause *= 2
            if start >= end:
                break
        return b"".join(parts)

    def _answer(self, start: int, end: int) -> Iterator[bytes]:
        answer = self._connection.client.get_object(
            Bucket=self._connection.location.bucket,
            Key=self._key,
            Range=f"bytes={start}-{end - 1}",
            **self._match,
        )
        with closing(answer["Body"]) as body:
            yield from body.iter_chunks(_CHUNK_BYTES)


class SequentialReader(io.RawIOBase):
    """Reads an object from front to end, with a few ranges on their way at any time.

    Memory is bounded by the ranges ahead: 32 MiB, whatever the object's size.

    Args:
        version: what is read.
        size: its bytes.
    """

    def __init__(self, version: ObjectVersion, size: int) -> None:
        self._version = version
        self._size = size
        self._asked = 0
        self._ready = b""
        self._coming: deque[Future[bytes]] = deque()
        self._threads = ThreadPoolExecutor(RANGES_AHEAD, thread_name_prefix="s3-range")

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # typeshed: a union
        """Fill a buffer as far as the next range goes; 0 at the end."""
        if not self._ready:
            self._ask_ahead()
            if not self._coming:
                return 0
            self._ready = self._coming.popleft().result()
            self._ask_ahead()
        count = min(len(buffer), len(self._ready))
        buffer[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count

    def close(self) -> None:
        """End the requests that nobody waits for any more."""
        if not self.closed:
            self._threads.shutdown(wait=True, cancel_futures=True)
        super().close()

    def _ask_ahead(self) -> None:
        while self._asked < self._size and len(self._coming) < RANGES_AHEAD:
            end = min(self._asked + RANGE_BYTES, self._size)
            self._coming.append(self._threads.submit(self._version.read, self._asked, end))
            self._asked = end


class RandomReader(io.RawIOBase):
    """Reads an object anywhere, one request a read.

    Args:
        version: what is read.
        size: its bytes.
    """

    def __init__(self, version: ObjectVersion, size: int) -> None:
        self._version = version
        self._size = size
        self._position = 0

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a position; nothing is asked for yet."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, start + offset)
        return self._position

    def tell(self) -> int:
        """The position."""
        return self._position

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # typeshed: a union
        """Fill a buffer from the position on; 0 at the end."""
        end = min(self._position + len(buffer), self._size)
        if end <= self._position:
            return 0
        data = self._version.read(self._position, end)
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)
