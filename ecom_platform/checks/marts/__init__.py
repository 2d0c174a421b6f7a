"""The checks of the marts layer.

Belongs here: what marts promise, one module a subject. Not here: other layers.
"""

import dagster as dg

from ecom_platform.checks.marts.dated import build_checks_of_dated_marts, mart_evaluators
from ecom_platform.checks.marts.profile import (
    build_profile_checks,
    profile_evaluators,
    profile_judges,
)

__all__ = ["build_mart_checks", "mart_evaluators", "profile_evaluators", "profile_judges"]


def build_mart_checks(
    partitions: dg.PartitionsDefinition[str],
) -> list[dg.AssetChecksDefinition]:
    """Make the checks of the layer.

    Args:
        partitions: the dates that have ended.
    """
    return [*build_profile_checks(partitions), *build_checks_of_dated_marts(partitions)]
