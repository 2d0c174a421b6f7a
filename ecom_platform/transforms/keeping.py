"""Keeping: rows that several branches of a plan read, computed once for all of them.

Belongs here: what whoever calls a transform may give it for that. Not here: where rows are kept.
"""

from __future__ import annotations

from collections.abc import Callable

from pyspark.sql import DataFrame

# Computes rows and gives them back. Engines differ in what they offer for it (Sail ignores
# `cache`), so the caller decides.
Keep = Callable[[DataFrame], DataFrame]


def not_kept(rows: DataFrame) -> DataFrame:
    """Keep nothing: every branch computes its rows anew."""
    return rows
