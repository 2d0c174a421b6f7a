"""Sail and the JVM give the same rows for the same rows, whatever is in them.

Belongs here: transforms on frames that hypothesis makes. Not here: whole lakes, right results.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecom_platform.contracts.clean import CLEAN_EVENTS
from ecom_platform.contracts.model import FACT_USER_EVENTS
from ecom_platform.contracts.raw import RAW_EVENTS
from ecom_platform.transforms.clean import clean_events, divide_events, reject_events
from ecom_platform.transforms.events import count_events_by_hour
from ecom_platform.transforms.measures import count_repeated_keys, measure_rows
from ecom_platform.transforms.model import build_fact_user_events
from ecom_platform.transforms.relations import (
    count_shared_sessions,
    count_steps_out_of_order,
    count_unknown_by_category,
)

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

pytestmark = pytest.mark.java

NOW = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)
_FIRST = dt.datetime(2020, 4, 1, tzinfo=dt.UTC)

few_texts = st.sampled_from(["", "a", "A", "é", "日本", "a,b", '"', "unknown", "\u0000", " x "])
texts = st.none() | few_texts | st.text(max_size=8)
event_times = st.integers(0, 7 * 86_400 - 1).map(lambda s: _FIRST + dt.timedelta(seconds=s)) | (
    st.integers(0, 10**6 - 1).map(lambda us: _FIRST + dt.timedelta(microseconds=us))
)
ids = st.integers(1, 3) | st.integers(1, 2**63 - 1)
prices = st.integers(-(10**12) + 1, 10**12 - 1).map(lambda cents: Decimal(cents).scaleb(-2))
rows = st.fixed_dictionaries(
    {
        "event_time": event_times,
        "event_type": st.none() | st.sampled_from(["view", "cart", "purchase", "wishlist"]),
        "product_id": ids,
        "category_id": ids,
        "category_code": texts,
        "brand": texts,
        "price": st.sampled_from([Decimal("0.00"), Decimal("0.01"), Decimal("5.10")]) | prices,
        "user_id": ids,
        "user_session": st.none() | st.sampled_from(["s1", "s2"]) | st.text(max_size=4),
    }
)
copies = st.lists(st.tuples(rows, st.integers(1, 3)), min_size=1, max_size=30)


def raw_table(drawn: Sequence[tuple[dict[str, Any], int]]) -> pa.Table:
    """Raw rows of two objects, some of them repeated."""
    content = []
    for row, count in drawn:
        for number in range(count):
            line = len(content) + 2
            content.append(
                {
                    **row,
                    "event_date": row["event_time"].date(),
                    "source_object": f"events/{(number + line) % 2}.csv",
                    "object_version": "v",
                    "source_row": line,
                    "ingested_at": NOW,
                }
            )
    return pa.Table.from_pylist(content, schema=RAW_EVENTS.arrow_schema)


def cleaned(raw: DataFrame) -> DataFrame:
    """The accepted events of raw rows."""
    return clean_events(divide_events(raw))


STEPS: dict[str, Callable[[DataFrame], DataFrame]] = {
    "clean_events": cleaned,
    "rejected_events": lambda raw: reject_events(divide_events(raw), NOW),
    "count_events_by_hour": count_events_by_hour,
    "fact_user_events": lambda raw: build_fact_user_events(cleaned(raw)),
    "clean measures": lambda raw: measure_rows(cleaned(raw), CLEAN_EVENTS),
    "fact measures": lambda raw: measure_rows(
        build_fact_user_events(cleaned(raw)), FACT_USER_EVENTS
    ),
    "repeated keys": lambda raw: count_repeated_keys(cleaned(raw), CLEAN_EVENTS),
    "unknown by category": lambda raw: count_unknown_by_category(cleaned(raw)),
    "shared sessions": lambda raw: count_shared_sessions(build_fact_user_events(cleaned(raw))),
    "steps out of order": lambda raw: count_steps_out_of_order(
        build_fact_user_events(cleaned(raw))
    ),
}


@pytest.mark.parametrize("step", STEPS)
@settings(
    max_examples=4,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(drawn=copies)
def test_a_step_gives_the_same_rows_on_sail_and_on_the_jvm(
    spark: SparkSession, jvm: SparkSession, step: str, drawn: list[tuple[dict[str, Any], int]]
) -> None:
    raw = raw_table(drawn)
    results = [_content(STEPS[step](session.createDataFrame(raw))) for session in (spark, jvm)]
    assert results[0] == results[1]


def _content(frame: DataFrame) -> list[tuple[str, ...]]:
    """The rows as text, in an order of their own."""
    return sorted(tuple(repr(value) for value in row) for row in frame.collect())
