"""The plan of a period: how many sessions begin in each hour, and where the rarities fall.

Belongs here: everything an hour must know of the whole period. Not here: events (sessions.py).
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass

import numpy as np

from ecom_platform.generator import calibration
from ecom_platform.generator.assortment import Assortment, build_assortment
from ecom_platform.generator.catalogue import build_catalogue
from ecom_platform.generator.config import GeneratorConfig
from ecom_platform.generator.residents import Resident, plan_residents
from ecom_platform.generator.streams import Purpose, Stream

_EPOCH = dt.date(1970, 1, 1)


@dataclass(frozen=True, eq=False)
class World:
    """The plan of a period. Hours are counted from 1970-01-01T00 UTC.

    Attributes:
        seed: names the streams.
        salt: 0; another number makes other events in the same shop.
        first_hour: first hour of the period.
        hours: length of the period.
        rows_a_weight: rows of an hour, per unit of `hour_weight`.
        sessions_a_row: sessions that begin, per row.
        users: how many users the sessions are drawn from.
        assortment: what they look at.
        residents: sessions that outlast hours: crawlers and those that live for weeks.
        null_sessions: events without a session id, by hour of the period.
        shared_sessions: sessions in which the user changes, by hour of the period.
    """

    seed: int
    salt: int
    first_hour: int
    hours: int
    rows_a_weight: float
    sessions_a_row: float
    users: int
    assortment: Assortment
    residents: tuple[Resident, ...]
    null_sessions: tuple[int, ...]
    shared_sessions: tuple[int, ...]

    def stream(self, purpose: Purpose, hour: int) -> Stream:
        """The random stream of one hour for one purpose."""
        return Stream(self.seed, purpose, self.salt, hour)

    def expected_rows(self, hour: int) -> float:
        """Rows that an hour is planned to have."""
        return self.rows_a_weight * hour_weight(self.seed, hour)

    def expected_sessions(self, hour: int) -> float:
        """Sessions that are planned to begin in an hour."""
        return self.expected_rows(hour) * self.sessions_a_row

    def planned(self, by_hour: tuple[int, ...], hour: int) -> int:
        """An entry of `null_sessions` or `shared_sessions`; 0 outside the period."""
        index = hour - self.first_hour
        return by_hour[index] if 0 <= index < self.hours else 0


def first_hour_of(day: dt.date) -> int:
    """Number of the hour in which a date begins."""
    return (day - _EPOCH).days * 24


def date_of(hour: int) -> dt.date:
    """Date that an hour belongs to."""
    return _EPOCH + dt.timedelta(days=hour // 24)


def hour_weight(seed: int, hour: int) -> float:
    """Relative volume of an hour: the day's curve, the weekday, and a restlessness of 4 %."""
    day = date_of(hour)
    # Knuth's multiplicative hash: a day's mood without a stream of its own.
    mood = ((day.toordinal() + 977 * seed) * 2_654_435_761 % (1 << 32)) / (1 << 32)
    weekday = calibration.WEEKDAY_CURVE[day.weekday()]
    return calibration.HOURLY_CURVE[hour % 24] * weekday * (0.96 + 0.08 * mood)


def build_world(config: GeneratorConfig, salt: int = 0) -> World:
    """Plan the period of a config."""
    first = first_hour_of(config.start)
    hours = first_hour_of(config.end) + 24 - first
    weights = [hour_weight(config.seed, first + index) for index in range(hours)]
    monthly_rows = config.rows * calibration.MONTH_DAYS * 24 / hours
    assortment = build_assortment(build_catalogue(config.seed), monthly_rows)
    residents = plan_residents(config.seed, salt, config.rows, first, hours)
    resident_rows = sum(resident.expected_views for resident in residents)
    session_rows = max(0.0, config.rows - resident_rows) * (1 - calibration.DUPLICATE_SHARE)
    sessions = session_rows / calibration.EVENTS_PER_SESSION
    plan = Stream(config.seed, Purpose.PLAN, salt)
    nulls = max(2, round(calibration.NULL_SESSION_SHARE * config.rows))
    shared = max(2, round(calibration.SHARED_SESSION_SHARE * sessions))
    return World(
        seed=config.seed,
        salt=salt,
        first_hour=first,
        hours=hours,
        rows_a_weight=config.rows / math.fsum(weights),
        sessions_a_row=sessions / config.rows,
        users=max(1, round(calibration.USERS_PER_MONTHLY_ROW * monthly_rows)),
        assortment=assortment,
        residents=residents,
        null_sessions=scatter(plan, nulls, weights),
        shared_sessions=scatter(plan, shared, weights),
    )


def scatter(stream: Stream, count: int, weights: list[float]) -> tuple[int, ...]:
    """How many of `count` rarities fall into each hour, by the hours' weights."""
    edges = np.round(np.cumsum(weights) / math.fsum(weights) * (1 << 30)).astype(np.int64)
    hours = np.searchsorted(edges, stream.below(1 << 30, count), side="right")
    return tuple(np.bincount(hours, minlength=len(weights)).tolist()[: len(weights)])
