"""Contracts of the marts: one table for each question that the company asks daily.

Belongs here: columns, grain and keys, one module a subject. Not here: how rows are built.
"""

from __future__ import annotations

from ecom_platform.contracts.marts.funnel import FUNNEL_DAYS, MART_FUNNEL
from ecom_platform.contracts.marts.multiday import MULTIDAY_SESSION_EVENTS

# What several marts, or several dates of one, are added up from.
MART_PARTIALS = (MULTIDAY_SESSION_EVENTS, FUNNEL_DAYS)
MARTS = (MART_FUNNEL,)

__all__ = ["FUNNEL_DAYS", "MARTS", "MART_FUNNEL", "MART_PARTIALS", "MULTIDAY_SESSION_EVENTS"]
