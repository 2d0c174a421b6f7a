"""The assets of the model layer: the star schema.

Belongs here: facts, partials and dimensions as Dagster knows them. Not here: row logic.
"""

from ecom_platform.assets.model.fact import build_fact_asset

__all__ = ["build_fact_asset"]
