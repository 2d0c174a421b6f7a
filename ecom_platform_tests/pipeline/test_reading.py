"""A lost file: whatever would be built without its rows is refused, and the rest goes on."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest
from pyiceberg.expressions import AlwaysTrue

from ecom_platform.checks.stored import judge_files
from ecom_platform.contracts import TABLES
from ecom_platform.errors import FilesLost
from ecom_platform.pipeline.model import DIMENSION_STEPS, PARTIAL_STEPS
from ecom_platform.pipeline.outcomes import Refused, one_by_one
from ecom_platform.pipeline.staleness import stale_dates
from ecom_platform.pipeline.stored import StoredTables, read_whole
from ecom_platform_tests.dimensions_in_small import (
    PARTIALS,
    rebuild_dimension,
    rebuild_partials,
)
from ecom_platform_tests.platform_in_small import LONG_AFTER, STEPS
from ecom_platform_tests.samples import DAY, at, utc

if TYPE_CHECKING:
    from ecom_platform_tests.platform_in_small import SmallPlatform

NOON = utc("2020-04-01 12:00")
NEXT_DAY = DAY + dt.timedelta(days=1)
BOUGHT = {"event_type": "purchase"}


def lose_a_file(platform: SmallPlatform, table: str, date: dt.date | None = DAY) -> str:
    """Delete one published file of a table behind the platform's back."""
    path = platform.lake.table(table).files([date] if date else None)[0].path
    Path(path).unlink()
    return path


@pytest.fixture
def two_hours(platform: SmallPlatform) -> SmallPlatform:
    """A date in files of one hour each, of which one can be lost, and a date beside it."""
    platform.drop("a.csv", at(1), {**at(1), **BOUGHT}, at(2), {**at(2), **BOUGHT, "product_id": 7})
    platform.run(now=NOON)
    platform.drop("b.csv", {**at(3, day=NEXT_DAY), **BOUGHT})
    platform.run(now=NOON)
    return platform


@pytest.mark.parametrize("partial", PARTIALS)
def test_a_partial_of_a_date_with_a_lost_file_is_refused_and_other_dates_are_not(
    two_hours: SmallPlatform, partial: str
) -> None:
    step = PARTIAL_STEPS[partial]
    path = lose_a_file(two_hours, step.source_name)
    stale = stale_dates(two_hours.lake, partial, None, LONG_AFTER)
    outcomes = {
        outcome.slice_.event_date: outcome
        for outcome in step.rebuild_dates(two_hours.work, list(stale.values()))
    }
    refused = outcomes[DAY]
    assert isinstance(refused, Refused)
    assert isinstance(refused.reason, FilesLost)
    assert str(refused.reason) == (
        f"{step.source_name} of {DAY} cannot be read: {path} is not there. Put back what is lost "
        "from a backup, or build it anew: "
        f"`ecom run --rebuild {step.source_name} --from {DAY} --to {DAY}`"
    )
    assert not isinstance(outcomes[NEXT_DAY], Refused)
    assert set(two_hours.lake.publications.published(partial)) == {NEXT_DAY}


@pytest.mark.parametrize(
    ("table", "source"), [("clean_events", "raw_events"), ("fact_user_events", "clean_events")]
)
def test_a_slice_with_a_lost_input_file_is_refused_and_its_last_version_stays(
    two_hours: SmallPlatform, table: str, source: str
) -> None:
    before = two_hours.state(table)
    lose_a_file(two_hours, source)
    stale = stale_dates(two_hours.lake, table, None, LONG_AFTER, rebuild=True)
    first, second = one_by_one(STEPS[table])(two_hours.work, list(stale.values()))
    assert isinstance(first, Refused)
    assert isinstance(first.reason, FilesLost)
    assert f"{source} of {DAY} cannot be read" in str(first.reason)
    assert not isinstance(second, Refused)
    after = two_hours.state(table)
    assert after[1] == before[1]
    assert after[2][DAY] == before[2][DAY]


@pytest.mark.parametrize("dimension", DIMENSION_STEPS)
def test_a_dimension_without_a_file_of_a_partial_is_refused_and_not_shrunk(
    two_hours: SmallPlatform, dimension: str
) -> None:
    rebuild_partials(two_hours)
    for partial in DIMENSION_STEPS[dimension].partials:
        path = lose_a_file(two_hours, partial, NEXT_DAY)
        with pytest.raises(FilesLost, match=f"{partial} of {NEXT_DAY} cannot be read"):
            rebuild_dimension(two_hours, dimension)
        assert two_hours.lake.publications.published_whole(dimension) is None
        PARTIAL_STEPS[partial].rebuild(
            two_hours.work,
            stale_dates(two_hours.lake, partial, [NEXT_DAY], LONG_AFTER, rebuild=True)[NEXT_DAY],
        )
        assert not Path(path).exists()
    # Built anew the partials are what they were, and so the dimension can be built.
    assert rebuild_dimension(two_hours, dimension) is not None


def test_whoever_judges_stored_rows_is_told_too(two_hours: SmallPlatform) -> None:
    lose_a_file(two_hours, "fact_user_events")
    stored = StoredTables(two_hours.work, [DAY, NEXT_DAY])
    with pytest.raises(FilesLost, match="--rebuild fact_user_events"):
        stored.rows("fact_user_events", DAY)
    assert stored.rows("fact_user_events", NEXT_DAY).count() == 1
    with pytest.raises(FilesLost):
        read_whole(two_hours.work, "fact_user_events")


def test_of_a_table_without_dates_none_is_named(two_hours: SmallPlatform) -> None:
    rebuild_partials(two_hours)
    rebuild_dimension(two_hours, "dim_users")
    lose_a_file(two_hours, "dim_users", None)
    with pytest.raises(FilesLost) as lost:
        read_whole(two_hours.work, "dim_users")
    assert str(lost.value).startswith("dim_users cannot be read: /")
    assert str(lost.value).endswith("`ecom run --rebuild dim_users`")


def test_of_many_lost_files_some_are_named_and_all_are_counted(platform: SmallPlatform) -> None:
    days = [DAY + dt.timedelta(days=n) for n in range(5)]
    platform.drop("a.csv", *(at(1, day=day) for day in days))
    platform.run()
    for day in days:
        lose_a_file(platform, "fact_user_events", day)
    with pytest.raises(FilesLost) as lost:
        read_whole(platform.work, "fact_user_events")
    message = str(lost.value)
    assert "of 2020-04-01, 2020-04-02, 2020-04-03 and 2 more dates cannot be read" in message
    assert " and 2 more are not there" in message
    assert "--from 2020-04-01 --to 2020-04-05`" in message


def test_files_from_before_a_column_came_are_read_with_nulls_in_it(
    two_hours: SmallPlatform,
) -> None:
    """As in a lake that an older version of the platform has filled."""
    expected = two_hours.rows("fact_user_events")
    lake, later = two_hours.lake, ("source_event_id", "device_type", "source_channel")
    for table in ("raw_events", "clean_events"):
        version = lake.table(table)
        for number, file in enumerate(version.files([DAY])):
            stage = lake.stage(table)
            rows = pq.ParquetFile(file.path).read()
            kept = rows.drop_columns([name for name in later if name in rows.column_names])
            with stage.parquet_writer(f"{number}.parquet", kept.schema, store_schema=False) as to:
                to.write_table(kept)
            lake.table(table).commit(
                remove=[file], add=stage.collect().uris, replaces=AlwaysTrue(), properties={}
            )
        shape = judge_files(lake.storage, lake.table(table).files(), TABLES[table])
        assert shape.passed, shape.message
    for table in STEPS:
        stale = stale_dates(lake, table, [DAY], LONG_AFTER, rebuild=True)
        outcomes = list(one_by_one(STEPS[table])(two_hours.work, list(stale.values())))
        assert not any(isinstance(outcome, Refused) for outcome in outcomes)
        if table == "clean_events":
            assert {row["device_type"] for row in two_hours.rows(table)} == {None}
    assert two_hours.rows("fact_user_events") == expected
