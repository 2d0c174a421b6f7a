"""The marts' steps: stale dates and tables, rebuilt and published.

Belongs here: what each is built from. Not here: the rows of marts.
"""

from __future__ import annotations

from ecom_platform.pipeline.marts.multiday import MULTIDAY_STEP
from ecom_platform.pipeline.marts.profile import (
    PROFILE_LAKE_STEP,
    PROFILE_LAKE_STEPS,
    PROFILE_STEPS,
)
from ecom_platform.pipeline.marts.steps import MART_STEPS
from ecom_platform.pipeline.marts.whole import MART_WHOLE_STEPS

__all__ = [
    "MART_STEPS",
    "MART_WHOLE_STEPS",
    "MULTIDAY_STEP",
    "PROFILE_LAKE_STEP",
    "PROFILE_LAKE_STEPS",
    "PROFILE_STEPS",
]
