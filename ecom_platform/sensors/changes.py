"""The sensor of the shop's changes: whether DMS has delivered files that call for a run.

Belongs here: asking for the shop's tables. Not here: looking at landing and deciding (landing.py).
"""

import datetime as dt

import dagster as dg

from ecom_platform.jobs import SHOP_CHANGES_JOB
from ecom_platform.lake.lake import Lake
from ecom_platform.landing.dms.keys import PREFIX
from ecom_platform.landing.objects import LandingStore
from ecom_platform.pipeline.shop.ingest import changes_among
from ecom_platform.sensors.landing import Memory, answer, decide, look


@dg.sensor(
    name="landing_dms_sensor",
    job=SHOP_CHANGES_JOB,
    # DMS writes changes every minute; a run takes whatever has come.
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Asks for one run when new objects of DMS lie under landing/dms/.",
)
def landing_dms_sensor(
    context: dg.SensorEvaluationContext,
    lake: dg.ResourceParam[Lake],
    landing: dg.ResourceParam[LandingStore],
) -> dg.SensorResult | dg.SkipReason:
    """Look for new objects of DMS."""
    seen = look(landing, Memory.of(context.cursor), PREFIX)
    candidates = changes_among(lake, seen.found)
    now = dt.datetime.now(tz=dt.UTC)
    return answer(context, decide(candidates, seen.memory, now, is_whole=seen.is_whole))
