"""The steps of the profile: counted values of a date, its profile, that of the whole lake.

Belongs here: what each is built from and which counts must agree. Not here: row logic.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ecom_platform.contracts.marts.profile import (
    ALL,
    COLUMN_STATISTICS,
    COPIES,
    COUNTED_COLUMNS,
    EDA_PROFILE,
    EDA_PROFILE_LAKE,
    MOST_RANKED,
    PRICE_STATISTICS,
    RANKED_COLUMNS,
    ROW,
    ROW_STATISTICS,
    VALUE_DAYS,
)
from ecom_platform.contracts.raw import RAW_EVENTS, SOURCE_COLUMNS
from ecom_platform.lake.audit import Equation, Finding, judge_equation
from ecom_platform.pipeline.model.basis import History
from ecom_platform.pipeline.model.dimensions import Dimension
from ecom_platform.pipeline.model.partials import Partial, count
from ecom_platform.pipeline.publishing import until
from ecom_platform.transforms.marts.profile import (
    build_eda_profile,
    build_eda_profile_lake,
    build_value_days,
)

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from ecom_platform.settings import Settings

# Counted three times over: as rows, by hour, and by price. A statistic that is missing shows too
# (twice, for without its number of values a list seems too long), and so does a list that is not
# complete: of each column the values stand in it, unless too many.
_SINGLE = (*ROW_STATISTICS, *COLUMN_STATISTICS, *PRICE_STATISTICS)
_SINGLE_ROWS = (
    len(ROW_STATISTICS) + len(COLUMN_STATISTICS) * len(SOURCE_COLUMNS) + len(PRICE_STATISTICS)
)
_RANKED = ", ".join(f"'{column}'" for column in RANKED_COLUMNS)
_ROWS_THRICE = (
    f"SUM(CASE WHEN scope = '{ALL}' AND column_name IN ('{COPIES}', 'event_time', 'price') "
    "THEN row_count ELSE 0 END)"
)
_PROFILED_THRICE = (
    f"SUM(CASE WHEN scope = '{ALL}' AND (statistic IN ('row_count', 'hour_count', "
    "'histogram_count') OR (statistic = 'null_count' AND column_name IN ('event_time', 'price'))) "
    "THEN counted ELSE 0 END)"
    f" + SUM(CASE WHEN scope = '{ALL}' AND statistic = 'value_count' THEN 1 "
    f"WHEN scope = '{ALL}' AND statistic = 'distinct_count' AND column_name IN ({_RANKED}) "
    f"THEN -LEAST(counted, {MOST_RANKED}) ELSE 0 END)"
    f" + SUM(CASE WHEN scope = '{ALL}' AND statistic IN {_SINGLE} THEN 2 ELSE 0 END)"
    f" - {2 * _SINGLE_ROWS}"
)


def _of_row(statistic: str) -> str:
    return (
        f"SUM(CASE WHEN scope = '{ALL}' AND column_name = '{ROW}' AND statistic = '{statistic}' "
        "THEN counted ELSE 0 END)"
    )


PROFILED_ROWS = _of_row("row_count")
PROFILED_DUPLICATES = _of_row("duplicate_count")


@dataclass(frozen=True)
class ValueCounts(Partial):
    """How value_days is built: of all rows, and of a sample where the settings ask for one."""

    def make(self, source: DataFrame, settings: Settings) -> DataFrame:
        """Count the values of the rows that arrived."""
        return build_value_days(source, settings.profile_sample_percent)


PROFILE_STEPS: dict[str, Partial] = {
    partial.contract.name: partial
    for partial in (
        ValueCounts(
            VALUE_DAYS,
            build_value_days,
            f"COUNT(*) * {len(COUNTED_COLUMNS)}",
            f"SUM(CASE WHEN scope = '{ALL}' THEN row_count ELSE 0 END)",
        ),
        Partial(EDA_PROFILE, build_eda_profile, _ROWS_THRICE, _PROFILED_THRICE),
    )
}


def _every_row_is_profiled(history: History, rows: DataFrame) -> list[Finding]:
    """Every row that arrived up to the as-of date is counted: as a row, by hour, by price."""
    files = history.lake.table(RAW_EVENTS.name).files(where=until(history.as_of))
    arrived = sum(file.row_count for file in files)
    profiled = {EDA_PROFILE_LAKE.name: count(rows, _PROFILED_THRICE)}
    return [judge_equation(Equation(f"three times {RAW_EVENTS.name}", 3 * arrived, profiled))]


PROFILE_LAKE_STEP = Dimension(
    EDA_PROFILE_LAKE, (VALUE_DAYS.name,), build_eda_profile_lake, _every_row_is_profiled
)
PROFILE_LAKE_STEPS = {PROFILE_LAKE_STEP.contract.name: PROFILE_LAKE_STEP}
