"""Contracts of the model layer: the star schema that analysts query.

Belongs here: columns, grain and keys, one module a subject. Not here: how rows are built.
"""

from __future__ import annotations

from ecom_platform.contracts.model.fact import FACT_USER_EVENTS
from ecom_platform.contracts.model.partials import (
    PARTIALS,
    PRODUCT_BUYER_DAYS,
    PRODUCT_DAYS,
    PRODUCT_VERSION_DAYS,
    SESSION_DAYS,
    USER_TASTE_DAYS,
)
from ecom_platform.contracts.model.products import DIM_PRODUCT_VERSIONS, DIM_PRODUCTS
from ecom_platform.contracts.model.users import DIM_USERS

DIMENSIONS = (DIM_USERS, DIM_PRODUCTS, DIM_PRODUCT_VERSIONS)

__all__ = [
    "DIMENSIONS",
    "DIM_PRODUCTS",
    "DIM_PRODUCT_VERSIONS",
    "DIM_USERS",
    "FACT_USER_EVENTS",
    "PARTIALS",
    "PRODUCT_BUYER_DAYS",
    "PRODUCT_DAYS",
    "PRODUCT_VERSION_DAYS",
    "SESSION_DAYS",
    "USER_TASTE_DAYS",
]
