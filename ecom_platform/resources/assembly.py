"""The resources of a lake: one name each, whichever kind of place the lake has.

Belongs here: making resources from the settings. Not here: what any of them does.
"""

from typing import Any

from ecom_platform.engines.resource import SparkResource
from ecom_platform.lake.lake import Lake
from ecom_platform.landing.stores import open_landing
from ecom_platform.pipeline.progress import Reporter, to_the_log
from ecom_platform.settings import Settings


def build_resources(settings: Settings, reporter: Reporter | None = None) -> dict[str, Any]:
    """The resources of a lake; making them touches nothing.

    Args:
        settings: where the lake is, which engine computes.
        reporter: receives progress; by default it goes to the run's log.
    """
    resources: dict[str, Any] = {
        "lake": Lake(settings),
        "spark": SparkResource(engine=settings.engine, remote=settings.spark_remote),
        "reporter": reporter or to_the_log(),
    }
    if settings.s3 is None:
        return {**resources, "landing": open_landing(settings)}
    # What only a lake in a bucket needs takes a second to load.
    from ecom_platform.resources.s3 import PatientS3Resource
    from ecom_platform.s3.client import S3Connection

    s3 = PatientS3Resource(endpoint_url=settings.s3.endpoint)
    landing = open_landing(settings, S3Connection(settings.s3, s3.get_client))
    return {**resources, "s3": s3, "landing": landing}
