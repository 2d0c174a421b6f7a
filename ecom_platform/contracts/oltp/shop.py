"""The shop's tables: the columns that replication delivers, in the order in which it does.

Belongs here: columns, keys, what names a person. Not here: columns that the platform adds.

The order counts: CSV files without names are read by it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Annotated

import pandera.pyspark as pandera
import pyarrow as pa
import pyspark.sql.types as T

_UTC = {"unit": "UTC, microseconds"}


class Brands(pandera.DataFrameModel):
    """Brands of products."""

    brand_id: T.LongType = pandera.Field(description="Identifies the brand.")
    brand_name: T.StringType = pandera.Field(description="Name of the brand.")


class Categories(pandera.DataFrameModel):
    """The tree of categories."""

    category_id: T.LongType = pandera.Field(description="Identifies the category.")
    category_name: T.StringType = pandera.Field(
        nullable=True, description="Name of the category itself; some have none."
    )
    parent_id: T.LongType = pandera.Field(
        nullable=True, description="Category above; null at the top."
    )


class Products(pandera.DataFrameModel):
    """What the shop sells, as it is now."""

    product_id: T.LongType = pandera.Field(description="Identifies the product.")
    name: T.StringType = pandera.Field(description="Name of the product.")
    brand_id: T.LongType = pandera.Field(nullable=True, description="Brand; joins brands.")
    category_id: T.LongType = pandera.Field(description="Category; joins categories.")
    price: Annotated[T.DecimalType, 12, 2] = pandera.Field(
        description="Price of the product now.", metadata={"unit": "USD"}
    )
    stock: T.LongType = pandera.Field(description="Pieces in stock.")


class Users(pandera.DataFrameModel):
    """The shop's customers."""

    user_id: T.LongType = pandera.Field(
        description="The user, by the shop's permanent id.", metadata={"pii": True}
    )
    name: T.StringType = pandera.Field(description="Name of the user.", metadata={"pii": True})
    email: T.StringType = pandera.Field(description="Address of the user.", metadata={"pii": True})
    created_at: T.TimestampType = pandera.Field(
        description="When the user signed up.", metadata=_UTC
    )


class Sessions(pandera.DataFrameModel):
    """Visits to the shop."""

    session_id: T.StringType = pandera.Field(
        description="The session's id (a UUID); with user_id it identifies a session."
    )
    user_id: T.LongType = pandera.Field(
        description="The user, by the shop's permanent id.", metadata={"pii": True}
    )
    device_type: T.StringType = pandera.Field(description="Device of the session.")
    channel: T.StringType = pandera.Field(description="Channel that brought the session.")
    started_at: T.TimestampType = pandera.Field(description="When it began.", metadata=_UTC)


class Events(pandera.DataFrameModel):
    """What users did in the shop."""

    event_id: T.LongType = pandera.Field(description="Identifies the event.")
    session_id: T.StringType = pandera.Field(
        nullable=True, description="The session's id; null for events without one."
    )
    user_id: T.LongType = pandera.Field(
        description="The user, by the shop's permanent id.", metadata={"pii": True}
    )
    product_id: T.LongType = pandera.Field(description="The product; joins products.")
    event_type: T.StringType = pandera.Field(
        description="view, cart, remove_from_cart or purchase."
    )
    event_time: T.TimestampType = pandera.Field(
        description="When the event happened.", metadata=_UTC
    )
    price: Annotated[T.DecimalType, 12, 2] = pandera.Field(
        description="Price of the product at that time.", metadata={"unit": "USD"}
    )


@dataclass(frozen=True)
class ShopTable:
    """A table of the shop.

    Attributes:
        name: as the shop calls it.
        key: columns of its primary key.
        model: its columns.
    """

    name: str
    key: tuple[str, ...]
    model: type[pandera.DataFrameModel]

    @cached_property
    def schema(self) -> pa.Schema:
        """Its columns in their order, as Arrow types; times in UTC."""
        fields = []
        for name, spec in self.model.to_schema().columns.items():
            kind = spec.dtype.type
            if isinstance(kind, T.DecimalType):
                arrow: pa.DataType = pa.decimal128(kind.precision, kind.scale)
            else:
                arrow = _ARROW[type(kind)]
            fields.append(pa.field(name, arrow, nullable=bool(spec.nullable)))
        return pa.schema(fields)


_ARROW: dict[type[T.DataType], pa.DataType] = {
    T.LongType: pa.int64(),
    T.StringType: pa.string(),
    T.TimestampType: pa.timestamp("us", tz="UTC"),
}

SHOP_TABLES: dict[str, ShopTable] = {
    table.name: table
    for table in (
        ShopTable("brands", ("brand_id",), Brands),
        ShopTable("categories", ("category_id",), Categories),
        ShopTable("products", ("product_id",), Products),
        ShopTable("users", ("user_id",), Users),
        ShopTable("sessions", ("session_id", "user_id"), Sessions),
        ShopTable("events", ("event_id",), Events),
    )
}
