"""The page of a profile: what it tells, and what it keeps to itself."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING

import dagster as dg
import pytest

from ecom_platform.assets.marts.profile_page import Profile, render_profile, share
from ecom_platform.definitions import build_defs
from ecom_platform.transforms.marts.profile import build_eda_profile, build_value_days
from ecom_platform_tests.samples import DAY, Row, at, collect, raw_frame

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from ecom_platform_tests.platform_in_small import SmallPlatform


@pytest.fixture(scope="module")
def rows(spark: SparkSession) -> list[Row]:
    raw = raw_frame(
        spark, *({"brand": brand, "user_id": 424242} for brand in ("a|`b", None, None, "zoo"))
    )
    return collect(build_eda_profile(build_value_days(raw, sample_percent=50)))


def test_the_page_tells_rows_repetitions_gaps_and_frequent_values(rows: list[Row]) -> None:
    page = render_profile(rows, "Profile of a date")
    assert page.startswith("## Profile of a date\n\n**4 rows** arrived, **1** of them (25.00 %)")
    assert "| `brand` | 2 | 50.00 % | 2 | 2 | 25.00 % |" in page
    assert "| `brand` | `zoo` | 1 | 25.00 % |" in page
    assert "| 130.76 | 130.76 |" in page
    assert page.count("data:image/svg+xml;base64,") == 3


def test_a_value_cannot_break_the_table(rows: list[Row]) -> None:
    assert "| `brand` | `a\\|'b` | 1 | 25.00 % |" in render_profile(rows, "x")


def test_no_value_that_may_name_a_person_is_told(rows: list[Row]) -> None:
    page = render_profile(rows, "x")
    charts = [base64.b64decode(found).decode() for found in re.findall(r"base64,([^)]*)", page)]
    assert "424242" not in page + "".join(charts)
    assert not any("424242" in str(row["item"]) for row in rows)


def test_a_profile_reads_one_scope_alone(rows: list[Row]) -> None:
    assert Profile(rows).row_count == 4
    assert Profile(rows, "sample").row_count in (0, 4)  # one user: in the sample or not


def test_a_sample_stands_beside_all_rows(rows: list[Row]) -> None:
    whole = [row for row in rows if row["scope"] == "all"]
    halves = {"counted": 2, "amount_usd": None, "scope": "sample"}
    both = [*whole, *({**row, **halves} for row in whole if row["counted"] is not None)]
    page, alone = render_profile(both, "x"), render_profile(whole, "x")
    assert page.startswith(alone)
    assert "| rows | 4 | 2 |" in page
    assert "| `brand` null | 50.00 % | 100 % |" in page
    assert "| price p50 | 130.76 | none |" in page
    assert "sample" not in alone


def test_a_date_without_rows_says_so() -> None:
    assert render_profile([], "Profile") == "## Profile\n\nNo rows arrived."


@pytest.mark.parametrize(
    ("part", "text"),
    [
        (0, "0 %"),
        (1, "< 0.01 %"),
        (1_234_567, "12.35 %"),
        (9_999_999, "> 99.99 %"),
        (10_000_000, "100 %"),
    ],
)
def test_a_share_never_reads_as_none_or_all_when_it_is_not(part: int, text: str) -> None:
    assert share(part, 10_000_000) == text


def test_a_run_shows_the_page_of_each_date_and_of_the_lake(platform: SmallPlatform) -> None:
    next_day = DAY.replace(day=2)
    platform.drop("a.csv", at(1), at(2), at(2), at(5, day=next_day))
    platform.ingest()
    job = build_defs(platform.lake.settings).resolve_job_def("profile_daily_job")
    dates = [DAY.isoformat(), next_day.isoformat()]
    tags = {
        "dagster/asset_partition_range_start": dates[0],
        "dagster/asset_partition_range_end": "2020-04-03",
    }
    with dg.DagsterInstance.ephemeral() as instance:
        dated = [dg.AssetKey("value_days"), dg.AssetKey("eda_profile")]
        assert job.execute_in_process(instance=instance, tags=tags, asset_selection=dated).success
        whole = [dg.AssetKey("eda_profile_lake")]
        assert job.execute_in_process(instance=instance, asset_selection=whole).success
        pages = {
            record.partition_key: record.asset_materialization.metadata.get("profile")
            for name in ("eda_profile", "eda_profile_lake")
            for record in instance.fetch_materializations(dg.AssetKey(name), limit=10).records
        }
    assert pages[dates[0]].value.startswith("## Profile of 2020-04-01\n\n**3 rows** arrived, **1**")
    assert pages[dates[1]].value.startswith("## Profile of 2020-04-02\n\n**1 rows**")
    assert pages["2020-04-03"] is None  # nothing arrived
    assert pages[None].value.startswith("## Profile of all dates up to 2020-04-02\n\n**4 rows**")
