"""Sail and the JVM give the same rows of every mart for the same events.

Belongs here: the transforms of marts on small dense frames. Not here: whether rows are right.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from ecom_platform.contracts.marts import MULTIDAY_SESSION_EVENTS
from ecom_platform.contracts.model import FACT_USER_EVENTS
from ecom_platform.pipeline.inputs import INPUTS_OF
from ecom_platform.pipeline.marts import MART_WHOLE_STEPS
from ecom_platform.transforms.marts.activity import build_mart_activity
from ecom_platform.transforms.marts.carts import CART_EVENTS, build_mart_carts
from ecom_platform.transforms.marts.funnel import build_mart_funnel, count_funnel
from ecom_platform.transforms.marts.multiday import (
    build_multiday_session_events,
    find_added_links,
    find_multiday_sessions,
    find_related_sessions,
    label_events,
)
from ecom_platform.transforms.marts.prices import build_mart_prices
from ecom_platform.transforms.marts.products import build_mart_products
from ecom_platform.transforms.marts.returning import build_mart_cohorts, build_mart_daily_users
from ecom_platform.transforms.marts.sales import build_mart_sales
from ecom_platform.transforms.marts.sessions import build_mart_sessions, count_session_lengths
from ecom_platform.transforms.marts.users import build_mart_users
from ecom_platform.transforms.model.partials import build_session_days
from ecom_platform.transforms.model.versions import build_product_version_days

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

pytestmark = pytest.mark.java

BEFORE, DAY, AFTER = dt.date(2020, 4, 1), dt.date(2020, 4, 8), dt.date(2020, 4, 9)
TYPES = (*["view"] * 5, "cart", "cart", "remove_from_cart", "purchase", "purchase")


def some_events(count: int) -> pa.Table:
    """Events of few sessions and products: of a date, a week before it, and the date after."""
    chance = random.Random(3)
    rows: list[dict[str, Any]] = []
    for number in range(count):
        user, product = chance.randint(1, 30), chance.randint(1, 8)
        date = chance.choice((BEFORE, DAY, DAY, AFTER))
        second = chance.choice((chance.randint(0, 40), chance.randint(0, 86_399)))
        time = dt.datetime.combine(date, dt.time(), tzinfo=dt.UTC) + dt.timedelta(seconds=second)
        row = {
            "event_id": number,
            "event_time": time,
            "event_date": date,
            "event_type": chance.choice(TYPES) if user > 8 else "view",
            "user_id": user,
            "product_id": product,
            "price": Decimal(chance.randint(1, 900)) / 100,
            "session_id": f"s{number % 2}" if user > 8 else f"{date}",
            "category_name": chance.choice(("a.b", "a.c", "é", "unknown")),
            "brand": "xyz"[product % 3],
            "device_type": chance.choice(("phone", "phone", "phone", "tablet")),
            "source_channel": "gs"[user % 2],
            "day_of_week": date.isoweekday(),
            "hour_of_day": time.hour,
        }
        rows.append(row)
    return pa.Table.from_pylist(rows, schema=FACT_USER_EVENTS.arrow_schema)


@dataclass(frozen=True)
class Inputs:
    """The inputs of marts, all from the same events."""

    fact: DataFrame

    @property
    def sessions(self) -> DataFrame:
        """session_days of all dates."""
        return build_session_days(self.fact)

    def of(self, date: dt.date) -> DataFrame:
        """The fact of a date."""
        return self.fact.where(f"event_date = DATE '{date}'")

    def labelled(self, date: dt.date) -> DataFrame:
        """The events of a date with `is_crawler_like`."""
        return label_events(self.of(date), self.sessions.where(f"event_date = DATE '{date}'"))

    def multiday(self) -> DataFrame:
        """The events of a date of the sessions that were seen on others too."""
        until, later = (self.sessions.where(f"event_date {s} DATE '{DAY}'") for s in ("<=", ">"))
        added = find_added_links(find_related_sessions(until, later), later)
        links = find_multiday_sessions(until).unionByName(added)
        links = links.where(f"event_date = DATE '{DAY}'")
        return build_multiday_session_events(self.of(DAY), links)

    def products(self, date: dt.date) -> DataFrame:
        """mart_products of a date."""
        clean = (
            self.of(date)
            .withColumnRenamed("category_name", "category_code")
            .selectExpr("*", "product_id * 2 AS category_id")
        )
        return build_mart_products(self.labelled(date), build_product_version_days(clean))


def _carts(given: Inputs) -> DataFrame:
    events = given.labelled(DAY)
    return build_mart_carts(events.where(events["event_type"].isin(*CART_EVENTS)))


STEPS: dict[str, Callable[[Inputs], DataFrame]] = {
    "multiday_session_events": Inputs.multiday,
    "funnel_days": lambda given: count_funnel(given.labelled(DAY)),
    "mart_funnel": lambda given: build_mart_funnel(
        *(count_funnel(rows) for rows in (given.labelled(DAY), given.multiday(), given.multiday()))
    ),
    "session_length_days": lambda given: count_session_lengths(given.labelled(DAY)),
    "mart_sessions": lambda given: build_mart_sessions(
        *(
            count_session_lengths(rows)
            for rows in (given.labelled(DAY), given.multiday(), given.multiday())
        )
    ),
    "mart_carts": _carts,
    "mart_sales": lambda given: build_mart_sales(given.of(DAY), given.of(BEFORE)),
    "mart_products": lambda given: given.products(DAY),
    "mart_prices": lambda given: build_mart_prices(given.products(DAY), given.products(BEFORE)),
    "mart_activity": lambda given: build_mart_activity(
        given.labelled(DAY), given.labelled(BEFORE), has_week_before=True
    ),
    "mart_users": lambda given: build_mart_users(given.sessions, AFTER),
    "mart_daily_users": lambda given: build_mart_daily_users(given.sessions, AFTER),
    "mart_cohorts": lambda given: build_mart_cohorts(given.sessions, AFTER),
}
# The others take ten seconds to more than a minute on the JVM: they wait for the long suite.
QUICK = {
    "mart_carts",
    "mart_sales",
    "mart_activity",
    "mart_users",
    "mart_daily_users",
    "mart_cohorts",
}


@pytest.mark.parametrize(
    "mart",
    [step if step in QUICK else pytest.param(step, marks=pytest.mark.slow) for step in STEPS],
)
def test_a_mart_has_the_same_rows_on_sail_and_on_the_jvm(
    spark: SparkSession, jvm: SparkSession, mart: str
) -> None:
    events = some_events(400)
    on_sail, on_the_jvm = (
        _content(STEPS[mart](Inputs(session.createDataFrame(events)))) for session in (spark, jvm)
    )
    assert on_sail == on_the_jvm
    assert on_sail


def test_every_mart_by_date_and_of_users_is_compared() -> None:
    built = {*INPUTS_OF, *MART_WHOLE_STEPS, MULTIDAY_SESSION_EVENTS.name}
    assert set(STEPS) == built


def _content(frame: DataFrame) -> list[tuple[str, ...]]:
    """The rows as text, in an order of their own; of doubles the digits on which engines agree."""
    return sorted(tuple(_text(value) for value in row) for row in frame.collect())


def _text(value: Any) -> str:
    return f"{value:.12g}" if isinstance(value, float) else repr(value)
