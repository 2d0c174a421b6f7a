"""Ranges: reading one version of an object piece by piece, ahead of its reader, undisturbed.

Belongs here: range requests, their order, and going on after a broken answer. Not here: content.
"""

from __future__ import annotations

import io
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

from botocore.exceptions import (
    ConnectionClosedError,
    IncompleteReadError,
    ReadTimeoutError,
    ResponseStreamingError,
)

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import GetObjectOutputTypeDef

    from ecom_platform.s3.client import S3Connection

RANGE_BYTES = 8 << 20
# Footers of our files are smaller, and most files of records as a whole.
TAIL_BYTES = 64 << 10
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
        for attempt in range(_BODY_ATTEMPTS):
            with _patience(attempt):
                for part in self._answer(start, end):
                    parts.append(part)
                    start += len(part)
            if start >= end:
                break
        return b"".join(parts)

    def read_all(self) -> bytes:
        """The whole object, of whatever size it is.

        Raises:
            botocore.exceptions.ClientError: the store refuses.
        """
        return self._patiently()[0]

    def read_tail(self, count: int) -> tuple[bytes, int]:
        """The last bytes, or all if there are fewer, and the size of the whole.

        Raises:
            botocore.exceptions.ClientError: the store refuses.
        """
        return self._patiently(Range=f"bytes=-{count}")

    def _patiently(self, **asked: Any) -> tuple[bytes, int]:
        """An answer whose size is not known before; one that breaks off is asked for again."""
        for attempt in range(_BODY_ATTEMPTS):
            with _patience(attempt):
                answer = self._get(**asked)
                with closing(answer["Body"]) as body:
                    content = body.read()
                size = answer.get("ContentRange", "").rpartition("/")[2]
                return content, int(size or len(content))
        raise AssertionError("the last attempt returns or raises")

    def _answer(self, start: int, end: int) -> Iterator[bytes]:
        answer = self._get(Range=f"bytes={start}-{end - 1}")
        with closing(answer["Body"]) as body:
            yield from body.iter_chunks(_CHUNK_BYTES)

    def _get(self, **asked: Any) -> GetObjectOutputTypeDef:
        bucket = self._connection.location.bucket
        return self._connection.client.get_object(
            Bucket=bucket, Key=self._key, **asked, **self._match
        )


@contextmanager
def _patience(attempt: int) -> Iterator[None]:
    """Let an answer that breaks off pass after a pause, the longer the later, but for the last."""
    try:
        yield
    except _BROKEN:
        if attempt == _BODY_ATTEMPTS - 1:
            raise
        time.sleep(_FIRST_PAUSE_SECONDS * 2**attempt)


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


class TailReader(RandomReader):
    """An object whose last bytes are fetched at once, because a Parquet footer is read in bits.

    Args:
        version: what is read; its size comes with the answer.
    """

    def __init__(self, version: ObjectVersion) -> None:
        self.tail, size = version.read_tail(TAIL_BYTES)
        super().__init__(version, size)
        self._start = size - len(self.tail)

    @property
    def is_whole(self) -> bool:
        """Whether the last bytes are all there are."""
        return self._start == 0

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # typeshed: a union
        """Fill a buffer from the position on; 0 at the end."""
        if self._position < self._start:
            return super().readinto(buffer)
        offset = self._position - self._start
        data = self.tail[offset : offset + len(buffer)]
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)
