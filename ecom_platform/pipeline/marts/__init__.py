"""The mart steps: stale dates of marts, rebuilt and published.

Belongs here: the order of build, audit and publish. Not here: the rows of marts.
"""

from __future__ import annotations

from ecom_platform.pipeline.marts.multiday import MULTIDAY_STEP
from ecom_platform.pipeline.marts.steps import MART_STEPS

__all__ = ["MART_STEPS", "MULTIDAY_STEP"]
