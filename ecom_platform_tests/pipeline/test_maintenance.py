"""Maintenance: few versions, no litter, and the same tables; compaction has tests of its own."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

from ecom_platform.lake.sql import connect
from ecom_platform_tests.s3_in_small import everywhere_at_length
from ecom_platform_tests.samples import at
from ecom_platform_tests.upkeep_in_small import (
    CLEAN,
    EVENT_TABLES,
    FACT,
    LATER,
    NOON,
    WEEK,
    age,
    data_files,
    disk,
    everything,
    hourly,
    litter,
    rows,
    upkeep,
)

if TYPE_CHECKING:
    import pytest

    from ecom_platform_tests.platform_in_small import SmallPlatform

# --- Versions


def test_versions_are_forgotten_a_week_after_they_were_replaced(platform: SmallPlatform) -> None:
    hourly(platform)
    assert upkeep(platform, WEEK - dt.timedelta(hours=1))[FACT].snapshots_expired == 0
    assert platform.snapshots(FACT) == 3
    assert upkeep(platform, LATER)[FACT].snapshots_expired == 2
    assert platform.snapshots(FACT) == 1
    assert len(platform.rows(FACT)) == 8


def test_the_version_that_was_current_a_week_ago_stays_however_old_it_is(
    platform: SmallPlatform,
) -> None:
    hourly(platform, hours=2)
    before = rows(platform.lake, FACT)
    read_as_of = dt.datetime.now(tz=dt.UTC)
    platform.drop("99.csv", at(9))
    platform.run(now=NOON)
    # By then the version of the second hour is older than a week, but was current within it.
    upkeep(platform, WEEK - dt.timedelta(seconds=1))
    with connect(platform.lake, as_of=read_as_of) as connection:
        (count,) = connection.execute("SELECT count(*) FROM fact_user_events").fetchone()
    assert count == len(before) == 4


def test_journals_are_folded_when_they_have_many_files(platform: SmallPlatform) -> None:
    for minute in range(3):
        platform.drop("a.csv", at(1, minute))
        platform.run()
    before = everything(platform.lake)
    done = upkeep(platform)
    assert done["publications"].before.files > 8 > done["publications"].after.files
    assert everything(platform.lake) == before


# --- Files


@everywhere_at_length
def test_files_of_forgotten_versions_go_once_nobody_can_still_read_them(
    platform: SmallPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    hourly(platform)
    before, files = everything(platform.lake), data_files(platform.lake)
    forgetful = {"snapshot_days": 0, "unreferenced_hours": 0}
    monkeypatch.setattr(
        platform.lake, "settings", platform.lake.settings.model_copy(update=forgetful)
    )
    first = upkeep(platform)
    assert first.report.total("snapshots_expired") > 0
    # Whoever took such a version a moment ago can read it to its end, and put it back.
    assert files <= data_files(platform.lake)
    second = upkeep(platform, dt.timedelta(hours=2))
    assert second[FACT].files_removed > 0
    assert files - data_files(platform.lake)
    assert data_files(platform.lake) >= platform.paths(FACT)
    assert second.report.total("bytes_freed") > 0
    assert everything(platform.lake) == before
    assert platform.snapshots(FACT) == 1


def test_staged_files_of_killed_runs_go_after_a_day(platform: SmallPlatform) -> None:
    hourly(platform, hours=1)
    litter(platform.lake, CLEAN, "data/0123/old.parquet", hours=25)
    young = litter(platform.lake, CLEAN, "data/0123/young.parquet", hours=23)
    done = upkeep(platform)
    assert (done[CLEAN].files_removed, done[CLEAN].bytes_freed) == (1, 6)
    assert list(young.parent.iterdir()) == [young]
    age(young, hours=25)
    upkeep(platform)
    assert not young.parent.exists()
    assert len(platform.rows(CLEAN)) == 2


def test_a_published_file_stays_however_old_it_is(platform: SmallPlatform) -> None:
    hourly(platform, hours=1)
    before = everything(platform.lake)
    for path in disk(platform.lake):
        age(Path(path), hours=24 * 365)
    upkeep(platform)
    upkeep(platform)
    assert everything(platform.lake) == before
    platform.drop("99.csv", at(9))
    platform.run()
    assert len(platform.rows(FACT)) == 3


def test_metadata_that_no_version_needs_goes_too(platform: SmallPlatform) -> None:
    hourly(platform, hours=1)
    names = ("metadata/00007-lost.metadata.json", "metadata/lost-m0.avro")
    left = [litter(platform.lake, FACT, name, hours=30) for name in names]
    assert upkeep(platform)[FACT].files_removed == 2
    assert not any(path.exists() for path in left)


def test_a_busy_table_loses_no_file(
    platform: SmallPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    hourly(platform, hours=1)
    litter(platform.lake, FACT, "data/0123/old.parquet", hours=25)
    table = platform.lake.table(FACT).iceberg
    with table.transaction() as transaction:
        transaction.set_properties({"write.metadata.previous-versions-max": "1"})
    # The log of what was visible within the hour is cut off: somebody may still need any file.
    assert upkeep(platform)[FACT].files_removed == 0
    assert upkeep(platform, dt.timedelta(hours=2))[FACT].files_removed == 1


# --- A dry run


def test_a_dry_run_says_what_it_would_do_and_does_nothing(platform: SmallPlatform) -> None:
    hourly(platform)
    litter(platform.lake, FACT, "data/0123/old.parquet", hours=25)
    files = disk(platform.lake)
    said = upkeep(platform, dry_run=True)
    assert disk(platform.lake) == files
    done = upkeep(platform)
    for name in EVENT_TABLES:
        assert said[name].dates_compacted == done[name].dates_compacted
        assert said[name].files_removed == done[name].files_removed
    assert said[FACT].files_removed == 1
    assert upkeep(platform, LATER, dry_run=True)[FACT].snapshots_expired == 2


def test_a_lake_without_tables_needs_nothing(platform: SmallPlatform) -> None:
    assert upkeep(platform).report.tables == []
