"""The checks of the marts layer.

Belongs here: what marts promise, one module a subject. Not here: other layers.
"""

from functools import partial

import dagster as dg

from ecom_platform.assets.check_reports import Evaluate
from ecom_platform.assets.refusals import EvaluateWhole
from ecom_platform.checks.marts.dated import build_checks_of_dated_marts, mart_evaluators
from ecom_platform.checks.marts.incomplete import incomplete_dates
from ecom_platform.checks.marts.profile import (
    build_profile_checks,
    profile_evaluators,
    profile_judges,
)
from ecom_platform.checks.model.dimensions import build_checks_of_whole, judge_dimension
from ecom_platform.pipeline.marts import MART_WHOLE_STEPS

__all__ = [
    "build_mart_checks",
    "incomplete_dates",
    "mart_evaluators",
    "mart_judges",
    "profile_evaluators",
    "profile_judges",
]


def mart_judges() -> tuple[dict[str, Evaluate], dict[str, EvaluateWhole]]:
    """For marts by date, what judges a stored date; for those without dates, what judges all."""
    whole: dict[str, EvaluateWhole] = {
        name: partial(judge_dimension, step) for name, step in MART_WHOLE_STEPS.items()
    }
    return mart_evaluators(), whole


def build_mart_checks(
    partitions: dg.PartitionsDefinition[str],
) -> list[dg.AssetChecksDefinition]:
    """Make the checks of the layer.

    Args:
        partitions: the dates that have ended.
    """
    return [
        *build_profile_checks(partitions),
        *build_checks_of_dated_marts(partitions),
        *(build_checks_of_whole(step) for step in MART_WHOLE_STEPS.values()),
    ]
