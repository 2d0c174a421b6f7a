"""Faults of the machine and of the store: a full disk, a bucket that refuses; with what to do.

Belongs here: recognizing them in what engines and libraries say. Not here: other failures.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ecom_platform.errors import LakeUnavailable
from ecom_platform.s3.faults import explain_text

_FULL = ("No space left on device", "disk is full", "Disk quota exceeded")
_NOT_WRITABLE = ("Read-only file system", "Permission denied", "Not a directory")


def explain(message: str, lake_name: str) -> str:
    """A failure in words; one of the machine or of the object store with its remedy.

    Args:
        message: what went wrong, as the run tells it.
        lake_name: where the lake lies.
    """
    if told := explain_text(message, lake_name):
        return told
    if any(words in message for words in _FULL):
        return (
            f"no space is left on the device where the lake {lake_name} lies; nothing is lost: "
            "free some and run it again"
        )
    first = next(iter(message.strip().splitlines()), "")
    if any(words in message for words in _NOT_WRITABLE):
        return (
            f"the lake {lake_name} cannot be written; nothing is lost: mend its folders and run "
            f"it again ({first})"
        )
    return message


@contextmanager
def told_with_a_remedy(lake_name: str) -> Iterator[None]:
    """Turn a fault of the machine into one that is shown in one line; others pass unchanged.

    Raises:
        LakeUnavailable: the disk is full, or a folder cannot be written.
    """
    try:
        yield
    except OSError as fault:
        told = explain(str(fault), lake_name)
        if told == str(fault):
            raise
        raise LakeUnavailable(told) from fault
