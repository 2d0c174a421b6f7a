"""The checks of the model layer: the fact, its partials, the dimensions.

Belongs here: what the model's tables promise, one module a kind of table. Not here: other layers.
"""

from ecom_platform.checks.model.dimensions import build_dimension_checks
from ecom_platform.checks.model.fact import build_fact_checks, evaluate_fact_user_events
from ecom_platform.checks.model.partials import build_partial_checks, partial_evaluators

__all__ = [
    "build_dimension_checks",
    "build_fact_checks",
    "build_partial_checks",
    "evaluate_fact_user_events",
    "partial_evaluators",
]
