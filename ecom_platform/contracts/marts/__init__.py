"""Contracts of the marts layer: what analysts and managers read.

Belongs here: columns, grain and keys, one module a subject. Not here: how rows are built.
"""

from __future__ import annotations

from ecom_platform.contracts.marts.funnel import FUNNEL_DAYS, MART_FUNNEL
from ecom_platform.contracts.marts.multiday import MULTIDAY_SESSION_EVENTS
from ecom_platform.contracts.marts.profile import EDA_PROFILE, EDA_PROFILE_LAKE, VALUE_DAYS

PROFILES = (VALUE_DAYS, EDA_PROFILE, EDA_PROFILE_LAKE)
# What several marts, or several dates of one, are added up from.
MART_PARTIALS = (MULTIDAY_SESSION_EVENTS, FUNNEL_DAYS)
# One table for each question that the company asks daily.
MARTS = (MART_FUNNEL,)

__all__ = [
    "EDA_PROFILE",
    "EDA_PROFILE_LAKE",
    "FUNNEL_DAYS",
    "MARTS",
    "MART_FUNNEL",
    "MART_PARTIALS",
    "MULTIDAY_SESSION_EVENTS",
    "PROFILES",
    "VALUE_DAYS",
]
