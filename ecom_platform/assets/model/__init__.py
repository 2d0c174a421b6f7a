"""The assets of the model layer: the star schema.

Belongs here: facts, partials and dimensions as Dagster knows them. Not here: row logic.
"""

from ecom_platform.assets.model.dimensions import build_dimension_assets
from ecom_platform.assets.model.fact import build_fact_asset
from ecom_platform.assets.model.partials import build_partial_assets

__all__ = ["build_dimension_assets", "build_fact_asset", "build_partial_assets"]
