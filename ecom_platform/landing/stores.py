"""Landing stores: which kind of landing area a lake has.

Belongs here: choosing by the settings. Not here: how any one of them lists and reads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecom_platform.landing.folder_store import FolderStore

if TYPE_CHECKING:
    from ecom_platform.landing.objects import LandingStore
    from ecom_platform.s3.client import S3Connection
    from ecom_platform.settings import Settings


def open_landing(settings: Settings, s3: S3Connection | None = None) -> LandingStore:
    """The landing area of a lake. Opening it asks nothing of it.

    Args:
        settings: where the lake is.
        s3: the clients of its bucket, where someone has made them.
    """
    if settings.s3 is None:
        return FolderStore(settings.landing_path)
    # What only a lake in a bucket needs takes a second to load.
    from ecom_platform.landing.s3_store import S3Store
    from ecom_platform.s3.client import S3Connection

    return S3Store((s3 or S3Connection(settings.s3)).below("landing"))
