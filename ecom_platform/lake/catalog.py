"""The catalog: which tables exist and which version of each is current.

Belongs here: opening the catalog and creating tables. Not here: committing files to them.
"""

from __future__ import annotations

import contextlib
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.exceptions import (
    CommitFailedException,
    NamespaceAlreadyExistsError,
    NoSuchTableError,
    TableAlreadyExistsError,
)
from pyiceberg.transforms import IdentityTransform
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from ecom_platform.errors import LakeUnavailable
from ecom_platform.lake.catalog_faults import tell_faults_clearly
from ecom_platform.s3.faults import told_clearly

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyiceberg.catalog import Catalog
    from pyiceberg.table import Table

    from ecom_platform.contracts.table import TableContract
    from ecom_platform.s3.client import S3Connection
    from ecom_platform.settings import Settings

NAMESPACE = "ecom"
# What ECOM_CATALOG says for the Glue Data Catalog; everything else is an SQLAlchemy URI.
GLUE = "glue"
_CATALOG_ID = "ecom.catalog_id"
_LOCATION = "location"

# A new catalog has two tables and a namespace; at each of them another process can be quicker.
_ATTEMPTS_TO_CREATE = 5

# Bounds are cut at 16 characters by default; these columns decide which files an object's rows
# lie in, so their bounds must be exact.
_EXACT_BOUNDS = ("source_object", "object_version", "layer", "table_name", "shop_table")

_PROPERTIES = {
    "write.parquet.compression-codec": "zstd",
    "write.metadata.delete-after-commit.enabled": "true",
    "write.metadata.previous-versions-max": "20",
    "commit.manifest-merge.enabled": "true",
    "commit.manifest.min-count-to-merge": "20",
    "commit.retry.num-retries": "10",
}


def open_catalog(settings: Settings, s3: S3Connection | None) -> Catalog:
    """Open the lake's catalog, creating an empty one in a new lake.

    Args:
        settings: where lake and catalog are.
        s3: the clients of the lake's bucket; None for a folder.

    Raises:
        LakeUnavailable: the lake or its catalog cannot be opened or written, or they do not
            belong to each other.
    """
    try:
        with told_clearly(f"the lake {settings.lake_name}"):
            catalog = _open_in_bucket(settings, s3) if s3 else _open_in_folder(settings)
    except OSError as fault:
        raise LakeUnavailable(
            f"the lake {settings.lake_name} cannot be written: {fault.strerror or fault}; "
            "choose another folder with ECOM_LAKE or mend its permissions"
        ) from fault
    except ImportError as missing:
        raise LakeUnavailable(
            f"the catalog of the lake {settings.lake_name} cannot be opened: {missing}; "
            "install the driver of the database that ECOM_CATALOG names"
        ) from missing
    except SQLAlchemyError as fault:
        reason = str(fault.__cause__ or fault).splitlines()[0]
        raise LakeUnavailable(
            f"the catalog of the lake {settings.lake_name} cannot be opened: {reason}; "
            "check ECOM_CATALOG, and that no other program locks it"
        ) from fault
    tell_faults_clearly(catalog, settings.lake_name)
    return catalog


def _open_in_folder(settings: Settings) -> Catalog:
    warehouse = settings.lake_path / "tables"
    warehouse.mkdir(parents=True, exist_ok=True)
    return _open_or_create(settings, {"warehouse": f"file://{warehouse}"})


def _open_in_bucket(settings: Settings, s3: S3Connection) -> Catalog:
    if settings.catalog is None:
        settings.state_path.mkdir(parents=True, exist_ok=True)
    from ecom_platform.lake.ownership import OwnershipMark
    from ecom_platform.lake.s3_file_io import file_io_properties

    warehouse = s3.location.below("tables").uri
    catalog = _open_or_create(
        settings,
        {"warehouse": warehouse, **file_io_properties(s3)},
        {_CATALOG_ID: uuid.uuid4().hex, _LOCATION: warehouse},
    )

    known = catalog.load_namespace_properties(NAMESPACE)
    if known.get(_LOCATION, warehouse) != warehouse:
        raise LakeUnavailable(
            f"the catalog that ECOM_CATALOG names holds the tables of {known[_LOCATION]}, not of "
            f"{settings.lake_name}; a catalog is for one lake: name another"
        )
    OwnershipMark(s3).claim(str(known.get(_CATALOG_ID, "")))
    return catalog


def _open_or_create(
    settings: Settings, properties: dict[str, Any], of_a_new_one: dict[str, str] | None = None
) -> Catalog:
    """Open a catalog; of processes that create it at the same time, the slower look again."""
    for attempt in range(1, _ATTEMPTS_TO_CREATE + 1):
        try:
            catalog = _connect(settings, properties)
            with contextlib.suppress(NamespaceAlreadyExistsError):
                catalog.create_namespace(NAMESPACE, of_a_new_one or {})
        except SQLAlchemyError as fault:
            was_quicker = isinstance(fault, IntegrityError) or "already exists" in str(fault)
            if not was_quicker or attempt == _ATTEMPTS_TO_CREATE:
                raise
        else:
            break
    return catalog


def _connect(settings: Settings, properties: dict[str, Any]) -> Catalog:
    if settings.catalog_uri == GLUE:
        from pyiceberg.catalog.glue import GlueCatalog

        return GlueCatalog(NAMESPACE, **properties)
    return SqlCatalog(NAMESPACE, uri=_with_patience(settings.catalog_uri), **properties)


def catalog_exists(settings: Settings, s3: S3Connection | None = None) -> bool:
    """Whether there is a catalog to open; opening one that is missing would create it.

    Only files are looked for: whether a database server answers is for `open_catalog` to say.

    Args:
        settings: where lake and catalog are.
        s3: the clients of the lake's bucket; None for a folder.

    Raises:
        LakeUnavailable: the lake in the bucket has a catalog, which is somewhere else.
    """
    if settings.catalog_uri == GLUE:
        return True
    try:
        url = make_url(settings.catalog_uri)
    except SQLAlchemyError:
        return True
    if url.get_backend_name() != "sqlite":
        return True
    exists = bool(url.database) and Path(str(url.database)).is_file()
    if s3 and not exists:
        from ecom_platform.lake.ownership import OwnershipMark

        OwnershipMark(s3).require_none(str(url.database))
    return exists


def existing_tables(catalog: Catalog, names: Iterable[str]) -> dict[str, Table]:
    """Load those of some tables that exist, at their newest version, by name.

    Raises:
        LakeUnavailable: the catalog knows a table whose files are gone.
    """
    known = {identifier[-1] for identifier in catalog.list_tables(NAMESPACE)}
    try:
        return {name: catalog.load_table((NAMESPACE, name)) for name in names if name in known}
    except FileNotFoundError as missing:
        raise LakeUnavailable(
            f"the catalog names a file that is not there: {missing}; the lake's folder was moved "
            "or its files were deleted: put them back, for paths in the catalog are absolute"
        ) from missing


def open_table(catalog: Catalog, contract: TableContract, warehouse_uri: str) -> Table:
    """Load a table at its newest version, creating it from its contract when it is missing.

    Columns that its contract has gained are added: rows of older files have nulls there.
    """
    identifier = (NAMESPACE, contract.name)
    try:
        return _with_new_columns(catalog.load_table(identifier), contract)
    except NoSuchTableError:
        pass
    try:
        return _create(catalog, contract, f"{warehouse_uri}/{contract.name}")
    except (TableAlreadyExistsError, CommitFailedException):  # another process was quicker
        return catalog.load_table(identifier)


def _with_new_columns(table: Table, contract: TableContract) -> Table:
    known = set(table.schema().column_names)
    if known >= set(contract.column_names):
        return table
    with table.update_schema() as update:
        update.union_by_name(contract.arrow_schema)
    return table


def _create(catalog: Catalog, contract: TableContract, location: str) -> Table:
    properties = dict(_PROPERTIES)
    for column in contract.column_names:
        if column in _EXACT_BOUNDS:
            properties[f"write.metadata.metrics.column.{column}"] = "full"
    with catalog.create_table_transaction(
        (NAMESPACE, contract.name),
        schema=contract.arrow_schema,
        location=location,
        properties=properties,
    ) as transaction:
        if contract.partition_by:
            with transaction.update_spec() as spec:
                spec.add_field(contract.partition_by, IdentityTransform(), contract.partition_by)
        # Engines write files without field ids, so readers map columns by name.
        mapping = transaction.table_metadata.schema().name_mapping.model_dump_json()
        transaction.set_properties({"schema.name-mapping.default": mapping})
    return catalog.load_table((NAMESPACE, contract.name))


def _with_patience(uri: str) -> str:
    """Let SQLite wait for another process's short write instead of failing at once."""
    if uri.startswith("sqlite") and "timeout=" not in uri:
        return uri + ("&" if "?" in uri else "?") + "timeout=30"
    return uri
