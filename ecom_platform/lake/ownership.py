"""Ownership: a lake in a bucket belongs to one catalog, and says to which.

Belongs here: the mark in the bucket and what contradicts it. Not here: opening catalogs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from ecom_platform.errors import LakeUnavailable
from ecom_platform.s3.faults import told_clearly

if TYPE_CHECKING:
    from ecom_platform.s3.client import S3Connection

_MARK = "catalog_id"


class OwnershipMark:
    """The object in a bucket that names the catalog to which the files below it belong.

    Whoever opens the lake by another catalog would see no tables, read all of landing again, and
    in time delete the files of the first one as unreferenced. The mark makes that an error.

    Args:
        connection: The bucket and the lake's place in it.
    """

    def __init__(self, connection: S3Connection) -> None:
        self._connection = connection
        location = connection.location
        self._bucket = location.bucket
        self._key = location.below(_MARK).prefix
        self._lake = location.uri

    def claim(self, catalog_id: str) -> None:
        """Mark the lake as this catalog's, or make sure that it is.

        Raises:
            LakeUnavailable: it belongs to another catalog, or the store refuses.
        """
        owner = self.owner() or self._write(catalog_id)
        if owner != catalog_id:
            raise LakeUnavailable(
                f"the tables in {self._lake} belong to another catalog than this one; name theirs "
                "with ECOM_CATALOG (a lake that several machines use needs a shared catalog), or "
                "choose another prefix"
            )

    def require_none(self, catalog: str) -> None:
        """Make sure that the lake has no catalog yet.

        Raises:
            LakeUnavailable: it has one, which is not at hand.
        """
        if self.owner():
            raise LakeUnavailable(
                f"the tables in {self._lake} belong to a catalog that is not here: {catalog} does "
                "not exist; name theirs with ECOM_CATALOG, or bring its file back"
            )

    def owner(self) -> str | None:
        """The catalog that the lake belongs to; None for a lake that is new."""
        with told_clearly(self._lake):
            try:
                answer = self._connection.client.get_object(Bucket=self._bucket, Key=self._key)
            except ClientError as fault:
                if fault.response["Error"]["Code"] == "NoSuchKey":
                    return None
                raise
            return answer["Body"].read().decode()

    def _write(self, catalog_id: str) -> str | None:
        """Mark the lake, unless another catalog is quicker; who owns it then."""
        with told_clearly(self._lake):
            try:
                self._connection.client.put_object(
                    Bucket=self._bucket,
                    Key=self._key,
                    Body=catalog_id.encode(),
                    ContentType="text/plain",
                    IfNoneMatch="*",
                )
            except ClientError as fault:
                if fault.response["Error"]["Code"] in ("PreconditionFailed", "412"):
                    return self.owner()
                raise
        return catalog_id
