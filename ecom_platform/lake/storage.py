"""Storage: the files of a lake's tables, wherever they lie, and the few things done with them.

Belongs here: what every storage can do, and a folder as one. Not here: which files are visible.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import pyarrow as pa
import pyarrow.parquet as pq


@dataclass(frozen=True)
class StoredFile:
    """One file, whether or not anything refers to it.

    Attributes:
        path: where it lies, as engines read it: an absolute path, or `s3://bucket/key`.
        size: bytes.
        modified_at: when it was written, UTC.
    """

    path: str
    size: int
    modified_at: dt.datetime


class Storage(Protocol):
    """Where the files of tables lie. Every path is absolute, as engines read it.

    Files are written once, under names that are never used again, and so they never change.
    """

    root: str
    """The place below which every table has a folder of its own."""

    def uri(self, path: str) -> str:
        """A path as the catalog records it."""

    def list(self, folder: str) -> Iterator[StoredFile]:
        """Every file below a folder, at any depth; none if there is no such folder."""

    def exists(self, path: str) -> bool:
        """Whether there is a file at a path."""

    def missing(self, paths: Iterable[str]) -> Sequence[str]:
        """Those of some paths at which there is no file, in their order."""

    def delete(self, paths: Iterable[str]) -> None:
        """Delete files, and folders that become empty; what is not there is no fault."""

    def open(self, path: str, size: int | None = None) -> BinaryIO:
        """Open a file for reading anywhere in it.

        Args:
            path: the file.
            size: its size, if it is known: it need not be asked for.

        Raises:
            FileNotFoundError: there is none.
        """

    def footer(self, path: str, size: int | None = None) -> pq.FileMetaData:
        """What a Parquet file says of itself.

        Raises:
            FileNotFoundError: there is none.
        """

    def parquet_writer(self, path: str, schema: pa.Schema, **options: Any) -> pq.ParquetWriter:
        """Begin a Parquet file; it is there when the writer was closed, and not before."""

    def upload(self, source: Path, path: str) -> None:
        """Copy a file of this machine into the storage."""

    def download(self, path: str, target: Path) -> None:
        """Copy a file of the storage to this machine.

        Raises:
            FileNotFoundError: there is none.
        """


class FolderStorage:
    """A folder of this machine, or of one that is mounted here.

    Args:
        root: The folder below which every table has its own; it need not exist yet.
    """

    def __init__(self, root: Path) -> None:
        self.root = str(root)

    def uri(self, path: str) -> str:
        """A path as the catalog records it."""
        return f"file://{path}"

    def list(self, folder: str) -> Iterator[StoredFile]:
        """Every file below a folder, at any depth; what goes while it is listed is not there."""
        for path in Path(folder).rglob("*"):
            try:
                state = path.stat()
            except FileNotFoundError:
                continue
            if not path.is_dir():
                modified_at = dt.datetime.fromtimestamp(state.st_mtime, tz=dt.UTC)
                yield StoredFile(str(path), state.st_size, modified_at)

    def exists(self, path: str) -> bool:
        """Whether there is a file at a path."""
        return Path(path).is_file()

    def missing(self, paths: Iterable[str]) -> Sequence[str]:
        """Those of some paths at which there is no file, in their order."""
        return [path for path in paths if not self.exists(path)]

    def delete(self, paths: Iterable[str]) -> None:
        """Delete files, and folders that become empty; what is not there is no fault."""
        for path in map(Path, paths):
            path.unlink(missing_ok=True)
            for folder in path.parents:
                # Below a table's `data` and `metadata` only: those stay, as does the root.
                if not folder.is_relative_to(self.root) or len(folder.parts) <= self._kept:
                    break
                try:
                    folder.rmdir()
                except OSError:  # it holds other files
                    break

    def open(self, path: str, size: int | None = None) -> BinaryIO:  # noqa: ARG002  # is known
        """Open a file for reading anywhere in it.

        Raises:
            FileNotFoundError: there is none.
        """
        return Path(path).open("rb", buffering=0)

    def footer(self, path: str, size: int | None = None) -> pq.FileMetaData:  # noqa: ARG002
        """What a Parquet file says of itself.

        Raises:
            FileNotFoundError: there is none.
        """
        return pq.read_metadata(path)

    def parquet_writer(self, path: str, schema: pa.Schema, **options: Any) -> pq.ParquetWriter:
        """Begin a Parquet file, and the folder that it lies in."""
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        return pq.ParquetWriter(path, schema, **options)

    def upload(self, source: Path, path: str) -> None:
        """Copy a file into the folder."""
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, path)

    def download(self, path: str, target: Path) -> None:
        """Copy a file out of the folder.

        Raises:
            FileNotFoundError: there is none.
        """
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)

    @property
    def _kept(self) -> int:
        return len(Path(self.root).parts) + 2
