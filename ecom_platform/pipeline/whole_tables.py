"""Tables without dates: all that are rebuilt as a whole from dated tables.

Belongs here: the list of them. Not here: how one of them is built.
"""

from __future__ import annotations

from ecom_platform.pipeline.marts import MART_WHOLE_STEPS, PROFILE_LAKE_STEPS
from ecom_platform.pipeline.model import DIMENSION_STEPS

WHOLE_STEPS = {**DIMENSION_STEPS, **PROFILE_LAKE_STEPS, **MART_WHOLE_STEPS}
