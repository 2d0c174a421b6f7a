"""The Dagster resource through which assets get Spark: lazy, so that loading code starts nothing.

Belongs here: SparkResource. Not here: how an engine starts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import dagster as dg
from pydantic import Field

from ecom_platform.engines.session import open_session

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


class SparkResource(dg.ConfigurableResource["SparkResource"]):
    """A Spark session on the engine that the settings choose."""

    engine: str = Field("sail", description="sail, local or connect.")
    remote: str | None = Field(None, description="Spark Connect address, for engine connect.")

    @property
    def session(self) -> SparkSession:
        """The session; the first use in a process starts the engine."""
        return open_session(self.engine, self.remote)  # type: ignore[arg-type]  # settings checked it
