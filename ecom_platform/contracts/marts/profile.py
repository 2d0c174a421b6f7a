"""Contracts of the profile: what arrived, column by column, for exploring and for trust.

Belongs here: columns, grain, statistics and bins. Not here: how they are computed.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated

import pandera.pyspark as pandera
import pyspark.sql.types as T

from ecom_platform.contracts.lineage import MADE_HERE, ColumnRef, carried, made_from
from ecom_platform.contracts.raw import RAW_EVENTS, SOURCE_COLUMNS
from ecom_platform.contracts.table import TableContract

ALL, SAMPLE = "all", "sample"
SCOPES = (ALL, SAMPLE)

# Beside the columns of the source: how often the row's event was delivered, and the whole row.
COPIES = "copies"
ROW = "row"
COUNTED_COLUMNS = (*SOURCE_COLUMNS, COPIES)

# Their values may name a person: how many there are is told, which they are is not.
PERSONAL_COLUMNS = ("user_id", "user_session")
# Of the others the most frequent values are named; an instant has no meaning of its own.
RANKED_COLUMNS = ("event_type", "product_id", "category_id", "category_code", "brand", "price")
MOST_RANKED = 20

# Shares of the rows, in percent; `p50` is the median.
PERCENTILES = (1, 5, 25, 50, 75, 95, 99)
# Fixed, so that bins of any dates add up: each step is about twice the one before.
PRICE_EDGES = (0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
PRICE_BINS = (
    f"under {PRICE_EDGES[1]}",
    *(f"{low} to {high}" for low, high in pairwise(PRICE_EDGES[1:])),
    f"{PRICE_EDGES[-1]} or more",
)
NOT_POSITIVE = "0 or less"

ROW_STATISTICS = ("row_count", "duplicate_count")
COLUMN_STATISTICS = ("null_count", "distinct_count", "single_count", "most_frequent_count")
LISTED_STATISTICS = ("value_count", "hour_count", "histogram_count")
PRICE_STATISTICS = ("mean", "minimum", *(f"p{share}" for share in PERCENTILES), "maximum")
STATISTICS = (*ROW_STATISTICS, *COLUMN_STATISTICS, *LISTED_STATISTICS, *PRICE_STATISTICS)

_CADENCE = "daily, and when late data change a date"
_SCOPE = (
    "`all` rows, or a `sample`: those of a share of the users, chosen by the hash of user_id "
    "(ECOM_PROFILE_SAMPLE_PERCENT)."
)
_COLUMN = "Column of raw_events, or `row` for all nine source columns together."
_STATISTIC = (
    "What is counted: row_count; duplicate_count, rows that repeat an earlier one in all nine "
    "columns; null_count; distinct_count, different values; single_count, values that occur "
    "once; most_frequent_count, rows of the most frequent value; value_count, rows of a frequent "
    "value; hour_count, rows of an hour; histogram_count, rows in a range of prices; or what is "
    "measured of prices: mean, minimum, p1 to p99, maximum. A percentile is the smallest price "
    "that at least so many percent of the rows do not exceed (nearest rank)."
)
_RANK = (
    "Place in a list: of a value by its frequency from 1 (of equals the smaller text first), the "
    "hour, or the range of prices from 0; 0 where there is no list."
)
_ITEM = "The value, hour or range of prices that is counted; null where there is no list."
_COUNTED = "Number of rows, or of values for distinct_count and single_count; null for prices."
_AMOUNT = "Price that is measured, a mean rounded to four places; null for counts."
_ONE_NUMBER = ("has_one_number", "(counted IS NULL) = (amount_usd IS NULL)")


class ValueDays(pandera.DataFrameModel):
    """How often each value of each source column arrived on one date: adds up to profiles.

    Rows are counted as they were delivered, duplicates and rejected events too.
    """

    event_date: T.DateType = pandera.Field(description="UTC date of the events.")
    scope: T.StringType = pandera.Field(isin=list(SCOPES), description=_SCOPE)
    column_name: T.StringType = pandera.Field(
        isin=list(COUNTED_COLUMNS),
        description="Column of raw_events, or `copies`: how often the same event was delivered.",
    )
    value: T.StringType = pandera.Field(
        nullable=True,
        description="The value as text; null counts the rows without one. Users and sessions "
        "are among them.",
        metadata={"pii": True},
    )
    row_count: T.LongType = pandera.Field(gt=0, description="Number of delivered rows.")

    class Config:
        strict = True


class EdaProfile(pandera.DataFrameModel):
    """What arrived on one date, column by column: gaps, repetitions, values, prices, hours.

    Counts of rows (row_count, duplicate_count, null_count, hour_count, histogram_count) add up
    over dates; numbers of different values, frequent values and percentiles do not: for those
    of the whole lake read eda_profile_lake.
    """

    event_date: T.DateType = pandera.Field(description="UTC date of the events.")
    scope: T.StringType = pandera.Field(isin=list(SCOPES), description=_SCOPE)
    column_name: T.StringType = pandera.Field(isin=[ROW, *SOURCE_COLUMNS], description=_COLUMN)
    statistic: T.StringType = pandera.Field(isin=list(STATISTICS), description=_STATISTIC)
    rank: T.IntegerType = pandera.Field(ge=0, description=_RANK)
    item: T.StringType = pandera.Field(nullable=True, description=_ITEM)
    counted: T.LongType = pandera.Field(nullable=True, ge=0, description=_COUNTED)
    amount_usd: Annotated[T.DecimalType, 18, 4] = pandera.Field(
        nullable=True, description=_AMOUNT, metadata={"unit": "USD"}
    )

    class Config:
        strict = True


class EdaProfileLake(pandera.DataFrameModel):
    """What arrived on all closed dates together, column by column, as eda_profile for one.

    Different and frequent values and percentiles are exact over all dates: they are counted
    from the values of each date, not from the profiles.
    """

    scope: T.StringType = pandera.Field(isin=list(SCOPES), description=_SCOPE)
    column_name: T.StringType = pandera.Field(isin=[ROW, *SOURCE_COLUMNS], description=_COLUMN)
    statistic: T.StringType = pandera.Field(isin=list(STATISTICS), description=_STATISTIC)
    rank: T.IntegerType = pandera.Field(ge=0, description=_RANK)
    item: T.StringType = pandera.Field(nullable=True, description=_ITEM)
    counted: T.LongType = pandera.Field(nullable=True, ge=0, description=_COUNTED)
    amount_usd: Annotated[T.DecimalType, 18, 4] = pandera.Field(
        nullable=True, description=_AMOUNT, metadata={"unit": "USD"}
    )
    as_of_date: T.DateType = pandera.Field(
        description="Events up to the end of this UTC date are counted."
    )

    class Config:
        strict = True


VALUE_DAYS = TableContract(
    name="value_days",
    layer="marts",
    grain="one value of one column on one date, in one scope",
    key=("event_date", "scope", "column_name", "value"),
    cadence=_CADENCE,
    model=ValueDays,
    lineage={
        **carried(RAW_EVENTS.name, "event_date"),
        "scope": MADE_HERE,
        "column_name": MADE_HERE,
        "value": made_from(RAW_EVENTS.name, *SOURCE_COLUMNS),
        "row_count": MADE_HERE,
    },
)


def _of_values() -> dict[str, tuple[ColumnRef, ...]]:
    """The lineage that both profiles share."""
    return {
        **carried(VALUE_DAYS.name, "scope", "column_name"),
        "statistic": MADE_HERE,
        **dict.fromkeys(("rank", "item"), made_from(VALUE_DAYS.name, "value")),
        **dict.fromkeys(
            ("counted", "amount_usd"), made_from(VALUE_DAYS.name, "value", "row_count")
        ),
    }


EDA_PROFILE = TableContract(
    name="eda_profile",
    layer="marts",
    grain="one statistic of one column on one date, in one scope; of lists one item",
    key=("event_date", "scope", "column_name", "statistic", "rank"),
    cadence=_CADENCE,
    model=EdaProfile,
    row_rules=(_ONE_NUMBER,),
    lineage={**carried(VALUE_DAYS.name, "event_date"), **_of_values()},
)

EDA_PROFILE_LAKE = TableContract(
    name="eda_profile_lake",
    layer="marts",
    grain="one statistic of one column, in one scope; of lists one item",
    key=("scope", "column_name", "statistic", "rank"),
    cadence=_CADENCE,
    model=EdaProfileLake,
    partition_by=None,
    row_rules=(_ONE_NUMBER,),
    lineage={**_of_values(), "as_of_date": MADE_HERE},
)
