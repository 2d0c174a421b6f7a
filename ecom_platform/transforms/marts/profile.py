"""From the rows that arrived to their profile: counted values, then statistics of them.

Belongs here: rows of value_days and of both profiles. Not here: columns' meanings, plots.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.window import Window

from ecom_platform.contracts.marts.profile import (
    ALL,
    COPIES,
    EDA_PROFILE,
    EDA_PROFILE_LAKE,
    MOST_RANKED,
    NOT_POSITIVE,
    PERCENTILES,
    PRICE_BINS,
    PRICE_EDGES,
    RANKED_COLUMNS,
    ROW,
    SAMPLE,
    VALUE_DAYS,
)
from ecom_platform.contracts.raw import SOURCE_COLUMNS
from ecom_platform.transforms.events import event_id

# With the day and the fraction, so that it is the value and not a part of it.
_TIME_TEXT = "yyyy-MM-dd HH:mm:ss.SSSSSS"
_HOUR_IN_TEXT = 12
_OF = ("scope", "column_name")


def build_value_days(raw_events: DataFrame, sample_percent: int = 0) -> DataFrame:
    """Build value_days: one row a value, column, scope and date.

    Args:
        raw_events: rows of raw_events of whole dates.
        sample_percent: share of the users that is also counted as a sample; 0 for none. The
            sample takes all rows of a user or none: sessions and repetitions stay whole.
    """
    counts = _count_values(raw_events, ALL)
    if sample_percent:
        chosen = F.expr(f"pmod(xxhash64(user_id), 100) < {int(sample_percent)}")
        counts = counts.unionByName(_count_values(raw_events.where(chosen), SAMPLE))
    return counts.select(VALUE_DAYS.column_names)


def build_eda_profile(value_days: DataFrame) -> DataFrame:
    """Build eda_profile: one row a statistic, column, scope and date."""
    return _profile(value_days, ("event_date",)).select(EDA_PROFILE.column_names)


def build_eda_profile_lake(value_days: DataFrame, as_of_date: dt.date) -> DataFrame:
    """Build eda_profile_lake: one row a statistic, column and scope.

    Args:
        value_days: all dates up to the as-of date.
        as_of_date: the last of them.
    """
    # Times and copies of an event never reach into another date, so that they add up.
    values = value_days.groupBy(*_OF, "value").agg(F.sum("row_count").alias("row_count"))
    return (
        _profile(values, ())
        .withColumn("as_of_date", F.lit(as_of_date))
        .select(EDA_PROFILE_LAKE.column_names)
    )


def _count_values(raw_events: DataFrame, scope: str) -> DataFrame:
    """The number of rows of each value, column by column.

    Grouping by the values as they are and naming them afterwards is several times cheaper than
    grouping by their text.
    """
    parts = [
        raw_events.groupBy("event_date", column)
        .agg(F.count(F.lit(1)).alias("row_count"))
        .select("event_date", F.lit(column).alias("column_name"), _text(column), "row_count")
        for column in SOURCE_COLUMNS
    ]
    events = (
        raw_events.select("event_date", event_id(raw_events).alias("event_id"))
        .groupBy("event_date", "event_id")
        .agg(F.count(F.lit(1)).alias(COPIES))
    )
    parts.append(
        events.groupBy("event_date", COPIES)
        .agg(F.sum(COPIES).alias("row_count"))
        .select("event_date", F.lit(COPIES).alias("column_name"), _text(COPIES), "row_count")
    )
    return _union(parts).withColumn("scope", F.lit(scope))


def _text(column: str) -> Column:
    """A value as text, alike on every engine."""
    value = F.col(column)
    text = F.date_format(value, _TIME_TEXT) if column == "event_time" else value.cast("string")
    return text.alias("value")


def _profile(values: DataFrame, dates: Sequence[str]) -> DataFrame:
    """All statistics of counted values, in the columns that both profiles share.

    Args:
        values: each value of a date, or of all dates, once.
        dates: the column that tells the date, or none.
    """
    keys = [*dates, *_OF]
    return _union(
        [
            _totals(values, keys),
            _frequent_values(values, keys),
            _hours(values, keys),
            _histogram(values, keys),
            _prices(values, keys),
        ]
    )


def _totals(values: DataFrame, keys: Sequence[str]) -> DataFrame:
    """What is counted of the whole row, and of every column."""
    is_null, rows = F.col("value").isNull(), F.col("row_count")
    copies = F.expr("try_cast(value AS BIGINT)")
    totals = values.groupBy(*keys).agg(
        F.sum(rows).alias("rows"),
        # Of an event that was delivered n times, n - 1 rows are repetitions.
        F.sum(F.when(F.col("column_name") == COPIES, rows - rows / copies)).alias("repeated"),
        F.sum(F.when(is_null, rows).otherwise(0)).alias("nulls"),
        F.count("value").alias("distinct"),
        F.sum(F.when(~is_null & (rows == 1), 1).otherwise(0)).alias("singles"),
        F.max(F.when(~is_null, rows)).alias("largest"),
    )
    of_row, of_column = F.col("column_name") == COPIES, F.col("column_name") != COPIES
    parts = [
        _counted(totals.where(of_row), keys, "row_count", "rows"),
        _counted(totals.where(of_row), keys, "duplicate_count", "repeated"),
    ]
    for statistic, column in (
        ("null_count", "nulls"),
        ("distinct_count", "distinct"),
        ("single_count", "singles"),
        ("most_frequent_count", F.coalesce("largest", F.lit(0))),
    ):
        parts.append(_counted(totals.where(of_column), keys, statistic, column))
    name = F.when(of_row, ROW).otherwise(F.col("column_name"))
    return _union(parts).withColumn("column_name", name)


def _frequent_values(values: DataFrame, keys: Sequence[str]) -> DataFrame:
    """The most frequent values of the columns that name no person."""
    frequency = Window.partitionBy(*keys).orderBy(F.col("row_count").desc(), "value")
    ranked = values.where(
        F.col("column_name").isin(*RANKED_COLUMNS) & F.col("value").isNotNull()
    ).withColumn("place", F.row_number().over(frequency))
    listed = ranked.where(F.col("place") <= MOST_RANKED)
    return _counted(listed, keys, "value_count", "row_count", "place", "value")


def _hours(values: DataFrame, keys: Sequence[str]) -> DataFrame:
    """The rows of every hour of the day that has any."""
    hour = F.substring("value", _HOUR_IN_TEXT, 2)
    of_time = values.where(F.col("column_name") == "event_time").withColumn("hour", hour)
    counted = of_time.groupBy(*keys, "hour").agg(F.sum("row_count").alias("rows"))
    return _counted(counted, keys, "hour_count", "rows", F.col("hour").cast("int"), "hour")


def _histogram(values: DataFrame, keys: Sequence[str]) -> DataFrame:
    """The rows of every range of prices that has any; a range holds its lower end."""
    price = F.col("price")
    bin_of, name_of = F.when(price <= 0, 0), F.when(price <= 0, NOT_POSITIVE)
    for number, (end, name) in enumerate(zip(PRICE_EDGES[1:], PRICE_BINS[:-1], strict=True), 1):
        bin_of, name_of = bin_of.when(price < end, number), name_of.when(price < end, name)
    binned = _of_prices(values).withColumns(
        {"bin": bin_of.otherwise(len(PRICE_BINS)), "range": name_of.otherwise(PRICE_BINS[-1])}
    )
    counted = binned.groupBy(*keys, "bin", "range").agg(F.sum("row_count").alias("rows"))
    return _counted(counted, keys, "histogram_count", "rows", "bin", "range")


def _prices(values: DataFrame, keys: Sequence[str]) -> DataFrame:
    """Mean and percentiles of the prices of the rows; sums are of decimals, so exact."""
    of_all = Window.partitionBy(*keys)
    by_price = of_all.orderBy("price").rowsBetween(Window.unboundedPreceding, Window.currentRow)
    prices = _of_prices(values).withColumns(
        {
            "rows_so_far": F.sum("row_count").over(by_price),
            "rows": F.sum("row_count").over(of_all),
            "spent": F.col("price") * F.col("row_count").cast("decimal(18,0)"),
        }
    )
    reached = {share: F.col("rows_so_far") * 100 >= F.col("rows") * share for share in PERCENTILES}
    measured = prices.groupBy(*keys).agg(
        (F.sum("spent").cast("double") / F.sum("row_count")).alias("mean"),
        F.min("price").alias("minimum"),
        *(F.min(F.when(so_far, F.col("price"))).alias(f"p{n}") for n, so_far in reached.items()),
        F.max("price").alias("maximum"),
    )
    names = ["mean", "minimum", *(f"p{share}" for share in PERCENTILES), "maximum"]
    return _union(
        [
            measured.select(
                *keys,
                F.lit(name).alias("statistic"),
                F.lit(0).alias("rank"),
                F.lit(None).cast("string").alias("item"),
                F.lit(None).cast("long").alias("counted"),
                F.col(name).cast("decimal(18,4)").alias("amount_usd"),
            )
            for name in names
        ]
    )


def _of_prices(values: DataFrame) -> DataFrame:
    of_price = values.where((F.col("column_name") == "price") & F.col("value").isNotNull())
    return of_price.withColumn("price", F.expr("try_cast(value AS DECIMAL(12, 2))"))


def _counted(
    rows: DataFrame,
    keys: Sequence[str],
    statistic: str,
    counted: str | Column,
    rank: str | Column | None = None,
    item: str | None = None,
) -> DataFrame:
    """Rows of a profile that count something."""
    place = F.lit(0) if rank is None else (F.col(rank) if isinstance(rank, str) else rank)
    number = F.col(counted) if isinstance(counted, str) else counted
    named = F.lit(None) if item is None else F.col(item)
    return rows.select(
        *keys,
        F.lit(statistic).alias("statistic"),
        place.cast("int").alias("rank"),
        named.cast("string").alias("item"),
        number.cast("long").alias("counted"),
        F.lit(None).cast("decimal(18,4)").alias("amount_usd"),
    )


def _union(parts: Iterable[DataFrame]) -> DataFrame:
    return reduce(DataFrame.unionByName, parts)
