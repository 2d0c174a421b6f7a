"""Landing objects: what lies in the landing area, and what it is named, sized and dated.

Belongs here: what an object is, and what every landing area can do. Not here: any one of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from ecom_platform.errors import EcomError

DATA_SUFFIXES = (".csv", ".csv.gz", ".gz", ".csv.gzip")
_DMS_PREFIX, _DMS_SUFFIX = "dms/", ".parquet"
_UNFINISHED_SUFFIXES = (".tmp", ".part", ".crdownload")


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

    def list_some(self, prefix: str, after: str, pages: int) -> tuple[Sequence[LandingObject], str]:
        """A part of what `list` gives, in a bounded number of requests.

        Args:
            prefix: which keys.
            after: only keys that sort after this one; may be empty.
            pages: so many requests at most.

        Returns:
            The data objects, and the last key that was looked at; empty at the end.
        """

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
    """Whether a name is that of data; events are told by their content, not their name."""
    name = key.lower()
    is_of_dms = key.startswith(_DMS_PREFIX) and name.endswith(_DMS_SUFFIX)
    return is_of_dms or name.endswith(DATA_SUFFIXES)
