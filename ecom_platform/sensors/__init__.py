"""Sensors: what the arrival of objects starts, and what is started because nothing else did.

Belongs here: the sensors of the platform. Not here: what their runs do.
"""

import dagster as dg

from ecom_platform.sensors.changes import landing_dms_sensor
from ecom_platform.sensors.landing import landing_events_sensor
from ecom_platform.sensors.overdue import overdue_dates_sensor

AUTOMATION_SENSOR = dg.AutomationConditionSensorDefinition(
    "late_data_sensor",
    target=dg.AssetSelection.all(),
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Rebuilds dates outside the hourly run that late objects have touched.",
)

SENSORS = (landing_events_sensor, landing_dms_sensor, AUTOMATION_SENSOR, overdue_dates_sensor)
