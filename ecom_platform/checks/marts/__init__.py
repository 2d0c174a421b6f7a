"""The checks of the marts layer.

Belongs here: what marts promise, one module a kind of table. Not here: other layers.
"""

from ecom_platform.checks.marts.dated import build_mart_checks, mart_evaluators

__all__ = ["build_mart_checks", "mart_evaluators"]
