"""Published files as DuckDB sees them: read-only, under names that tell their event date.

Belongs here: the file system behind SQL over the lake. Not here: SQL, or what is published.
"""

from __future__ import annotations

import datetime as dt
import fnmatch
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

import pyarrow.parquet as pq
from fsspec import AbstractFileSystem  # type: ignore[import-untyped]  # fsspec ships no types

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ecom_platform.contracts.table import TableContract
    from ecom_platform.lake.storage import Storage
    from ecom_platform.lake.table import TableFile

PROTOCOL = "lake"

# What a reader of partitioned folders takes for null.
_NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__"

# Files of the lake are never rewritten under their name, so a cache of their content stays valid.
_UNCHANGING = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True)
class _ServedFile:
    size: int
    path: str = ""
    content: bytes = b""


class PublishedFiles(AbstractFileSystem):  # type: ignore[misc]  # its base has no types
    """A file system of published files and nothing else, which DuckDB calls back.

    A name is `lake://<table>/data/event_date=<date>/<folder>.<file>`: from the date in it DuckDB
    knows which files a query needs without opening the others. The first file of every table
    has the contract's columns and no rows, so that they come from the contract, whatever the
    files are like, and a table without files is a table without rows.

    Names, sizes and dates come from manifests; no folder is ever listed. Nothing can be written,
    and no other file of the machine has a name here.
    """

    protocol = PROTOCOL
    cachable = False  # fsspec would hand out one instance for all connections

    def __init__(self, storage: Storage) -> None:
        super().__init__()
        self._storage = storage
        self._files: dict[str, _ServedFile] = {}

    def serve(self, contract: TableContract, files: Iterable[TableFile]) -> str:
        """Make the files of a table's version readable.

        Returns:
            The pattern that names them all.
        """
        root = f"{PROTOCOL}://{contract.name}"
        empty = io.BytesIO()
        pq.write_table(contract.arrow_schema.empty_table(), empty, store_schema=False)
        # DuckDB reads the files of a pattern in the order of their names: contract, then data.
        name = f"{root}/contract/{_folder(contract, None)}columns.parquet"
        self._files[name] = _ServedFile(len(empty.getvalue()), content=empty.getvalue())
        for file in files:
            # Written by hour, a file lies in `<stage>/_hour=<hour>/`; DuckDB would see a column.
            below = file.path.rpartition(f"/{contract.name}/data/")[2]
            flat = below.replace("/", ".").replace("=", "-")
            date = file.event_date if contract.partition_by else None
            name = f"{root}/data/{_folder(contract, date)}{flat}"
            self._files[name] = _ServedFile(file.byte_count, file.path)
        return f"{root}/*"

    def glob(self, path: str, **_: object) -> list[str]:
        """The published files that a name or pattern stands for, in the order of their names."""
        return [path] if path in self._files else sorted(fnmatch.filter(self._files, path))

    def isfile(self, path: str) -> bool:
        """Whether there is such a file."""
        return path in self._files

    def exists(self, path: str, **_: object) -> bool:
        """Whether there is such a file; folders have no existence of their own."""
        return path in self._files

    def isdir(self, _: str) -> bool:
        """Folders have no existence of their own."""
        return False

    def size(self, path: str) -> int:
        """The size of a file in bytes, from its manifest."""
        return self._files[path].size

    def modified(self, _: str) -> dt.datetime:
        """When a file changed: never."""
        return _UNCHANGING

    def open(self, path: str, mode: str = "rb", **_: object) -> BinaryIO:
        """Open a published file for reading.

        Raises:
            PermissionError: it is to be written.
            FileNotFoundError: it is not published, or was deleted since.
        """
        if mode != "rb":
            raise PermissionError(f"{path} cannot be written: the lake is read-only for SQL")
        if path not in self._files:
            raise FileNotFoundError(f"{path} is no published file")
        file = self._files[path]
        return self._storage.open(file.path, file.size) if file.path else io.BytesIO(file.content)


def _folder(contract: TableContract, date: dt.date | None) -> str:
    if contract.partition_by is None:
        return ""
    return f"{contract.partition_by}={date.isoformat() if date else _NULL_PARTITION}/"
