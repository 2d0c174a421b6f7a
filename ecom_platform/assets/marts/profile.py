"""The assets of the profile: counted values, profiles with their charts.

Belongs here: the profile as Dagster knows and shows it. Not here: the page, row logic.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence

import dagster as dg

from ecom_platform.assets.check_reports import Evaluate
from ecom_platform.assets.dated_tables import build_dated_asset
from ecom_platform.assets.dates import Metadata
from ecom_platform.assets.marts.profile_page import Row, render_profile
from ecom_platform.assets.model.dimensions import build_whole_asset
from ecom_platform.assets.refusals import EvaluateWhole, Following
from ecom_platform.contracts.marts import EDA_PROFILE, EDA_PROFILE_LAKE, VALUE_DAYS
from ecom_platform.pipeline.marts import PROFILE_LAKE_STEP, PROFILE_STEPS
from ecom_platform.pipeline.slice_build import Workplace
from ecom_platform.pipeline.stored import StoredTables, read_whole


def build_profile_assets(
    partitions: dg.PartitionsDefinition[str],
    evaluators: Mapping[str, Evaluate],
    evaluate_lake: EvaluateWhole,
) -> list[dg.AssetsDefinition]:
    """Make the assets of the profile.

    Args:
        partitions: the dates that have ended.
        evaluators: for each dated table, what judges a stored date, for runs that refuse a date.
        evaluate_lake: judges the stored profile of the lake.
    """
    by_date = {EDA_PROFILE.name: evaluators[EDA_PROFILE.name]}
    following = {
        VALUE_DAYS.name: Following(by_date, {EDA_PROFILE_LAKE.name: evaluate_lake}),
        EDA_PROFILE.name: None,
    }
    dated = [
        build_dated_asset(
            step.contract,
            step.rebuild_dates,
            [step.source_name],
            partitions,
            evaluators[name],
            following=following[name],
            describe=describe_dates if name == EDA_PROFILE.name else None,
        )
        for name, step in PROFILE_STEPS.items()
    ]
    return [*dated, build_whole_asset(PROFILE_LAKE_STEP, evaluate_lake, describe_lake)]


def describe_dates(work: Workplace, dates: Sequence[dt.date]) -> dict[dt.date, Metadata]:
    """The page of each date that has a profile."""
    stored = StoredTables(work, dates)
    by_date: dict[dt.date, list[Row]] = defaultdict(list)
    for row in stored.rows_of_all(EDA_PROFILE.name).toArrow().to_pylist():
        by_date[row["event_date"]].append(row)
    return {
        date: _page(rows, f"Profile of {date.isoformat()}")
        for date, rows in sorted(by_date.items())
    }


def describe_lake(work: Workplace) -> Metadata:
    """The page of the whole lake."""
    rows = read_whole(work, EDA_PROFILE_LAKE.name).toArrow().to_pylist()
    as_of = max((row["as_of_date"] for row in rows), default=None)
    return _page(rows, f"Profile of all dates up to {as_of}")


def _page(rows: Sequence[Row], title: str) -> Metadata:
    return {"profile": dg.MetadataValue.md(render_profile(rows, title))}
