"""Contracts of the shop's own tables, as replication delivers them.

Belongs here: one table of the shop, its columns in their order, its key. Not here: how changes are
folded, which files bring them.
"""

from __future__ import annotations

from ecom_platform.contracts.oltp.shop import SHOP_TABLES

__all__ = ["SHOP_TABLES"]
