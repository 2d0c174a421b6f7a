"""What the dates of every dated table are built from.

Belongs here: names of tables and distances of dates. Not here: reading, comparing, building.
"""

from __future__ import annotations

from dataclasses import dataclass

from ecom_platform.contracts.marts import FUNNEL_DAYS, MART_FUNNEL, MULTIDAY_SESSION_EVENTS
from ecom_platform.contracts.model import FACT_USER_EVENTS, SESSION_DAYS


@dataclass(frozen=True)
class Input:
    """One input of a date.

    Attributes:
        table: the table.
        days_before: how many days before the date that is built; 0 for the same date.
    """

    table: str
    days_before: int = 0


# Tables that are built from one table, of the same date.
INPUT_OF = {
    "clean_events": "raw_events",
    "fact_user_events": "clean_events",
    "session_days": "fact_user_events",
    "user_taste_days": "fact_user_events",
    "product_days": "fact_user_events",
    "product_buyer_days": "fact_user_events",
    "product_version_days": "clean_events",
    "row_ledger": "fact_user_events",  # and all before it, see staleness.ledger_inputs
}

_FACT, _SESSIONS = Input(FACT_USER_EVENTS.name), Input(SESSION_DAYS.name)
_MULTIDAY = Input(MULTIDAY_SESSION_EVENTS.name)

# Tables whose dates are built from several tables. The first says which dates there are; the
# others may have nothing for a date.
INPUTS_OF: dict[str, tuple[Input, ...]] = {
    FUNNEL_DAYS.name: (_FACT, _SESSIONS),
    MART_FUNNEL.name: (Input(FUNNEL_DAYS.name), _MULTIDAY),
}


# Every table that has dates of its own to be rebuilt, in the order of the data flow.
DATED_TABLES = (*INPUT_OF, MULTIDAY_SESSION_EVENTS.name, *INPUTS_OF)


def sources_of(table_name: str) -> tuple[str, ...]:
    """The tables that a dated table is built from, each once."""
    if table_name == MULTIDAY_SESSION_EVENTS.name:
        return (SESSION_DAYS.name, FACT_USER_EVENTS.name)
    if table_name in INPUTS_OF:
        return tuple(dict.fromkeys(each.table for each in INPUTS_OF[table_name]))
    return (INPUT_OF[table_name],) if table_name in INPUT_OF else ()
