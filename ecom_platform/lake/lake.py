"""The lake: one object through which everything else reaches tables and records.

Belongs here: opening tables, records and stages of one lake. Not here: what is done with them.
"""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from typing import TYPE_CHECKING

from ecom_platform.contracts import TABLES
from ecom_platform.contracts.ledger import HOLDS, LANDING_LATENESS, LANDING_OBJECTS, PUBLICATIONS
from ecom_platform.contracts.oltp import AWAITED_ROWS, DMS_OBJECTS
from ecom_platform.lake.awaited_rows import AwaitedRecords
from ecom_platform.lake.catalog import (
    NAMESPACE,
    catalog_exists,
    existing_tables,
    open_catalog,
    open_table,
)
from ecom_platform.lake.dms_objects import DmsRecords
from ecom_platform.lake.holds import Holds, newest_holds
from ecom_platform.lake.journal import Entry, Journal
from ecom_platform.lake.lateness import LatenessRecords
from ecom_platform.lake.local_copies import LocalCopies
from ecom_platform.lake.objects import ObjectRecords, newest_outcomes
from ecom_platform.lake.publications import (
    Publications,
    newest_publications,
    remembered_publications,
)
from ecom_platform.lake.staging import Stage
from ecom_platform.lake.storage import FolderStorage
from ecom_platform.lake.table import TableVersion

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pyiceberg.catalog import Catalog

    from ecom_platform.lake.storage import Storage
    from ecom_platform.s3.client import S3Connection
    from ecom_platform.settings import Settings


class Lake:
    """The tables of one lake. Making one touches nothing; the first use opens the catalog."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @cached_property
    def catalog(self) -> Catalog:
        """The catalog, opened at the first use."""
        return open_catalog(self.settings, self.s3)

    @cached_property
    def s3(self) -> S3Connection | None:
        """The clients of the lake's bucket; None for a lake in a folder."""
        if self.settings.s3 is None:
            return None
        # What only a lake in a bucket needs takes a second to load.
        from ecom_platform.s3.client import S3Connection

        return S3Connection(self.settings.s3)

    @cached_property
    def storage(self) -> Storage:
        """Where the files of tables lie: their paths, and listing, opening and deleting them."""
        if self.s3 is None:
            return FolderStorage(self.settings.lake_path / "tables")
        from ecom_platform.lake.s3_storage import S3Storage

        return S3Storage(self.s3.below("tables"))

    @property
    def is_read_by_engine(self) -> bool:
        """Whether the engine reads and writes the storage itself: the JVM has no S3 client here."""
        return self.s3 is None or self.settings.engine != "local"

    def readable(self, paths: Sequence[str]) -> list[str]:
        """The same files as the engine can read them: copied to this machine where it must be."""
        return list(paths) if self.is_read_by_engine else self._copies.of(paths)

    @cached_property
    def _copies(self) -> LocalCopies:
        return LocalCopies(self.storage)

    def table(self, name: str) -> TableVersion:
        """A table at its newest version, created from its contract when it is missing."""
        contract = TABLES[name]
        table = open_table(self.catalog, contract, self.storage.uri(self.storage.root))
        return TableVersion(table, contract)

    def existing_tables(self, names: Iterable[str] = TABLES) -> dict[str, TableVersion]:
        """Those of some tables that exist, at their newest version; looking creates nothing."""
        if not catalog_exists(self.settings, self.s3):
            return {}
        tables = existing_tables(self.catalog, names)
        return {name: TableVersion(table, TABLES[name]) for name, table in tables.items()}

    def stage(self, name: str) -> Stage:
        """A fresh place for files of a table."""
        return Stage(self.storage, name, engine_writes_here=self.is_read_by_engine)

    @cached_property
    def journals(self) -> dict[str, Journal]:
        """The journals, by the name of their table."""
        kept = dt.timedelta(days=self.settings.snapshot_days)

        def remembered(entries: list[Entry]) -> list[Entry]:
            return remembered_publications(entries, dt.datetime.now(tz=dt.UTC) - kept)

        return {
            PUBLICATIONS.name: Journal(
                lambda: self.table(PUBLICATIONS.name), newest_publications, remembered
            ),
            LANDING_OBJECTS.name: Journal(
                lambda: self.table(LANDING_OBJECTS.name), newest_outcomes
            ),
            DMS_OBJECTS.name: Journal(lambda: self.table(DMS_OBJECTS.name), newest_outcomes),
            HOLDS.name: Journal(lambda: self.table(HOLDS.name), newest_holds),
        }

    @cached_property
    def publications(self) -> Publications:
        """What is published, and from what."""
        return Publications(self.journals[PUBLICATIONS.name])

    @cached_property
    def objects(self) -> ObjectRecords:
        """What became of every landing object."""
        return ObjectRecords(self.journals[LANDING_OBJECTS.name])

    @cached_property
    def dms_objects(self) -> DmsRecords:
        """What became of every object of DMS."""
        return DmsRecords(self.journals[DMS_OBJECTS.name])

    @cached_property
    def awaited_rows(self) -> AwaitedRecords:
        """Rows of the shop that the next look at its database is to judge."""
        return AwaitedRecords(lambda: self.table(AWAITED_ROWS.name))

    @cached_property
    def lateness(self) -> LatenessRecords:
        """How late the events of every landing object were delivered."""
        return LatenessRecords(lambda: self.table(LANDING_LATENESS.name))

    @cached_property
    def holds(self) -> Holds:
        """What was put back by hand and is not rebuilt."""

        def exist() -> bool:
            known = catalog_exists(self.settings)
            return known and self.catalog.table_exists((NAMESPACE, HOLDS.name))

        return Holds(self.journals[HOLDS.name], exist)
