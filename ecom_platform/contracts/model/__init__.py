"""Contracts of the model layer: the star schema that analysts query.

Belongs here: columns, grain and keys, one module a subject. Not here: how rows are built.
"""

from __future__ import annotations

from ecom_platform.contracts.model.fact import FACT_USER_EVENTS

__all__ = ["FACT_USER_EVENTS"]
