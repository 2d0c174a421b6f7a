"""What the dates of every dated table are built from.

Belongs here: names of tables and distances of dates. Not here: reading, comparing, building.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ecom_platform.contracts.marts import (
    FUNNEL_DAYS,
    MART_ACTIVITY,
    MART_CARTS,
    MART_FUNNEL,
    MART_PRICES,
    MART_PRODUCTS,
    MART_SALES,
    MART_SESSIONS,
    MULTIDAY_SESSION_EVENTS,
    SESSION_LENGTH_DAYS,
)
from ecom_platform.contracts.model import FACT_USER_EVENTS, PRODUCT_VERSION_DAYS, SESSION_DAYS

MULTIDAY = MULTIDAY_SESSION_EVENTS.name


@dataclass(frozen=True)
class Input:
    """One input of a date.

    Attributes:
        table: the table.
        days_before: how many days before the date that is built; 0 for the same date.
    """

    table: str
    days_before: int = 0

    @property
    def distance(self) -> dt.timedelta:
        """From the date of the input to the date that is built."""
        return dt.timedelta(days=self.days_before)


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
    "value_days": "raw_events",
    "eda_profile": "value_days",
}

_FACT, _SESSIONS = Input(FACT_USER_EVENTS.name), Input(SESSION_DAYS.name)
_MULTIDAY = Input(MULTIDAY)
# Weekdays differ more from each other than weeks do.
A_WEEK = 7

# Tables whose dates are built from several tables. The first says which dates there are; the
# others may have nothing for a date.
INPUTS_OF: dict[str, tuple[Input, ...]] = {
    FUNNEL_DAYS.name: (_FACT, _SESSIONS),
    SESSION_LENGTH_DAYS.name: (_FACT, _SESSIONS),
    MART_FUNNEL.name: (Input(FUNNEL_DAYS.name), _MULTIDAY),
    MART_SESSIONS.name: (Input(SESSION_LENGTH_DAYS.name), _MULTIDAY),
    MART_CARTS.name: (_FACT, _SESSIONS, _MULTIDAY),
    MART_SALES.name: (_FACT, Input(FACT_USER_EVENTS.name, A_WEEK)),
    MART_PRODUCTS.name: (_FACT, _SESSIONS, Input(PRODUCT_VERSION_DAYS.name)),
    MART_PRICES.name: (Input(MART_PRODUCTS.name), Input(MART_PRODUCTS.name, A_WEEK)),
    MART_ACTIVITY.name: (
        _FACT,
        _SESSIONS,
        Input(FACT_USER_EVENTS.name, A_WEEK),
        Input(SESSION_DAYS.name, A_WEEK),
    ),
}

# Every table that has dates of its own to be rebuilt, in the order of the data flow.
DATED_TABLES = (*INPUT_OF, MULTIDAY, *INPUTS_OF)


def inputs_of(table_name: str) -> tuple[Input, ...]:
    """What the dates of a dated table are built from; the first says which dates there are."""
    if table_name == MULTIDAY:
        return (_SESSIONS, _FACT)
    return INPUTS_OF.get(table_name) or (Input(INPUT_OF[table_name]),)


def sources_of(table_name: str) -> tuple[str, ...]:
    """The tables that a dated table is built from, each once."""
    return tuple(dict.fromkeys(each.table for each in inputs_of(table_name)))


def built_from(table_name: str) -> tuple[str, ...]:
    """The dated tables that are built from a table, however many steps after it, in order."""
    return following(table_name, {name: sources_of(name) for name in DATED_TABLES})


def following(table_name: str, sources: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """The tables that follow one, however many steps after it.

    Args:
        table_name: the table.
        sources: what each table follows, in the order of the data flow.
    """
    found = [table_name]
    for name, followed in sources.items():
        if not set(found).isdisjoint(followed):
            found.append(name)
    return tuple(found[1:])
