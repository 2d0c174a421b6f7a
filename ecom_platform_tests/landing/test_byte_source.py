"""Plain bytes from gzip and plain objects, and damaged gzip in every place."""

from __future__ import annotations

import gzip
import io
import zlib

import pytest

from ecom_platform.landing.byte_source import ByteSource
from ecom_platform.landing.rejections import ObjectRefused

PLAIN = b"".join(b"line %d\n" % number for number in range(5000))
PACKED = gzip.compress(PLAIN, mtime=0)


class OnlyRead:
    """A stream like that of an object store: `read` and nothing else, at most 100 bytes a time."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)

    def read(self, size: int) -> bytes:
        return self._data.read(min(size, 100))


def read_all(data: bytes, at_once: int = 1000) -> bytes:
    source = ByteSource(io.BytesIO(data))
    return b"".join(iter(lambda: source.read(at_once), b""))


@pytest.mark.parametrize("data", [b"", b"\x1f", b"x", PLAIN])
def test_what_is_not_gzip_is_read_as_it_is(data: bytes) -> None:
    assert read_all(data) == data


@pytest.mark.parametrize(
    ("data", "plain"),
    [
        (PACKED, PLAIN),
        (PACKED + gzip.compress(b"more\n", mtime=0), PLAIN + b"more\n"),
        (PACKED + gzip.compress(b"", mtime=0) + PACKED, PLAIN + PLAIN),
        (PACKED + b"\0" * 512, PLAIN),
        (gzip.compress(b"", mtime=0), b""),
    ],
)
def test_members_and_padding_of_a_gzip_are_understood(data: bytes, plain: bytes) -> None:
    assert read_all(data) == plain


def flipped(data: bytes, position: int) -> bytes:
    changed = bytearray(data)
    changed[position] ^= 0xFF
    return bytes(changed)


@pytest.mark.parametrize(
    "data",
    [
        *(PACKED[:-cut] for cut in (1, 4, 8, 9, 100, len(PACKED) - 2)),
        PACKED + b"garbage after the end",
        PACKED + b"g",
        PACKED + b"\0\0garbage after padding",
        PACKED + PACKED[:20],
        flipped(PACKED, -6),
        flipped(PACKED, -2),
        flipped(PACKED, 2),
        flipped(PACKED, 12),
        b"\x1f\x8bthis is no gzip at all",
    ],
)
def test_a_damaged_gzip_is_refused(data: bytes) -> None:
    with pytest.raises(ObjectRefused) as caught:
        read_all(data)
    assert caught.value.reason == "corrupt_gzip"
    assert "deliver the object again" in str(caught.value)


def test_a_gzip_damaged_in_the_middle_is_refused_wherever_the_damage_lies() -> None:
    for position in range(20, len(PACKED), 997):
        with pytest.raises(ObjectRefused) as caught:
            read_all(flipped(PACKED, position))
        assert caught.value.reason == "corrupt_gzip"


def test_an_object_needs_no_more_than_read() -> None:
    for data in (PLAIN, PACKED):
        source = ByteSource(OnlyRead(data))  # type: ignore[arg-type]
        assert source.read(len(PLAIN) + 1) == PLAIN


def test_the_position_counts_compressed_bytes_to_the_end() -> None:
    source = ByteSource(io.BytesIO(PACKED))
    assert source.compressed_bytes_read == 0
    while source.read(4096):
        pass
    assert source.compressed_bytes_read == len(PACKED)


def test_an_error_of_the_stream_itself_is_no_damaged_gzip() -> None:
    class Broken(OnlyRead):
        def read(self, size: int) -> bytes:
            data = super().read(size)
            if not data:
                raise ConnectionError("the network is gone")
            return data

    source = ByteSource(Broken(PACKED[:500]))  # type: ignore[arg-type]
    with pytest.raises(ConnectionError, match="the network is gone"):
        source.read(len(PLAIN))


def test_a_stream_stays_open() -> None:
    stream = io.BytesIO(zlib.compress(PLAIN))
    ByteSource(stream).read(10)
    assert not stream.closed
