"""Sample events: one ordinary event, and every other one as its difference from it.

Belongs here: rows of the landing format and of raw_events for tests. Not here: fixtures, files.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from ecom_platform.contracts.raw import RAW_EVENTS

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from ecom_platform.contracts.table import TableContract

Row = dict[str, Any]

# The fields of a landing line, as text. Made up; no row of the real data is in this repository.
LINE: dict[str, str] = {
    "event_time": "2020-04-01 12:30:15 UTC",
    "event_type": "view",
    "product_id": "1004856",
    "category_id": "2053013555631882655",
    "category_code": "electronics.smartphone",
    "brand": "samsung",
    "price": "130.76",
    "user_id": "513894771",
    "user_session": "cf6f9ac4-5a9b-4a12-a3f7-1f2e9b5e7c11",
}

HEADER = ",".join(LINE)

DAY = dt.date(2020, 4, 1)

# The same event as a row of raw_events.
RAW_ROW: Row = {
    "event_time": dt.datetime(2020, 4, 1, 12, 30, 15, tzinfo=dt.UTC),
    "event_date": DAY,
    "event_type": "view",
    "product_id": 1004856,
    "category_id": 2053013555631882655,
    "category_code": "electronics.smartphone",
    "brand": "samsung",
    "price": Decimal("130.76"),
    "user_id": 513894771,
    "user_session": "cf6f9ac4-5a9b-4a12-a3f7-1f2e9b5e7c11",
    "source_event_id": None,
    "device_type": None,
    "source_channel": None,
    "source_object": "events/a.csv",
    "object_version": "v1",
    "source_row": 2,
    "ingested_at": dt.datetime(2020, 4, 2, tzinfo=dt.UTC),
}


def utc(text: str) -> dt.datetime:
    """A time in UTC, written as `2020-04-01 12:30`."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def csv_line(difference: Mapping[str, object] | str) -> str:
    """One landing line: the ordinary event with a difference, or a text as it is."""
    if isinstance(difference, str):
        return difference
    unknown = difference.keys() - LINE.keys()
    assert not unknown, f"no such column: {unknown}"
    return ",".join(str(difference.get(name, value)) for name, value in LINE.items())


def csv_text(differences: Iterable[Mapping[str, object] | str], header: str = HEADER) -> str:
    """A landing object with one line per difference."""
    return "".join(f"{line}\n" for line in (header, *map(csv_line, differences)))


def at(hour: int, minute: int = 0, day: dt.date = DAY) -> dict[str, str]:
    """The difference of an event at another time; the user tells the times apart as well."""
    return {"event_time": f"{day} {hour:02d}:{minute:02d}:00 UTC"}


def raw_rows(differences: Iterable[Mapping[str, object]]) -> list[Row]:
    """Rows of raw_events, in successive lines of one object unless told otherwise."""
    return [
        {**RAW_ROW, "source_row": line, **difference}
        for line, difference in enumerate(differences, start=2)
    ]


def frame(spark: SparkSession, contract: TableContract, rows: Sequence[Row]) -> DataFrame:
    """A frame in the shape of a contract."""
    if not rows:
        return spark.createDataFrame([], contract.spark_schema)
    return spark.createDataFrame(pa.Table.from_pylist(list(rows), schema=contract.arrow_schema))


def raw_frame(spark: SparkSession, *differences: Mapping[str, object]) -> DataFrame:
    """A frame of raw_events, one row per difference from the ordinary event."""
    return frame(spark, RAW_EVENTS, raw_rows(differences))


def collect(rows: DataFrame) -> list[Row]:
    """The rows of a frame, with times in UTC whatever the zone of this machine."""
    return rows.toArrow().to_pylist()
