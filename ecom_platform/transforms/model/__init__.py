"""From clean to the star schema.

Belongs here: one module a subject, the rows of its tables. Not here: columns' meanings, files.
"""

from __future__ import annotations

from ecom_platform.transforms.model.fact import build_fact_user_events

__all__ = ["build_fact_user_events"]
