"""From clean to the star schema.

Belongs here: the rows of facts, partials and dimensions. Not here: columns' meanings, files.
"""

from __future__ import annotations

from ecom_platform.transforms.model.fact import build_fact_user_events

__all__ = ["build_fact_user_events"]
