"""Catalog faults: a database that does not answer, as an error that a person can act on.

Belongs here: translating faults of an open catalog. Not here: opening one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyiceberg.catalog.sql import SqlCatalog
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from ecom_platform.errors import LakeUnavailable

if TYPE_CHECKING:
    from pyiceberg.catalog import Catalog
    from sqlalchemy.engine import ExceptionContext


def tell_faults_clearly(catalog: Catalog, lake_name: str) -> None:
    """Have a catalog whose database does not answer fail with LakeUnavailable.

    A database that another program locks, that went away, or whose disk is full: it answered when
    the catalog was opened, and may stop to in the middle of a run.

    Args:
        catalog: the catalog; of those that are no database nothing changes.
        lake_name: where the lake lies, for the message.
    """
    if not isinstance(catalog, SqlCatalog):
        return

    @event.listens_for(catalog.engine, "handle_error")
    def tell(context: ExceptionContext) -> None:
        if isinstance(context.sqlalchemy_exception, OperationalError):
            reason = str(context.original_exception).splitlines()[0]
            raise LakeUnavailable(
                f"the catalog of the lake {lake_name} does not answer: {reason}; nothing is lost: "
                "see that no other program locks it, and run it again"
            ) from context.original_exception
