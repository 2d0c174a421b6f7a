"""Sail and the JVM fold the shop's changes, and join its tables, to the same rows.

Belongs here: transforms of the shop's tables on frames that hypothesis makes. Not here: right
results (transforms/oltp/), the other transforms (test_transforms_alike.py).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.sql.pandas.types import from_arrow_schema

from ecom_platform.contracts.oltp import CURRENT_OLTP, RAW_OLTP, SHOP_TABLES
from ecom_platform.transforms.oltp.events import (
    join_events,
    malformed_events,
    mark_malformed,
    place_events,
    raw_events,
    sum_up_dates,
)
from ecom_platform.transforms.oltp.fold import count_fates, fold_changes, judge_changes

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

pytestmark = pytest.mark.java

_BEGIN = dt.datetime(2020, 4, 1, 10, tzinfo=dt.UTC)
_LATEST = dt.datetime(2020, 4, 3, tzinfo=dt.UTC)
_QUICK = settings(
    max_examples=3,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

texts = st.sampled_from(["", "a", "A", "é", "日本", 'a,"b', "NULL", "\u0000", " x "])
moments = st.integers(-3, 3).map(lambda step: _BEGIN + dt.timedelta(seconds=step / 2))
changes = st.lists(
    st.fixed_dictionaries(
        {
            "op": st.sampled_from("IUD"),
            "committed_at": st.none() | moments,
            "change_seq": st.none() | st.sampled_from(["1" * 35, "2" * 35, "10" + "0" * 33]),
            "is_full_load": st.booleans(),
            "written_at": moments,
            "source_object": st.sampled_from(["dms/a", "dms/A", "dms/b"]),
            "brand_id": st.integers(1, 3) | st.just(2**63 - 1),
            "brand_name": st.none() | texts,
        }
    ),
    max_size=25,
)
ids = st.integers(-1, 3) | st.just(2**63 - 1)
names = st.none() | texts
cents = st.integers(-(10**12) + 1, 10**12 - 1).map(lambda value: Decimal(value).scaleb(-2))
events = st.fixed_dictionaries(
    {
        "session_id": st.none() | st.sampled_from(["s1", "s2"]),
        "user_id": ids,
        "product_id": ids,
        "event_type": st.sampled_from(["view", "cart", "wishlist"]),
        "event_time": st.integers(-(10**11), 3 * 10**11).map(
            lambda microseconds: _BEGIN + dt.timedelta(microseconds=microseconds)
        ),
        "price": cents,
    }
)
shops = st.fixed_dictionaries(
    {
        "events": st.lists(events, min_size=1, max_size=20),
        "sessions": st.dictionaries(
            st.tuples(st.sampled_from(["s1", "s2"]), ids), st.tuples(texts, texts), max_size=4
        ),
        "products": st.dictionaries(ids, st.tuples(st.none() | ids, ids), max_size=4),
        "brands": st.dictionaries(ids, texts, max_size=3),
        "paths": st.dictionaries(ids, names, max_size=3),
    }
)


def changes_table(drawn: Sequence[dict[str, Any]]) -> pa.Table:
    """Changes of brands, each in a place of its own."""
    beside = {"object_version": "v", "ingested_at": _BEGIN, "additional": None}
    rows = [{**change, **beside, "source_row": row} for row, change in enumerate(drawn, 1)]
    return pa.Table.from_pylist(rows, RAW_OLTP["brands"].arrow_schema)


def judged(changes: DataFrame) -> DataFrame:
    """The changes with their fates; what was written before ten is of an older load."""
    return judge_changes(changes, SHOP_TABLES["brands"].key, _BEGIN)


def tables_of(drawn: Mapping[str, Any]) -> dict[str, pa.Table]:
    """The shop's tables as they are in the lake."""
    rows = {
        "events": [{"event_id": number, **row} for number, row in enumerate(drawn["events"], 1)],
        "sessions": [
            {
                "session_id": session, "user_id": user, "device_type": device,
                "channel": channel, "started_at": _BEGIN,
            }
            for (session, user), (device, channel) in drawn["sessions"].items()
        ],
        "products": [
            {
                "product_id": product, "name": "n", "brand_id": brand,
                "category_id": category, "price": Decimal(1), "stock": 0,
            }
            for product, (brand, category) in drawn["products"].items()
        ],
        "brands": [{"brand_id": n, "brand_name": name} for n, name in drawn["brands"].items()],
    }  # fmt: skip
    tables = {
        name: pa.Table.from_pylist(of, CURRENT_OLTP[name].arrow_schema) for name, of in rows.items()
    }
    schema = pa.schema([("category_id", pa.int64()), ("category_code", pa.string())])
    paths = [{"category_id": n, "category_code": path} for n, path in drawn["paths"].items()]
    return {**tables, "paths": pa.Table.from_pylist(paths, schema)}


def frame(session: SparkSession, table: pa.Table) -> DataFrame:
    """A table as a frame; of an empty one Spark wants to be told the types."""
    if table.num_rows:
        return session.createDataFrame(table)
    return session.createDataFrame([], from_arrow_schema(table.schema, prefer_timestamp_ntz=False))


def placed(marked: DataFrame) -> DataFrame:
    """Events in their places in the objects of their dates."""
    versions = marked.select("event_date").distinct().selectExpr("event_date", "'v' object_version")
    return place_events(marked, versions, _LATEST)


FOLDS: dict[str, Callable[[DataFrame], DataFrame]] = {
    "fates": judged,
    "folded": lambda changes: fold_changes(judged(changes), SHOP_TABLES["brands"].schema.names),
    "counts": lambda changes: count_fates(judged(changes)),
}
JOINS: dict[str, Callable[[DataFrame], DataFrame]] = {
    "marked": lambda marked: marked,
    "sums": sum_up_dates,
    "raw_events": lambda marked: raw_events(placed(marked)),
    "malformed": lambda marked: malformed_events(placed(marked)),
}


@pytest.mark.parametrize("step", FOLDS)
@_QUICK
@given(drawn=changes)
def test_changes_have_the_same_fates_on_sail_and_on_the_jvm(
    spark: SparkSession, jvm: SparkSession, step: str, drawn: list[dict[str, Any]]
) -> None:
    table = changes_table(drawn)
    results = [_content(FOLDS[step](frame(session, table))) for session in (spark, jvm)]
    assert results[0] == results[1]


@pytest.mark.parametrize("step", JOINS)
@_QUICK
@given(drawn=shops)
def test_events_are_joined_and_judged_alike_on_sail_and_on_the_jvm(
    spark: SparkSession, jvm: SparkSession, step: str, drawn: dict[str, Any]
) -> None:
    tables, results = tables_of(drawn), []
    for session in (spark, jvm):
        frames = {name: frame(session, table) for name, table in tables.items()}
        marked = mark_malformed(join_events(**frames), dt.date(2020, 4, 1), _LATEST)
        results.append(_content(JOINS[step](marked)))
    assert results[0] == results[1]


def _content(frame: DataFrame) -> list[tuple[str, ...]]:
    """The rows as text, in an order of their own."""
    return sorted(tuple(repr(value) for value in row) for row in frame.collect())
