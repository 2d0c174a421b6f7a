"""The assets of the marts layer.

Belongs here: marts as Dagster knows them, and what they show there. Not here: row logic.
"""

from ecom_platform.assets.marts.profile import build_profile_assets

__all__ = ["build_profile_assets"]
