"""The model steps: stale slices of the star schema, rebuilt and published.

Belongs here: the order of build, audit and publish. Not here: the rows of the star schema.
"""

from __future__ import annotations

from ecom_platform.pipeline.model.dimensions import DIMENSION_STEPS
from ecom_platform.pipeline.model.fact import rebuild_fact_user_events
from ecom_platform.pipeline.model.partials import PARTIAL_STEPS

__all__ = ["DIMENSION_STEPS", "PARTIAL_STEPS", "rebuild_fact_user_events"]
