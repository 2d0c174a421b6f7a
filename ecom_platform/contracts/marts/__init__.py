"""Contracts of the marts layer: what analysts and managers read.

Belongs here: columns, grain and keys, one module a subject. Not here: how rows are built.
"""

from __future__ import annotations

from ecom_platform.contracts.marts.activity import MART_ACTIVITY
from ecom_platform.contracts.marts.carts import MART_CARTS
from ecom_platform.contracts.marts.funnel import FUNNEL_DAYS, MART_FUNNEL
from ecom_platform.contracts.marts.multiday import MULTIDAY_SESSION_EVENTS
from ecom_platform.contracts.marts.prices import MART_PRICES
from ecom_platform.contracts.marts.products import MART_PRODUCTS
from ecom_platform.contracts.marts.profile import EDA_PROFILE, EDA_PROFILE_LAKE, VALUE_DAYS
from ecom_platform.contracts.marts.returning import MART_COHORTS, MART_DAILY_USERS
from ecom_platform.contracts.marts.sales import MART_SALES
from ecom_platform.contracts.marts.sessions import MART_SESSIONS, SESSION_LENGTH_DAYS
from ecom_platform.contracts.marts.users import MART_USERS

PROFILES = (VALUE_DAYS, EDA_PROFILE, EDA_PROFILE_LAKE)
# What several marts, or several dates of one, are added up from.
MART_PARTIALS = (MULTIDAY_SESSION_EVENTS, FUNNEL_DAYS, SESSION_LENGTH_DAYS)
# One table for each question that the company asks daily.
MARTS = (
    MART_FUNNEL,
    MART_SESSIONS,
    MART_CARTS,
    MART_SALES,
    MART_PRODUCTS,
    MART_PRICES,
    MART_ACTIVITY,
    MART_USERS,
    MART_DAILY_USERS,
    MART_COHORTS,
)

__all__ = [
    "EDA_PROFILE",
    "EDA_PROFILE_LAKE",
    "FUNNEL_DAYS",
    "MARTS",
    "MART_ACTIVITY",
    "MART_CARTS",
    "MART_COHORTS",
    "MART_DAILY_USERS",
    "MART_FUNNEL",
    "MART_PARTIALS",
    "MART_PRICES",
    "MART_PRODUCTS",
    "MART_SALES",
    "MART_SESSIONS",
    "MART_USERS",
    "MULTIDAY_SESSION_EVENTS",
    "PROFILES",
    "SESSION_LENGTH_DAYS",
    "VALUE_DAYS",
]
