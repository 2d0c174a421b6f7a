"""Contracts of the sessions' marts: how many there are, how long, how many events.

Belongs here: columns, grain and keys of session_length_days and mart_sessions. Not here: rows.
"""

from __future__ import annotations

from typing import Any

import pandera.pyspark as pandera
import pyspark.sql.types as T

from ecom_platform.contracts.lineage import MADE_HERE, carried, made_from
from ecom_platform.contracts.marts.columns import (
    CADENCE,
    EVERYTHING,
    SESSION_BREAKDOWNS,
    additive_count,
    breakdown,
    breakdown_value,
    event_date,
    seconds,
    share,
    traffic,
)
from ecom_platform.contracts.marts.multiday import MULTIDAY_SESSION_EVENTS
from ecom_platform.contracts.model import FACT_USER_EVENTS, SESSION_DAYS
from ecom_platform.contracts.table import TableContract

# A session as its id says, or cut wherever nothing happens for longer than this.
GIVEN, SILENCE = "given", "silence"
CUTS = (GIVEN, SILENCE)
SILENCE_SECONDS = 1800
DIVIDED_BY = (EVERYTHING, *SESSION_BREAKDOWNS)
PERCENTILES = {"median_seconds": 0.5, "p95_seconds": 0.95}

KEY = ("event_date", "traffic", "cut", "breakdown", "breakdown_value")
COUNTS = ("session_count", "event_count", "bounce_count")


def _cut() -> Any:
    return pandera.Field(
        isin=list(CUTS),
        description=f"What a session is: `{GIVEN}` by its id, or `{SILENCE}`: the same sessions, "
        f"each cut wherever more than {SILENCE_SECONDS // 60} minutes pass without an event. "
        "Choose one.",
    )


class SessionLengthDays(pandera.DataFrameModel):
    """How many sessions of a date had which length, as if each had ended at midnight.

    mart_sessions puts sessions that were seen on several dates together again. Lengths can be
    added up, percentiles cannot.
    """

    event_date: T.DateType = event_date("the events")
    traffic: T.StringType = traffic()
    cut: T.StringType = _cut()
    breakdown: T.StringType = breakdown(*DIVIDED_BY)
    breakdown_value: T.StringType = breakdown_value()
    duration_seconds: T.LongType = seconds("Whole seconds from the first event to the last.")
    session_count: T.LongType = additive_count("sessions of this length")
    event_count: T.LongType = additive_count("their events")
    bounce_count: T.LongType = additive_count("those of them with a single event")

    class Config:
        strict = True


class MartSessions(pandera.DataFrameModel):
    """How many sessions there were, how long they lasted and how much happened in them.

    A session belongs to the date of its first event, with all that it did later, and so do the
    parts that it is cut into. Durations count whole seconds from the first event to the last, so
    that a session of one event has none. Percentiles are by nearest rank, and exact in their row.
    """

    event_date: T.DateType = event_date("the session's first event")
    traffic: T.StringType = traffic()
    cut: T.StringType = _cut()
    breakdown: T.StringType = breakdown(*DIVIDED_BY)
    breakdown_value: T.StringType = breakdown_value()
    session_count: T.LongType = additive_count("sessions")
    event_count: T.LongType = additive_count("events in them")
    bounce_count: T.LongType = additive_count("sessions with a single event")
    duration_seconds: T.LongType = pandera.Field(
        ge=0,
        description="Sum of the sessions' durations.",
        metadata={"unit": "seconds", "additive": True},
    )
    mean_seconds: T.DoubleType = seconds("Mean duration. Never average it.")
    median_seconds: T.LongType = seconds("Median duration. Never average it.")
    p95_seconds: T.LongType = seconds("Duration that 95 % do not exceed. Never average it.")
    events_per_session: T.DoubleType = pandera.Field(
        ge=1, description="event_count for each of session_count."
    )
    bounce_rate: T.DoubleType = share("bounce_count", "session_count")
    given_session_count: T.LongType = additive_count("sessions by their id, whatever the cut")
    difference_count: T.LongType = additive_count("sessions more than by their id")
    difference_rate: T.DoubleType = pandera.Field(
        ge=0, description="difference_count for each of given_session_count."
    )

    class Config:
        strict = True


_BOUNCES = ("bounces_are_sessions", "bounce_count > session_count")
_EVENTS = ("sessions_have_events", "session_count < 1 OR event_count < session_count")
_FACT, _MULTIDAY = FACT_USER_EVENTS.name, MULTIDAY_SESSION_EVENTS.name
_LENGTHS = "session_length_days"
_OF_SESSION = ("event_time", "user_id", "session_id")

SESSION_LENGTH_DAYS = TableContract(
    name=_LENGTHS,
    layer="marts",
    grain="one duration of one breakdown value, cut, traffic and date",
    key=(*KEY, "duration_seconds"),
    cadence=CADENCE,
    model=SessionLengthDays,
    row_rules=(_BOUNCES, _EVENTS),
    lineage={
        **carried(_FACT, "event_date"),
        "traffic": made_from(SESSION_DAYS.name, "is_crawler_like"),
        **dict.fromkeys(("cut", "breakdown"), MADE_HERE),
        "breakdown_value": made_from(_FACT, *SESSION_BREAKDOWNS),
        "duration_seconds": made_from(_FACT, *_OF_SESSION),
        **dict.fromkeys(COUNTS, made_from(_FACT, *_OF_SESSION)),
    },
)

MART_SESSIONS = TableContract(
    name="mart_sessions",
    layer="marts",
    grain="one breakdown value of one cut, traffic and date of first events",
    key=KEY,
    cadence=CADENCE,
    model=MartSessions,
    row_rules=(
        _BOUNCES,
        _EVENTS,
        ("median_is_not_above_p95", "median_seconds > p95_seconds"),
        ("given_sessions_are_not_cut", f"cut = '{GIVEN}' AND difference_count <> 0"),
    ),
    lineage={
        "event_date": made_from(_LENGTHS, "event_date")
        + made_from(_MULTIDAY, "session_start_date"),
        "traffic": made_from(_LENGTHS, "traffic") + made_from(_MULTIDAY, "is_crawler_like"),
        **carried(_LENGTHS, "cut", "breakdown"),
        "breakdown_value": made_from(_LENGTHS, "breakdown_value")
        + made_from(_MULTIDAY, *SESSION_BREAKDOWNS),
        **{
            name: made_from(_LENGTHS, *columns) + made_from(_MULTIDAY, *_OF_SESSION)
            for name, columns in {
                **{count: (count,) for count in COUNTS},
                **dict.fromkeys(
                    ("duration_seconds", "mean_seconds", *PERCENTILES),
                    ("duration_seconds", "session_count"),
                ),
                "events_per_session": ("event_count", "session_count"),
                "bounce_rate": ("bounce_count", "session_count"),
                **dict.fromkeys(
                    ("given_session_count", "difference_count", "difference_rate"),
                    ("session_count", "cut"),
                ),
            }.items()
        },
    },
)
