"""Contracts of the marts layer: what analysts and managers read.

Belongs here: columns, grain and keys, one module a subject. Not here: how rows are built.
"""

from __future__ import annotations

from ecom_platform.contracts.marts.profile import EDA_PROFILE, EDA_PROFILE_LAKE, VALUE_DAYS

PROFILES = (VALUE_DAYS, EDA_PROFILE, EDA_PROFILE_LAKE)

__all__ = ["EDA_PROFILE", "EDA_PROFILE_LAKE", "PROFILES", "VALUE_DAYS"]
