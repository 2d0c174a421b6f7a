"""Contracts of the shop's own tables, as replication delivers them.

Belongs here: the shop's columns, the lake's copies of its tables, the records of changes. Not here:
how changes are folded, which files bring them.
"""

from __future__ import annotations

from ecom_platform.contracts.oltp.ledger import AWAITED_ROWS, CHANGE_LEDGER, DMS_OBJECTS
from ecom_platform.contracts.oltp.shop import SHOP_TABLES
from ecom_platform.contracts.oltp.tables import CURRENT_OLTP, RAW_OLTP, current_name, raw_name

# The step that builds them all, and its tables in the order of the data flow.
SHOP_STEP = "shop_tables"
SHOP_STEP_TABLES = (
    *(contract.name for contract in (*RAW_OLTP.values(), *CURRENT_OLTP.values())),
    CHANGE_LEDGER.name,
)

__all__ = [
    "AWAITED_ROWS",
    "CHANGE_LEDGER",
    "CURRENT_OLTP",
    "DMS_OBJECTS",
    "RAW_OLTP",
    "SHOP_STEP",
    "SHOP_STEP_TABLES",
    "SHOP_TABLES",
    "current_name",
    "raw_name",
]
