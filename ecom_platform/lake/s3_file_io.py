"""What pyiceberg reads and writes in a bucket: each small file in one request, and once.

Belongs here: pyiceberg's way to files, in requests. Not here: which files it asks for, clients.
"""

from __future__ import annotations

import io
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, cast

import pyarrow as pa
from pyiceberg.io import FileIO, InputFile, InputStream, OutputFile, OutputStream

from ecom_platform.places import S3_SCHEME
from ecom_platform.s3.faults import told_of_one_object
from ecom_platform.s3.ranges import ObjectVersion, TailReader

if TYPE_CHECKING:
    from ecom_platform.s3.client import S3Connection

# The property that hands the files over: whoever makes a FileIO gives it properties alone.
FILES = "ecom.files"
_KEPT_BYTES = 64 << 20
# Metadata and manifests are read as a whole; of the others the end says what is where.
_READ_AS_A_WHOLE = (".json", ".avro")


def file_io_properties(connection: S3Connection) -> dict[str, Any]:
    """The properties with which pyiceberg reaches a bucket through here.

    The region is for Glue, which lies where the bucket does.
    """
    return {
        "py-io-impl": f"{__name__}.S3FileIO",
        FILES: ObjectFiles(connection),
        "client.region": connection.region,
    }


class ObjectFiles:
    """The objects of a lake as pyiceberg knows them, the small ones kept once they are known.

    A file of the lake never changes under its name, so what is kept stays right; of a file that
    was deleted since, it is what whoever reads an older version would have read. Without it a run
    would ask for the same manifests and journals again with every table that it opens.

    Args:
        connection: The bucket.
    """

    def __init__(self, connection: S3Connection) -> None:
        self._connection = connection
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def open(self, location: str) -> pa.NativeFile:
        """Open a file for reading.

        Raises:
            FileNotFoundError: there is none.
        """
        content = self._known(location)
        if content is None and location.endswith(_READ_AS_A_WHOLE):
            with told_of_one_object(location):
                content = self._version(location).read_all()
            self._keep(location, content)
        if content is not None:
            return pa.BufferReader(content)
        with told_of_one_object(location):
            reader = TailReader(self._version(location))
        if reader.is_whole:
            self._keep(location, reader.tail)
            return pa.BufferReader(reader.tail)
        return pa.PythonFile(reader, mode="r")

    def write(self, location: str, content: bytes) -> None:
        """Write a file, in one request."""
        bucket, key = _split(location)
        with told_of_one_object(location):
            self._connection.client.put_object(Bucket=bucket, Key=key, Body=content)
        self._keep(location, content)

    def size(self, location: str) -> int:
        """The bytes of a file.

        Raises:
            FileNotFoundError: there is none.
        """
        content = self._known(location)
        if content is not None:
            return len(content)
        bucket, key = _split(location)
        with told_of_one_object(location):
            head = self._connection.client.head_object(Bucket=bucket, Key=key)
        return int(head["ContentLength"])

    def delete(self, location: str) -> None:
        """Delete a file; none is no fault."""
        bucket, key = _split(location)
        with told_of_one_object(location):
            self._connection.client.delete_object(Bucket=bucket, Key=key)

    def _version(self, location: str) -> ObjectVersion:
        return ObjectVersion(self._connection, _split(location)[1])

    def _known(self, location: str) -> bytes | None:
        with self._lock:
            if location in self._kept:
                self._kept.move_to_end(location)
            return self._kept.get(location)

    def _keep(self, location: str, content: bytes) -> None:
        with self._lock:
            self._bytes += len(content) - len(self._kept.pop(location, b""))
            self._kept[location] = content
            while self._bytes > _KEPT_BYTES:
                self._bytes -= len(self._kept.popitem(last=False)[1])


class S3FileIO(FileIO):
    """pyiceberg's files in a bucket; it is made from properties, which name the files."""

    @property
    def _files(self) -> ObjectFiles:
        return cast("ObjectFiles", self.properties[FILES])

    def new_input(self, location: str) -> InputFile:
        """A file for reading."""
        return _File(self._files, location)

    def new_output(self, location: str) -> OutputFile:
        """A file for writing."""
        return _File(self._files, location)

    def delete(self, location: str | InputFile | OutputFile) -> None:
        """Delete a file; none is no fault."""
        self._files.delete(location if isinstance(location, str) else location.location)


class _File(InputFile, OutputFile):
    """One file."""

    def __init__(self, files: ObjectFiles, location: str) -> None:
        super().__init__(location)
        self._files = files

    def __len__(self) -> int:
        return self._files.size(self.location)

    def exists(self) -> bool:
        """Whether there is such a file."""
        try:
            self._files.size(self.location)
        except FileNotFoundError:
            return False
        return True

    def open(self, seekable: bool = True) -> InputStream:  # noqa: ARG002  # every file is
        """Open it for reading."""
        return cast("InputStream", self._files.open(self.location))

    def create(self, overwrite: bool = False) -> OutputStream:  # noqa: ARG002  # see below
        """Begin to write it; it is there when it was closed, and not before.

        Whether there is one already is not asked: every name holds a fresh id.
        """
        return cast("OutputStream", _Upload(self._files, self.location))

    def to_input_file(self) -> InputFile:
        """The same for reading."""
        return self


class _Upload(io.BytesIO):
    """Content on its way to a file."""

    def __init__(self, files: ObjectFiles, location: str) -> None:
        super().__init__()
        self._files = files
        self._location = location

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            super().close()  # half a file is none
        self.close()

    def close(self) -> None:
        """Write the file."""
        if not self.closed:
            content = self.getvalue()
            super().close()
            self._files.write(self._location, content)


def _split(location: str) -> tuple[str, str]:
    bucket, _, key = location.removeprefix(S3_SCHEME).partition("/")
    return bucket, key
