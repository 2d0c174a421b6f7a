"""A landing area on a disk: objects are files, told apart by their content.

Belongs here: listing and opening files. Not here: their content, or what became of them.
"""

from __future__ import annotations

import datetime as dt
import os
import stat
from collections.abc import Iterator, Sequence
from operator import itemgetter
from pathlib import Path
from typing import BinaryIO

import xxhash

from ecom_platform.landing.objects import (
    LandingObject,
    ObjectChangedError,
    is_data,
    is_unfinished,
)

_HASHED_AT_ONCE = 1 << 20


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

    def list_some(
        self,
        prefix: str,
        after: str,
        pages: int,  # noqa: ARG002  # a disk is listed at once
    ) -> tuple[Sequence[LandingObject], str]:
        """What `list` gives after a key; always up to the end."""
        return [found for found in self.list(prefix) if found.key > after], ""

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
