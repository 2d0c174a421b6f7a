"""What an earlier life left behind: half-written files, and files after its checkpoint.

Belongs here: deciding which files go, and removing them. Not here: writing any.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ecom_platform.oltp.replicator.names import changes_stamp, is_load, moment


def remove_orphans(folder: Path, stamp: int) -> list[Path]:
    """Remove half-written files, and files of changes that are later than the checkpoint's last.

    Args:
        folder: Of the schema.
        stamp: Milliseconds since 1970 in the name of the last file that is complete.
    """
    latest = f"{moment(stamp * 1000):%Y%m%d-%H%M%S}{stamp % 1000:03d}"
    return _remove(folder, lambda name: (changes_stamp(name) or "") > latest)


def remove_all(folder: Path) -> list[Path]:
    """Remove what earlier tasks wrote, as DMS does when it is to drop and create its tables."""
    return _remove(folder, lambda name: is_load(name) or changes_stamp(name) is not None)


def _remove(folder: Path, is_left_over: Callable[[str], bool]) -> list[Path]:
    removed = []
    for path in sorted(folder.rglob("*")):
        half_written = path.name.startswith(".") and path.name.endswith(".part")
        if path.is_file() and (half_written or is_left_over(path.name)):
            path.unlink()
            removed.append(path)
    return removed
