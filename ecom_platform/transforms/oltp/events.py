"""Events of the shop's tables as rows of raw_events: joined with what they refer to, judged alike.

Belongs here: joining the shop's tables as they are now, and which events are none by the rules of
lines. Not here: which dates changed, files, accepting events (transforms/clean.py).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING

from pyspark.sql import Window
from pyspark.sql import functions as F

from ecom_platform.contracts.raw import RAW_EVENTS, REJECTED_EVENTS, SHOP_OBJECTS, SOURCE_COLUMNS
from ecom_platform.transforms.clean import as_line
from ecom_platform.transforms.events import NULL_MARK, event_id
from ecom_platform.transforms.hashing import hashable

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

# The file that a row belongs to, as lake/staging.py calls it.
PART = "_part"
UNDATED = "undated"
# Lines of files begin below the header.
_FIRST_ROW = 2


def category_paths(
    categories: Mapping[int, tuple[str | None, int | None]],
) -> dict[int, str | None]:
    """The dotted path of every category, from the top of the tree.

    Args:
        categories: by id the name and the category above.

    Returns:
        By id the path; None for a category without a name, or below one that has none, is not
        there, or is below itself.
    """
    paths: dict[int, str | None] = {}
    for category in categories:
        names: list[str] = []
        seen: set[int] = set()
        above: int | None = category
        while above is not None:
            name, higher = categories.get(above, (None, None))
            if name is None or above in seen:
                names = []
                break
            seen.add(above)
            names.append(name)
            above = higher
        paths[category] = ".".join(reversed(names)) or None
    return paths


def join_events(
    events: DataFrame,
    sessions: DataFrame,
    products: DataFrame,
    brands: DataFrame,
    paths: DataFrame,
) -> DataFrame:
    """Put the shop's tables together again to the columns of a line.

    Args:
        events: rows of oltp_events.
        sessions: rows of oltp_sessions.
        products: rows of oltp_products.
        brands: rows of oltp_brands.
        paths: `category_id` and `category_code`, one row a category.

    Returns:
        One row an event: the nine source columns, event_date, source_event_id, device_type and
        source_channel. What a table does not have (yet) is null.
    """
    visits = sessions.select("session_id", "user_id", "device_type", "channel")
    assortment = products.select("product_id", "brand_id", "category_id")
    return (
        events.join(visits, on=["session_id", "user_id"], how="left")
        .join(assortment, on="product_id", how="left")
        .join(brands, on="brand_id", how="left")
        .join(paths, on="category_id", how="left")
        .select(
            "event_time",
            F.to_date("event_time").alias("event_date"),
            "event_type",
            "product_id",
            "category_id",
            "category_code",
            F.col("brand_name").alias("brand"),
            "price",
            "user_id",
            F.col("session_id").alias("user_session"),
            F.col("event_id").alias("source_event_id"),
            "device_type",
            F.col("channel").alias("source_channel"),
        )
    )


def mark_malformed(joined: DataFrame, start_date: dt.date, latest: dt.datetime) -> DataFrame:
    """Add `reason` and `detail` to events that would be none as lines of a file; null for others.

    Args:
        joined: what `join_events` gives.
        start_date: the first date of the platform.
        latest: the last time that an event may have.
    """
    first, last = F.lit(start_date), F.lit(latest)
    product = F.col("product_id").cast("string")
    unknown = F.concat(F.lit("product "), product, F.lit(" is not among the shop's products"))
    rules = (
        (
            "date_out_of_range",
            F.col("event_date") < first,
            F.lit(f"event_date is before the start date {start_date}"),
        ),
        (
            "date_out_of_range",
            F.col("event_time") > last,
            F.lit("event_time is more than 24 hours after the shop's tables were folded"),
        ),
        ("bad_product_id", F.col("product_id") <= 0, F.lit("product_id is not positive")),
        ("bad_category_id", F.col("category_id").isNull(), unknown),
        ("bad_category_id", F.col("category_id") <= 0, F.lit("category_id is not positive")),
        ("bad_user_id", F.col("user_id") <= 0, F.lit("user_id is not positive")),
    )
    reason = detail = F.lit(None).cast("string")
    for name, is_broken, why in reversed(rules):
        reason = F.when(is_broken, F.lit(name)).otherwise(reason)
        detail = F.when(is_broken, why).otherwise(detail)
    return joined.withColumns({"reason": reason, "detail": detail})


def sum_up_dates(marked: DataFrame) -> DataFrame:
    """Count the events of every date, and add up their hashes.

    Returns:
        One row a date: `event_date`, `row_count`, `malformed_count`, and `high` and `low`, which
        differ when any event does, whatever order they are in.
    """
    texts = [
        F.coalesce(F.col(name), F.lit(NULL_MARK))
        for name in ("device_type", "source_channel", "reason")
    ]
    rows = hashable(marked)
    hashed = rows.select(
        "event_date",
        "reason",
        F.xxhash64(event_id(rows), "source_event_id", *texts).alias("hash"),
    )
    # Halves: sums of whole hashes would overflow.
    low = F.col("hash").bitwiseAND(F.lit((1 << 32) - 1))
    return hashed.groupBy("event_date").agg(
        F.count(F.lit(1)).alias("row_count"),
        F.count("reason").alias("malformed_count"),
        F.sum(F.shiftright("hash", 32)).alias("high"),
        F.sum(low).alias("low"),
    )


def place_events(marked: DataFrame, versions: DataFrame, now: dt.datetime) -> DataFrame:
    """Events of some dates with the places of lines: their object, its version, their row in it.

    Args:
        marked: what `mark_malformed` gives.
        versions: `event_date` and `object_version` of the dates.
        now: the moment of reading, UTC.

    Returns:
        Rows with all columns of raw_events, reason, detail and the part that they belong to.
    """
    by_id = Window.partitionBy("event_date").orderBy("source_event_id")
    date = F.date_format("event_date", "yyyy-MM-dd")
    return marked.join(F.broadcast(versions), on="event_date", how="inner").withColumns(
        {
            "source_object": F.concat(F.lit(SHOP_OBJECTS), date),
            "source_row": (F.row_number().over(by_id) + F.lit(_FIRST_ROW - 1)).cast("long"),
            "ingested_at": F.lit(now).cast("timestamp"),
            PART: F.when(_tells_no_date(), F.concat(date, F.lit(UNDATED))).otherwise(date),
        }
    )


def raw_events(placed: DataFrame) -> DataFrame:
    """The events among placed rows, with their part."""
    return placed.where(F.col("reason").isNull()).select(*RAW_EVENTS.column_names, PART)


def malformed_events(placed: DataFrame) -> DataFrame:
    """The others as rows of rejected_events, layer `raw`, with their part."""
    columns: dict[str, Column] = {
        "event_date": F.when(~_tells_no_date(), F.col("event_date")),
        "line": as_line(),
        "layer": F.lit("raw"),
        "rejected_at": F.col("ingested_at"),
    }
    # The line tells the columns as they are; only then they change.
    named = placed.where(F.col("reason").isNotNull()).select(
        *SOURCE_COLUMNS, "event_date", "reason", "detail", "source_object", "object_version",
        "source_row", "ingested_at", PART,
    )  # fmt: skip
    rows = named.withColumns(columns).withColumn("event_time", F.lit(None).cast("timestamp"))
    return rows.select(*REJECTED_EVENTS.column_names, PART)


def _tells_no_date() -> Column:
    return F.coalesce(F.col("reason") == "date_out_of_range", F.lit(False))
