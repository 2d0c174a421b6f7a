"""A lake at any place a folder can have: the whole pipeline and a reader of Iceberg work there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ecom_platform.errors import EcomError
from ecom_platform.lake.lake import Lake
from ecom_platform.landing.folder_store import FolderStore
from ecom_platform.pipeline.slice_build import Workplace
from ecom_platform.settings import Settings, load_settings
from ecom_platform_tests.platform_in_small import Drop, SmallPlatform
from ecom_platform_tests.samples import at, utc

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import SparkSession

    from ecom_platform_tests.s3_in_small import Bucket


def platform_at(settings: Settings, spark: SparkSession) -> SmallPlatform:
    lake, store = Lake(settings), FolderStore(settings.landing_path)
    return SmallPlatform(
        lake, store, Workplace(lake, lambda: spark, "run-1"), Drop(settings.landing_path)
    )


def works_end_to_end(platform: SmallPlatform) -> None:
    """Publish by hour, replace an hour, publish a whole date, read all of it back."""
    during = utc("2020-04-01 13:00")
    platform.drop("ä ö/a b.csv", at(1), at(2), written_at=during)
    platform.run(now=during)
    platform.drop("ä ö/a b.csv", at(1), at(2, 30), written_at=utc("2020-04-01 13:01"))
    platform.run(now=during)
    assert [row["event_time"].minute for row in platform.rows("fact_user_events")] == [0, 30]
    platform.drop("c.csv", at(3), {**at(4), "price": "0.00"})
    platform.run()
    assert [row["hour_of_day"] for row in platform.rows("fact_user_events")] == [1, 2, 3]
    assert platform.values("raw_events", "source_object")[-1] == "events/ä ö/a b.csv"
    assert platform.values("rejected_events", "reason") == ["price_not_positive"]
    lake = platform.lake.settings.lake_name
    assert all(path.startswith(lake) for path in platform.paths("fact_user_events"))


@pytest.mark.parametrize("name", ["plain", "with spaces", "Übergrößen 東京", "it's 100% +a&b;c=d"])
def test_any_ordinary_name_will_do(tmp_path: Path, spark: SparkSession, name: str) -> None:
    works_end_to_end(platform_at(load_settings(lake=str(tmp_path / name), _env_file=None), spark))
    assert {path.name for path in (tmp_path / name).iterdir()} == {
        "catalog.db",
        "landing",
        "tables",
    }


@pytest.mark.s3
@pytest.mark.parametrize("place", ["s3"], indirect=True)
def test_a_bucket_will_do(platform: SmallPlatform, bucket: Bucket, tmp_path: Path) -> None:
    works_end_to_end(platform)
    assert {key.split("/")[0] for key in bucket.listed()} == {"catalog_id", "landing", "tables"}
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["catalog.db"]


def test_a_relative_path_is_one_from_where_the_platform_was_started(
    tmp_path: Path, spark: SparkSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load_settings(lake="./my lake", _env_file=None)
    platform = platform_at(settings, spark)
    works_end_to_end(platform)
    assert settings.lake_path == tmp_path / "my lake"
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert len(platform.rows("fact_user_events")) == 3


def test_a_name_that_reads_like_an_escape_has_a_catalog_of_its_own(tmp_path: Path) -> None:
    Lake(load_settings(lake=str(tmp_path / "a%20b"), _env_file=None)).table("clean_events")
    assert (tmp_path / "a%20b" / "catalog.db").is_file()
    assert not (tmp_path / "a b").exists()


@pytest.mark.parametrize("name", ["a#b", "a*b", "a[b]", "a{b}"])
def test_a_name_that_cannot_work_is_refused_in_one_line(
    tmp_path: Path, spark: SparkSession, name: str
) -> None:
    with pytest.raises(EcomError, match="ECOM_LAKE") as refusal:
        works_end_to_end(platform_at(load_settings(lake=str(tmp_path / name)), spark))
    assert "\n" not in str(refusal.value)
