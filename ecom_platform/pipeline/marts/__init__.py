"""The marts' steps: stale dates and tables, rebuilt and published.

Belongs here: what each is built from. Not here: the rows of marts.
"""

from __future__ import annotations

from ecom_platform.pipeline.marts.profile import (
    PROFILE_LAKE_STEP,
    PROFILE_LAKE_STEPS,
    PROFILE_STEPS,
)

__all__ = ["PROFILE_LAKE_STEP", "PROFILE_LAKE_STEPS", "PROFILE_STEPS"]
