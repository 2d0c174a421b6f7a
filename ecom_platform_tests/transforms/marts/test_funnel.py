"""The funnel of dense sessions whose values change, against a count event by event.

Belongs here: count_funnel. Not here: whole marts on the text of objects (pipeline/marts).
"""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ecom_platform.contracts.marts import MULTIDAY_SESSION_EVENTS
from ecom_platform.contracts.marts.funnel import FUNNEL_COUNTS
from ecom_platform.transforms.marts.funnel import count_funnel
from ecom_platform_tests.samples import DAY, Row, collect, frame

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

TYPES = [*["view"] * 6, "cart", "purchase", "remove_from_cart"]
CATEGORIES = ["a.b", "a.c", "q"]


def test_sessions_that_change_device_or_category_are_counted_by_every_value(
    spark: SparkSession,
) -> None:
    events = dense_events(random.Random(5), 900)
    found = collect(count_funnel(frame(spark, MULTIDAY_SESSION_EVENTS, events)))
    key = ("traffic", "unit", "breakdown", "breakdown_value")
    counted = {
        tuple(row[name] for name in key): [row[name] for name in FUNNEL_COUNTS] for row in found
    }
    assert counted == count_one_by_one(events)
    assert any(strict < loose for *_, loose, _, strict in counted.values())


def dense_events(chance: random.Random, count: int) -> list[Row]:
    """Events of few sessions within few seconds; a product has a category, mostly."""
    events = []
    for number in range(count):
        user, product = chance.randint(1, 60), chance.randint(1, 6)
        second = dt.timedelta(hours=chance.randint(0, 3), seconds=chance.randint(0, 9))
        category = CATEGORIES[product % 3] if chance.random() < 0.9 else chance.choice(CATEGORIES)
        events.append(
            {
                "event_date": DAY,
                "event_id": number,
                "event_time": dt.datetime.combine(DAY, dt.time(), tzinfo=dt.UTC) + second,
                "event_type": "view" if user < 20 else chance.choice(TYPES),
                "user_id": user,
                "session_id": f"s{user % 2}",
                "product_id": product,
                "price": Decimal("1.00"),
                "category_name": category,
                "brand": "xy"[product % 2],
                "device_type": "other" if chance.random() < 0.1 else "phone",
                "source_channel": "gs"[user % 2],
                "is_crawler_like": user % 7 == 0,
                "session_start_date": DAY,
            }
        )
    return events


def count_one_by_one(events: list[Row]) -> dict[tuple[str, ...], list[int]]:
    units: dict[tuple[str, ...], dict[tuple[Any, ...], list[Row]]]
    units = defaultdict(lambda: defaultdict(list))
    for event in events:
        values = {
            "all": "all",
            "category": event["category_name"],
            "category_level_1": event["category_name"].split(".")[0],
            **{name: event[name] for name in ("brand", "device_type", "source_channel")},
        }
        session = (event["user_id"], event["session_id"])
        for traffic in ("all",) if event["is_crawler_like"] else ("all", "human"):
            for name, value in values.items():
                units[traffic, "session", name, value][session].append(event)
                product = (*session, event["product_id"])
                units[traffic, "product_session", name, value][product].append(event)
    return {
        key: [sum(column) for column in zip(*map(steps_of, found.values()), strict=True)]
        for key, found in units.items()
    }


def steps_of(events: list[Row]) -> list[bool]:
    """Which of FUNNEL_COUNTS a unit adds to."""
    times: dict[str, list[dt.datetime]] = defaultdict(list)
    for event in events:
        times[event["event_type"]].append(event["event_time"])
    views, carts, purchases = times["view"], times["cart"], times["purchase"]
    after = [cart for cart in carts if views and cart >= min(views)]
    bought = [cart for cart in after if purchases and cart <= max(purchases)]
    loose = bool(views and carts)
    steps = [True, views, carts, purchases, loose, loose and purchases, after, bought]
    return [bool(step) for step in steps]
