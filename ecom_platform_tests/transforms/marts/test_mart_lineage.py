"""The lineage of marts is true, as that of the other tables is.

How it is found out is in lineage_probe.py. Slow: every value of every row is changed in turn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ecom_platform.contracts import TABLES
from ecom_platform.contracts.marts.funnel import FUNNEL_COUNTS
from ecom_platform.transforms.marts.funnel import build_mart_funnel, count_funnel
from ecom_platform.transforms.marts.multiday import (
    begun_on_the_date,
    build_multiday_session_events,
    find_multiday_sessions,
    label_events,
)
from ecom_platform_tests.samples import DAY, Row
from ecom_platform_tests.transforms.lineage_probe import Probe, observe
from ecom_platform_tests.transforms.model.test_lineage import DAY_ROW, NEXT_ROW, VIEW

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

CART: Row = {**VIEW, "event_id": 8, "event_type": "cart"}
PURCHASE: Row = {**VIEW, "event_id": 9, "event_type": "purchase"}
STEPS = [VIEW, CART, PURCHASE]
SESSION: Row = {**DAY_ROW, "user_id": VIEW["user_id"]}
NEXT_DATE: Row = {**NEXT_ROW, "user_id": VIEW["user_id"]}
FUNNEL_ROW: Row = {
    "event_date": DAY,
    "traffic": "all",
    "unit": "session",
    "breakdown": "all",
    "breakdown_value": "all",
    **dict.fromkeys(FUNNEL_COUNTS, 3),
}
MULTIDAY = [{**row, "is_crawler_like": False, "session_start_date": DAY} for row in STEPS]


def mart_funnel(days: DataFrame, multiday: DataFrame) -> DataFrame:
    """The mart of a date on which sessions began that went on later."""
    begun = count_funnel(begun_on_the_date(multiday))
    return build_mart_funnel(days, count_funnel(multiday.limit(0)), begun)


PROBES = {
    "multiday_session_events": Probe(
        lambda fact, sessions: build_multiday_session_events(
            fact, find_multiday_sessions(sessions)
        ),
        [{"fact_user_events": [VIEW], "session_days": [SESSION, NEXT_DATE]}],
    ),
    "funnel_days": Probe(
        lambda fact, sessions: count_funnel(label_events(fact, sessions)),
        [{"fact_user_events": STEPS, "session_days": [SESSION]}],
    ),
    "mart_funnel": Probe(
        mart_funnel, [{"funnel_days": [FUNNEL_ROW], "multiday_session_events": MULTIDAY}]
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("table", PROBES)
def test_what_a_column_of_a_mart_depends_on_is_named_in_its_lineage(
    spark: SparkSession, table: str
) -> None:
    observed = observe(spark, PROBES[table])
    for column in TABLES[table]:
        assert observed[column.name] <= set(column.sources), column.name
