"""The checks of the marts layer.

Belongs here: what marts promise, one module a subject. Not here: other layers.
"""

from ecom_platform.checks.marts.profile import (
    build_profile_checks,
    profile_evaluators,
    profile_judges,
)

__all__ = ["build_profile_checks", "profile_evaluators", "profile_judges"]
