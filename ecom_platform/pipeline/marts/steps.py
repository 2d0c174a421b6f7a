"""The steps of the marts by date.

Belongs here: what each is built from and which counts must agree. Not here: row logic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecom_platform.contracts.marts import FUNNEL_DAYS, MART_FUNNEL
from ecom_platform.contracts.model import FACT_USER_EVENTS, SESSION_DAYS
from ecom_platform.lake.audit import Equation, Finding, judge_equation
from ecom_platform.pipeline.marts.mart import Mart, MartInputs
from ecom_platform.pipeline.model.partials import count
from ecom_platform.transforms.marts.funnel import build_mart_funnel, count_funnel
from ecom_platform.transforms.marts.multiday import label_events

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from ecom_platform.transforms.marts.breakdowns import Hold

_ALL_SESSIONS = (
    "SUM(CASE WHEN traffic = 'all' AND unit = 'session' AND breakdown = 'all' "
    "THEN unit_count ELSE 0 END)"
)


def _build_funnel_days(inputs: MartInputs, hold: Hold) -> DataFrame:
    events = label_events(inputs.rows(FACT_USER_EVENTS.name), inputs.rows(SESSION_DAYS.name))
    return count_funnel(events, hold)


def _build_mart_funnel(inputs: MartInputs, hold: Hold) -> DataFrame:
    return build_mart_funnel(
        inputs.rows(FUNNEL_DAYS.name),
        count_funnel(hold(inputs.seen()), hold),
        count_funnel(hold(inputs.begun()), hold),
    )


def _every_session_of_the_date(inputs: MartInputs, rows: DataFrame) -> list[Finding]:
    """Every session that was seen on the date is counted once."""
    sessions = inputs.row_count(SESSION_DAYS.name)
    counted = {FUNNEL_DAYS.name: count(rows, _ALL_SESSIONS)}
    return [judge_equation(Equation(SESSION_DAYS.name, sessions, counted))]


def _every_session_that_began(inputs: MartInputs, rows: DataFrame) -> list[Finding]:
    """Every session is counted on the date on which it began, and on no other."""
    counted = {MART_FUNNEL.name: count(rows, _ALL_SESSIONS)}
    return [judge_equation(Equation("sessions", count_sessions(inputs), counted))]


def count_sessions(inputs: MartInputs) -> int:
    """The sessions that began on a date: seen on it, less those that began earlier."""
    earlier = f"session_start_date < DATE '{inputs.event_date}'"
    began_earlier = inputs.seen().where(earlier).select("user_id", "session_id").distinct()
    return inputs.row_count(SESSION_DAYS.name) - began_earlier.count()


MART_STEPS = {
    mart.contract.name: mart
    for mart in (
        Mart(FUNNEL_DAYS, _build_funnel_days, _every_session_of_the_date),
        Mart(MART_FUNNEL, _build_mart_funnel, _every_session_that_began),
    )
}
