"""Contracts: the only place where a column's type, meaning, unit and nullability are written.

Belongs here: one module a layer, and the register of all tables. Not here: code that reads rows.
"""

from __future__ import annotations

from ecom_platform.contracts.clean import CLEAN_EVENTS
from ecom_platform.contracts.ledger import (
    HOLDS,
    LANDING_LATENESS,
    LANDING_OBJECTS,
    PUBLICATIONS,
)
from ecom_platform.contracts.marts import MART_PARTIALS, MARTS, PROFILES
from ecom_platform.contracts.model import DIMENSIONS, FACT_USER_EVENTS, PARTIALS
from ecom_platform.contracts.oltp import (
    AWAITED_ROWS,
    CHANGE_LEDGER,
    CURRENT_OLTP,
    DMS_OBJECTS,
    RAW_OLTP,
)
from ecom_platform.contracts.raw import RAW_EVENTS, REJECTED_EVENTS
from ecom_platform.contracts.row_ledger import ROW_LEDGER
from ecom_platform.contracts.table import TableContract

TABLES: dict[str, TableContract] = {
    contract.name: contract
    for contract in (
        RAW_EVENTS,
        REJECTED_EVENTS,
        CLEAN_EVENTS,
        FACT_USER_EVENTS,
        *PARTIALS,
        *DIMENSIONS,
        ROW_LEDGER,
        *PROFILES,
        *MART_PARTIALS,
        *MARTS,
        *RAW_OLTP.values(),
        *CURRENT_OLTP.values(),
        CHANGE_LEDGER,
        LANDING_OBJECTS,
        LANDING_LATENESS,
        DMS_OBJECTS,
        AWAITED_ROWS,
        PUBLICATIONS,
        HOLDS,
    )
}
