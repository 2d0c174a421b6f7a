"""The dashboard: one HTML file with the published numbers in it.

Belongs here: choosing, collecting and writing them. Not here: who asks for it, how marts are made.
"""

from __future__ import annotations

from ecom_platform.pipeline.dashboard.build import (
    Dashboard,
    build_dashboard,
    is_current,
    write_dashboard,
)
from ecom_platform.pipeline.dashboard.collect import CheckResult, Incomplete
from ecom_platform.pipeline.dashboard.place import page_path

__all__ = [
    "CheckResult",
    "Dashboard",
    "Incomplete",
    "build_dashboard",
    "is_current",
    "page_path",
    "write_dashboard",
]
