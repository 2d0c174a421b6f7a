"""Filling landing: files that a program of this machine makes, delivered as a source would.

Belongs here: where such files are written, and their delivery. Not here: what they hold.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ecom_platform.s3.faults import told_clearly

if TYPE_CHECKING:
    from ecom_platform.settings import Settings


@contextlib.contextmanager
def landing_folder(settings: Settings, below: str = "events") -> Iterator[Path]:
    """A folder of this machine whose files lie in landing when the block ends.

    Of a lake on S3 it is a temporary one, and every file becomes an object, complete from its
    first moment. When the block fails, nothing is delivered there.

    Args:
        settings: where the lake is.
        below: the folder in landing.

    Raises:
        LakeUnavailable: the bucket does not take the objects.
    """
    if settings.s3 is None:
        yield settings.landing_path / below
        return
    # What only a lake in a bucket needs takes a second to load.
    from ecom_platform.s3.client import S3Connection

    target = S3Connection(settings.s3).below(f"landing/{below}")
    with tempfile.TemporaryDirectory(prefix="ecom-landing-") as folder:
        yield Path(folder)
        for file in sorted(path for path in Path(folder).rglob("*") if path.is_file()):
            key = target.location.below(file.relative_to(folder).as_posix()).prefix
            with told_clearly(target.location.uri):
                target.client.upload_file(str(file), target.location.bucket, key)
