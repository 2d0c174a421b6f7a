"""Plain bytes of an object, whatever its name: gzip or not is told by its first two bytes.

Belongs here: decompression and its errors, and how far the object was read. Not here: lines.
"""

from __future__ import annotations

import gzip
import io
from typing import BinaryIO

from isal import igzip, igzip_lib

from ecom_platform.landing.rejections import ObjectRefused

_GZIP_MAGIC = b"\x1f\x8b"
_BUFFER_BYTES = 1 << 20
# isal's stubs call its error an instance of Exception; it is a class.
_DAMAGED: tuple[type[Exception], ...] = (
    EOFError,
    gzip.BadGzipFile,
    igzip_lib.IsalError,  # type: ignore[assignment]
)


class ByteSource:
    """Reads the plain bytes of an object once, from front to end, in constant memory.

    Gzip is decompressed by isal, four times as fast as `gzip`: RFC 1952, any number of members,
    zero bytes of padding after the last.

    Args:
        stream: The object as it lies in landing. It stays open; closing it is the caller's part.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._counter = _CountingReader(stream)
        self._plain: io.BufferedIOBase
        if self._counter.peek(2) == _GZIP_MAGIC:
            self._plain = igzip.IGzipFile(  # type: ignore[no-untyped-call]
                fileobj=self._counter, mode="rb"
            )
        else:
            self._plain = io.BufferedReader(self._counter, _BUFFER_BYTES)

    @property
    def compressed_bytes_read(self) -> int:
        """Bytes taken from the object so far, as it lies in landing: the measure of progress."""
        return self._counter.position

    def read(self, size: int) -> bytes:
        """Up to `size` plain bytes; fewer only at the end.

        Raises:
            ObjectRefused: `corrupt_gzip`.
        """
        try:
            return self._plain.read(size)
        except _DAMAGED as error:
            raise self._corrupt(error) from error

    def readline(self, limit: int) -> bytes:
        """One line with its line end, at most `limit` bytes of it.

        Raises:
            ObjectRefused: `corrupt_gzip`.
        """
        try:
            return self._plain.readline(limit)
        except _DAMAGED as error:
            raise self._corrupt(error) from error

    def _corrupt(self, error: Exception) -> ObjectRefused:
        where = f"near byte {self.compressed_bytes_read:,}"
        detail = f"the gzip stream is cut or damaged {where}: {error}; deliver the object again"
        return ObjectRefused("corrupt_gzip", detail)


class _CountingReader(io.RawIOBase):
    """Counts what is read from a stream, and can look at its first bytes before reading them."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._ahead = b""
        self.position = 0

    def readable(self) -> bool:
        return True

    def peek(self, size: int) -> bytes:
        """The next `size` bytes, fewer at the end of the stream, without consuming them."""
        while len(self._ahead) < size and (more := self._stream.read(size - len(self._ahead))):
            self._ahead += more
        return self._ahead[:size]

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # typeshed: a union
        data = self._ahead[: len(buffer)] or self._stream.read(len(buffer))
        self._ahead = self._ahead[len(data) :]
        buffer[: len(data)] = data
        self.position += len(data)
        return len(data)
