"""The steps of the marts without dates: what users did over all dates.

Belongs here: what each is built and extended from, which counts must agree. Not here: row logic.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from ecom_platform.contracts.marts import MART_COHORTS, MART_DAILY_USERS, MART_USERS
from ecom_platform.contracts.model import FACT_USER_EVENTS, SESSION_DAYS
from ecom_platform.lake.audit import Equation, Finding, judge_equation
from ecom_platform.pipeline.inputs import MULTIDAY
from ecom_platform.pipeline.marts.reconciled import sum_where
from ecom_platform.pipeline.model.basis import History
from ecom_platform.pipeline.model.dimensions import Dimension, Reconcile
from ecom_platform.pipeline.model.extension import Extension
from ecom_platform.pipeline.model.partials import count
from ecom_platform.transforms.marts.returning import (
    build_mart_cohorts,
    build_mart_daily_users,
    extend_mart_cohorts,
    extend_mart_daily_users,
)
from ecom_platform.transforms.marts.users import build_mart_users, extend_mart_users

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def _every_event_is_counted(history: History, rows: DataFrame) -> list[Finding]:
    """Every event up to the as-of date is counted exactly once."""
    counted = {MART_USERS.name: count(rows, "SUM(event_count)")}
    return [judge_equation(Equation(FACT_USER_EVENTS.name, history.count_events(), counted))]


def _every_user_begins_once(table_name: str, of_rows: str) -> Reconcile:
    """Every user is new on one date, and belongs to one cohort."""

    def reconcile(history: History, rows: DataFrame) -> list[Finding]:
        known = history.beside.get(MART_USERS.name)  # one row a user
        users = known.row_count if known else _count_users(history)
        return [judge_equation(Equation("users", users, {table_name: count(rows, of_rows)}))]

    return reconcile


def _count_users(history: History) -> int:
    return history.sources[SESSION_DAYS.name].rows.select("user_id").distinct().count()


def _extend_users(given: Extension) -> DataFrame:
    return extend_mart_users(
        given.rows.rows,
        given.added(SESSION_DAYS.name),
        given.history(MULTIDAY),
        given.since,
        given.as_of,
        given.keep,
    )


def _extend_daily_users(given: Extension) -> DataFrame:
    users = given.beside[MART_USERS.name].rows
    sessions = given.added(SESSION_DAYS.name)
    return extend_mart_daily_users(given.rows.rows, sessions, users, given.as_of, given.keep)


def _extend_cohorts(given: Extension) -> DataFrame:
    first = given.dates[0]
    monday = first - dt.timedelta(days=first.weekday())
    users = given.beside[MART_USERS.name].rows
    sessions = given.added(SESSION_DAYS.name, monday)
    return extend_mart_cohorts(given.rows.rows, sessions, users, monday, given.as_of)


USERS_STEP = Dimension(
    MART_USERS,
    (SESSION_DAYS.name,),
    build_mart_users,
    _every_event_is_counted,
    extend=_extend_users,
    looks_up=(MULTIDAY,),
)

MART_WHOLE_STEPS = {
    mart.contract.name: mart
    for mart in (
        USERS_STEP,
        Dimension(
            MART_DAILY_USERS,
            (SESSION_DAYS.name,),
            build_mart_daily_users,
            _every_user_begins_once(
                MART_DAILY_USERS.name, sum_where("new_user_count", "traffic = 'all'")
            ),
            keeps=True,
            extend=_extend_daily_users,
            beside=(USERS_STEP,),
        ),
        Dimension(
            MART_COHORTS,
            (SESSION_DAYS.name,),
            build_mart_cohorts,
            _every_user_begins_once(
                MART_COHORTS.name,
                sum_where("active_user_count", "traffic = 'all' AND week_number = 0"),
            ),
            extend=_extend_cohorts,
            beside=(USERS_STEP,),
        ),
    )
}
