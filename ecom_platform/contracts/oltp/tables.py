"""Contracts of the lake's copies of the shop's tables: every change, and the rows as they are now.

Belongs here: what the platform adds to the shop's columns, keys, lineage. Not here: the shop's own
columns (shop.py).
"""

from __future__ import annotations

from typing import Annotated, Any

import pandera.pyspark as pandera
import pyspark.sql.types as T

from ecom_platform.contracts.lineage import carried
from ecom_platform.contracts.oltp.shop import SHOP_TABLES, ShopTable
from ecom_platform.contracts.table import TableContract

_UTC = {"unit": "UTC, microseconds"}
# What the values of these columns are held to.
_LIMITS: dict[str, dict[str, Any]] = {"op": {"isin": ["I", "U", "D"]}, "source_row": {"gt": 0}}
_CADENCE = "when changes arrive"


class ChangeColumns(pandera.DataFrameModel):
    """What is known of a change beside the row."""

    op: T.StringType = pandera.Field(
        description="Insert, update or delete; rows of a full load are I."
    )
    committed_at: T.TimestampType = pandera.Field(
        nullable=True,
        description="Commit of the change, or transfer of a full load, where the file tells it.",
        metadata=_UTC,
    )
    change_seq: T.StringType = pandera.Field(
        nullable=True, description="Sequence of the change, where the file tells it; sorts as text."
    )
    additional: T.StringType = pandera.Field(
        nullable=True,
        description="Columns of the file that the table does not have, with their values as JSON; "
        "of users as a hash, unless ECOM_PLAIN_PROFILES.",
        metadata={"pii": True},
    )
    is_full_load: T.BooleanType = pandera.Field(description="Whether a full load brought the row.")
    written_at: T.TimestampType = pandera.Field(
        description="When its object was written: by the name of a file of changes; of a full "
        "load the first transfer that it tells, else the time of the object.",
        metadata=_UTC,
    )
    source_object: T.StringType = pandera.Field(
        description="Key of the landing object, below the landing root."
    )
    object_version: T.StringType = pandera.Field(
        description="Version of that object: ETag, or hash of its content."
    )
    source_row: T.LongType = pandera.Field(gt=0, description="Row in that object, from 1.")
    ingested_at: T.TimestampType = pandera.Field(
        description="When the platform read the row.", metadata=_UTC
    )

    class Config:
        strict = True


CHANGE_COLUMNS = tuple(ChangeColumns.to_schema().columns)


def raw_name(table: str) -> str:
    """Name of the table with all changes of a table of the shop."""
    return f"raw_oltp_{table}"


def current_name(table: str) -> str:
    """Name of the table with the rows of a table of the shop as they are now."""
    return f"oltp_{table}"


def _model(name: str, doc: str, columns: dict[str, tuple[Any, Any]]) -> type[Any]:
    """A pandera model from columns and their fields."""
    fields = {column: field for column, (_, field) in columns.items()}
    annotations = {column: kind for column, (kind, _) in columns.items()}
    config = type("Config", (), {"strict": True})
    body = {"__doc__": doc, "__annotations__": annotations, "Config": config, **fields}
    return type(name, (pandera.DataFrameModel,), body)


def _columns(
    model: type[Any], *, all_nullable_but: tuple[str, ...] | None = None
) -> dict[str, Any]:
    """The columns of a model for another one; nullable but for a key, if one is given."""
    found = {}
    for name, spec in model.to_schema().columns.items():
        kind = spec.dtype.type
        decimal = isinstance(kind, T.DecimalType)
        annotation = Annotated[T.DecimalType, kind.precision, kind.scale] if decimal else type(kind)
        nullable = spec.nullable or (all_nullable_but is not None and name not in all_nullable_but)
        found[name] = (
            annotation,
            pandera.Field(
                nullable=nullable,
                description=spec.description,
                metadata=spec.metadata,
                **_LIMITS.get(name, {}),
            ),
        )
    return found


def _raw(table: ShopTable) -> TableContract:
    columns = _columns(ChangeColumns) | _columns(table.model, all_nullable_but=table.key)
    what = (table.model.__doc__ or "").strip().rstrip(".")
    return TableContract(
        name=raw_name(table.name),
        layer="raw",
        grain="one change of one row, or one row of a full load",
        key=("source_object", "source_row"),
        cadence=_CADENCE,
        model=_model(
            f"RawOltp{table.name.title()}",
            f"{what}: every change that arrived; of a delete only the key is sure to be there.",
            columns,
        ),
        partition_by=None,
    )


def _current(table: ShopTable) -> TableContract:
    what = (table.model.__doc__ or "").strip().rstrip(".")
    columns = _columns(table.model)
    return TableContract(
        name=current_name(table.name),
        layer="clean",
        grain="one row of the shop's table",
        key=table.key,
        cadence=_CADENCE,
        model=_model(f"Oltp{table.name.title()}", f"{what}, as of the last change.", columns),
        partition_by=None,
        lineage=carried(raw_name(table.name), *columns),
    )


RAW_OLTP = {name: _raw(table) for name, table in SHOP_TABLES.items()}
CURRENT_OLTP = {name: _current(table) for name, table in SHOP_TABLES.items()}
