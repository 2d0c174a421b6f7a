"""The event generator: landing files like REES46's, with faults on demand, and what to expect.

Belongs here: making events, lines and files. Not here: anything that reads them.
"""

from __future__ import annotations

from ecom_platform.generator.config import (
    FaultPlan,
    GenerationFailed,
    GeneratorConfig,
    GeneratorError,
    LateRows,
    LostType,
)
from ecom_platform.generator.demo import demo_plan
from ecom_platform.generator.report import GenerationReport
from ecom_platform.generator.run import generate

__all__ = [
    "FaultPlan",
    "GenerationFailed",
    "GenerationReport",
    "GeneratorConfig",
    "GeneratorError",
    "LateRows",
    "LostType",
    "demo_plan",
    "generate",
]
