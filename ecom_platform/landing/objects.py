"""Landing objects: what lies in the landing area, and what it is named, sized and dated.

Belongs here: listing and opening objects. Not here: their content, or what became of them.
"""

from __future__ import annotations

import datetime as dt
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import BinaryIO, Protocol

import xxhash

from ecom_platform.errors import EcomError

DATA_SUFFIXES = (".csv", ".csv.gz", ".gz", ".csv.gzip")
_UNFINISHED_SUFFIXES = (".tmp", ".part", ".crdownload")
_HASHED_AT_ONCE = 1 << 20


class ObjectChangedError(EcomError):
    """An object changed while it was read: what was read of it is neither old nor new."""

    def __init__(self, key: str, what: str) -> None:
        super().__init__(
            f"{key} {what} while it was read; it stays pending and the next run reads it again. "
            "Write objects under a name that begins with a dot and rename them when they are "
            "complete"
        )


@dataclass(frozen=True)
class LandingObject:
    """One object in landing.

    Attributes:
        key: its name below the landing root, with `/` between folders.
        size: bytes.
        modified_at: when it was written, UTC, to the microsecond.
        version: its ETag or the hash of its content; None until someone asked for it.
    """

    key: str
    size: int
    modified_at: dt.datetime
    version: str | None = None


class LandingStore(Protocol):
    """Where sources drop their objects."""

    def list(self, prefix: str = "events/") -> Sequence[LandingObject]:
        """The data objects whose keys begin with a prefix, by key; finished ones only."""

    def ignored(self, prefix: str = "events/") -> Sequence[str]:
        """Keys that begin with a prefix and are no data objects by their name."""

    def stat(self, key: str) -> LandingObject:
        """Size and time of an object, without its version.

        Raises:
            ObjectChangedError: it is gone.
        """

    def open(self, key: str, listed: LandingObject | None = None) -> BinaryIO:
        """Open an object for reading.

        Args:
            key: the object.
            listed: what a listing said of it, where known: stores that keep versions open that
                one or none.

        Raises:
            ObjectChangedError: it is gone.
        """

    def version(self, key: str) -> str:
        """The version of an object's present content.

        Raises:
            ObjectChangedError: it was rewritten meanwhile, or is gone.
        """

    def verify_unchanged(self, found: LandingObject) -> None:
        """Make sure that an object is still the one that was listed.

        Raises:
            ObjectChangedError: it was rewritten or is gone.
        """


def is_unfinished(key: str) -> bool:
    """Whether a name is one under which producers write what is not complete.

    By custom that is a part of the path that begins with `.` or `_`, or a name that ends in
    `.tmp`, `.part` or `.crdownload`.
    """
    hidden = any(part.startswith((".", "_")) for part in key.split("/"))
    return hidden or key.lower().endswith(_UNFINISHED_SUFFIXES)


def is_data(key: str) -> bool:
    """Whether a name is that of event data; what it holds is told by its content, not its name."""
    return key.lower().endswith(DATA_SUFFIXES)


class FolderStore:
    """A landing area on a disk. Links are followed; a root that does not exist is empty.

    Args:
        root: The landing root; keys are paths below it.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def list(self, prefix: str = "events/") -> Sequence[LandingObject]:
        """The data objects whose keys begin with a prefix, by key; finished ones only."""
        return [
            _described(key, state)
            for key, state in self._finished(prefix)
            if is_data(key) and _is_text(key)
        ]

    def ignored(self, prefix: str = "events/") -> Sequence[str]:
        """Keys that begin with a prefix and are no data objects by their name.

        A name that is not UTF-8 is among them, with its bytes written out: no table can hold it.
        """
        return [
            os.fsencode(key).decode("utf-8", "backslashreplace")
            for key, _ in self._finished(prefix)
            if not (is_data(key) and _is_text(key))
        ]

    def stat(self, key: str) -> LandingObject:
        """Size and time of an object, without its version.

        Raises:
            ObjectChangedError: it is gone.
        """
        try:
            return _described(key, self._path(key).stat())
        except FileNotFoundError:
            raise ObjectChangedError(key, "disappeared") from None

    def open(self, key: str, listed: LandingObject | None = None) -> BinaryIO:  # noqa: ARG002
        """Open an object for reading; whether it is as listed, `verify_unchanged` tells.

        Raises:
            ObjectChangedError: it is gone.
        """
        try:
            return self._path(key).open("rb")
        except FileNotFoundError:
            raise ObjectChangedError(key, "disappeared") from None

    def version(self, key: str) -> str:
        """The hash of an object's content (XXH3, 128 bits): a disk knows no versions.

        Raises:
            ObjectChangedError: it was rewritten meanwhile, or is gone.
        """
        found = self.stat(key)
        hasher = xxhash.xxh3_128()
        with self.open(key) as stream:
            while data := stream.read(_HASHED_AT_ONCE):
                hasher.update(data)
        self.verify_unchanged(found)
        return hasher.hexdigest()

    def verify_unchanged(self, found: LandingObject) -> None:
        """Make sure that an object is still the one that was listed, by its size and time.

        Raises:
            ObjectChangedError: it was rewritten or is gone.
        """
        present = self.stat(found.key)
        if (present.size, present.modified_at) != (found.size, found.modified_at):
            raise ObjectChangedError(found.key, "changed")

    def _path(self, key: str) -> Path:
        if key.startswith("/") or ".." in key.split("/"):
            raise ValueError(f"{key!r} is no key below the landing root")
        return self._root / key

    def _finished(self, prefix: str) -> Sequence[tuple[str, os.stat_result]]:
        folder = prefix.rpartition("/")[0]
        files = _walk(self._root / folder, f"{folder}/" if folder else "", frozenset())
        return sorted((file for file in files if file[0].startswith(prefix)), key=itemgetter(0))


def _walk(
    folder: Path, prefix: str, above: frozenset[tuple[int, int]]
) -> Iterator[tuple[str, os.stat_result]]:
    """Finished files below a folder with their keys; a link back to a folder above is not taken.

    What disappears while it is listed is not there.
    """
    try:
        state = folder.stat()
        names = [path.name for path in folder.iterdir()]
    except (FileNotFoundError, NotADirectoryError):
        return
    above = above | {(state.st_dev, state.st_ino)}
    for name in names:
        key = f"{prefix}{name}"
        if is_unfinished(key):
            continue
        try:
            state = (folder / name).stat()
        except FileNotFoundError:
            continue
        if stat.S_ISREG(state.st_mode):
            yield key, state
        elif stat.S_ISDIR(state.st_mode) and (state.st_dev, state.st_ino) not in above:
            yield from _walk(folder / name, f"{key}/", above)


def _described(key: str, state: os.stat_result) -> LandingObject:
    return LandingObject(key, state.st_size, _to_time(state.st_mtime_ns))


def _is_text(key: str) -> bool:
    """Whether a name is UTF-8: Python keeps the bytes of others as lone surrogates."""
    try:
        key.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _to_time(nanoseconds: int) -> dt.datetime:
    """A file time to the microsecond, which is as much as the lake's tables keep."""
    seconds, rest = divmod(nanoseconds, 1_000_000_000)
    moment = dt.datetime.fromtimestamp(seconds, tz=dt.UTC)
    return moment + dt.timedelta(microseconds=rest // 1000)
