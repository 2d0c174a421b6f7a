"""Contracts of the shop's own tables, as replication delivers them.

Belongs here: the shop's columns, the lake's copies of its tables, the records of changes. Not here:
how changes are folded, which files bring them.
"""

from __future__ import annotations

from ecom_platform.contracts.oltp.ledger import CHANGE_LEDGER, DMS_OBJECTS
from ecom_platform.contracts.oltp.shop import SHOP_TABLES
from ecom_platform.contracts.oltp.tables import CURRENT_OLTP, RAW_OLTP, current_name, raw_name

__all__ = [
    "CHANGE_LEDGER",
    "CURRENT_OLTP",
    "DMS_OBJECTS",
    "RAW_OLTP",
    "SHOP_TABLES",
    "current_name",
    "raw_name",
]
