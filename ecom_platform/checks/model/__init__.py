"""The checks of the model layer: the fact, its partials, the dimensions.

Belongs here: what the model's tables promise, one module a kind of table. Not here: other layers.
"""

import dagster as dg

from ecom_platform.assets.check_reports import Evaluate
from ecom_platform.checks.model.dimensions import build_dimension_checks, dimension_evaluators
from ecom_platform.checks.model.fact import build_fact_checks, evaluate_fact_user_events
from ecom_platform.checks.model.partials import build_partial_checks, partial_evaluators
from ecom_platform.contracts.model import FACT_USER_EVENTS

__all__ = [
    "build_model_checks",
    "dimension_evaluators",
    "model_evaluators",
]


def model_evaluators() -> dict[str, Evaluate]:
    """For the fact and every partial, the function that judges a stored date."""
    return {FACT_USER_EVENTS.name: evaluate_fact_user_events, **partial_evaluators()}


def build_model_checks(
    dates: dg.PartitionsDefinition[str], closed_dates: dg.PartitionsDefinition[str]
) -> list[dg.AssetChecksDefinition]:
    """Make the checks of the layer.

    Args:
        dates: the partitions of the fact, today included.
        closed_dates: those of the partials.
    """
    return [
        build_fact_checks(dates),
        *build_partial_checks(closed_dates),
        *build_dimension_checks(),
    ]
