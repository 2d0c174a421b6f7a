"""Contract of mart_activity: when things happen in the shop.

Belongs here: columns, grain and key of mart_activity. Not here: how rows are built.
"""

from __future__ import annotations

import pandera.pyspark as pandera
import pyspark.sql.types as T

from ecom_platform.contracts.clean import EVENT_TYPES
from ecom_platform.contracts.lineage import carried, made_from
from ecom_platform.contracts.marts.columns import (
    CADENCE,
    additive_count,
    change,
    event_date,
    traffic,
)
from ecom_platform.contracts.model import FACT_USER_EVENTS, SESSION_DAYS
from ecom_platform.contracts.table import TableContract

KEY = ("event_date", "traffic", "event_type", "hour_of_day")


class MartActivity(pandera.DataFrameModel):
    """How many events of which type there were by hour, and in the same hour a week before.

    Every number adds up: over hours to days, over dates to weekdays and ISO weeks, over types. A
    row is there when either date has an event; the comparison of a week is that of the sums.
    """

    event_date: T.DateType = event_date("the events")
    traffic: T.StringType = traffic()
    event_type: T.StringType = pandera.Field(
        isin=list(EVENT_TYPES), description="view, cart, remove_from_cart or purchase."
    )
    hour_of_day: T.IntegerType = pandera.Field(ge=0, le=23, description="Hour of the events, UTC.")
    day_of_week: T.IntegerType = pandera.Field(
        ge=1, le=7, description="ISO weekday of event_date: 1 is Monday, 7 is Sunday."
    )
    iso_week: T.StringType = pandera.Field(
        description="ISO week of event_date, as `2020-W14`; the year is the ISO year."
    )
    event_count: T.LongType = additive_count("events")
    previous_week_event_count: T.LongType = pandera.Field(
        nullable=True,
        ge=0,
        description="Number of events in the same hour seven days before; null where that date "
        "has no event at all.",
        metadata={"additive": True},
    )
    event_change: T.DoubleType = change("Change of event_count against seven days before")

    class Config:
        strict = True


_FACT = FACT_USER_EVENTS.name
_COUNTED = made_from(_FACT, "event_type", "hour_of_day") + made_from(
    SESSION_DAYS.name, "is_crawler_like"
)

MART_ACTIVITY = TableContract(
    name="mart_activity",
    layer="marts",
    grain="one hour of one event type, traffic and date",
    key=KEY,
    cadence=CADENCE,
    model=MartActivity,
    row_rules=(
        ("either_date_has_an_event", "event_count + COALESCE(previous_week_event_count, 0) < 1"),
    ),
    lineage={
        **carried(_FACT, "event_date", "event_type", "hour_of_day"),
        "traffic": made_from(SESSION_DAYS.name, "is_crawler_like"),
        **dict.fromkeys(("day_of_week", "iso_week"), made_from(_FACT, "event_date")),
        **dict.fromkeys(("event_count", "previous_week_event_count", "event_change"), _COUNTED),
    },
)
