"""The steps of the marts without dates: what users did over all dates.

Belongs here: what each is built from and which counts must agree. Not here: row logic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecom_platform.contracts.marts import MART_COHORTS, MART_DAILY_USERS, MART_USERS
from ecom_platform.contracts.model import FACT_USER_EVENTS, SESSION_DAYS
from ecom_platform.lake.audit import Equation, Finding, judge_equation
from ecom_platform.pipeline.marts.reconciled import sum_where
from ecom_platform.pipeline.model.dimensions import Dimension, History, Reconcile
from ecom_platform.pipeline.model.partials import count
from ecom_platform.transforms.marts.users import (
    build_mart_cohorts,
    build_mart_daily_users,
    build_mart_users,
)

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def _every_event_is_counted(history: History, rows: DataFrame) -> list[Finding]:
    """Every event up to the as-of date is counted exactly once."""
    counted = {MART_USERS.name: count(rows, "SUM(event_count)")}
    return [judge_equation(Equation(FACT_USER_EVENTS.name, history.count_events(), counted))]


def _every_user_begins_once(table_name: str, of_rows: str) -> Reconcile:
    """Every user is new on one date, and belongs to one cohort."""

    def reconcile(history: History, rows: DataFrame) -> list[Finding]:
        users = history.sources[SESSION_DAYS.name].rows.select("user_id").distinct().count()
        return [judge_equation(Equation("users", users, {table_name: count(rows, of_rows)}))]

    return reconcile


MART_WHOLE_STEPS = {
    mart.contract.name: mart
    for mart in (
        Dimension(MART_USERS, (SESSION_DAYS.name,), build_mart_users, _every_event_is_counted),
        Dimension(
            MART_DAILY_USERS,
            (SESSION_DAYS.name,),
            build_mart_daily_users,
            _every_user_begins_once(
                MART_DAILY_USERS.name, sum_where("new_user_count", "traffic = 'all'")
            ),
        ),
        Dimension(
            MART_COHORTS,
            (SESSION_DAYS.name,),
            build_mart_cohorts,
            _every_user_begins_once(
                MART_COHORTS.name,
                sum_where("active_user_count", "traffic = 'all' AND week_number = 0"),
            ),
        ),
    )
}
