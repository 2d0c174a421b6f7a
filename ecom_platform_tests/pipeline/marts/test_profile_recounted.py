"""Both profiles, statistic for statistic, against a recount of the same lines.

The recount is DuckDB's, from the text of the objects: its own counts, ranges and percentiles.
"""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecom_platform_tests.pipeline.marts.profile_recount import Statistics, recount
from ecom_platform_tests.pipeline.model.test_dimensions_recounted import dense_lines, objects_of
from ecom_platform_tests.profiles_in_small import rebuild_lake_profile, rebuild_profiles
from ecom_platform_tests.samples import DAY, csv_text

if TYPE_CHECKING:
    from ecom_platform_tests.platform_in_small import SmallPlatform


def statistics(rows: list[dict[str, Any]]) -> Statistics:
    """The rows of a profile by what they count."""
    found = {
        (row["column_name"], row["statistic"], row["rank"]): (
            row["item"],
            row["counted"],
            row["amount_usd"],
        )
        for row in rows
    }
    assert len(found) == len(rows)
    return found


def profile_of(platform: SmallPlatform, day: dt.date) -> Statistics:
    rows = platform.rows("eda_profile")
    return statistics([row for row in rows if row["event_date"] == day])


def assert_agrees(platform: SmallPlatform, days: list[dt.date]) -> None:
    objects = objects_of(platform)
    for day in days:
        expected = recount(objects, f"event_time::DATE = DATE '{day}'")
        assert profile_of(platform, day) == expected
    rows = platform.rows("eda_profile_lake")
    assert {row["as_of_date"] for row in rows} == {days[-1]}
    assert statistics(rows) == recount(objects)


def test_where_everything_collides(platform: SmallPlatform) -> None:
    days = [DAY + dt.timedelta(days=n) for n in range(3)]
    platform.drop("a.csv", text=csv_text(dense_lines(600, days=3)))
    platform.ingest()
    assert rebuild_profiles(platform) == {"value_days": days, "eda_profile": days}
    assert rebuild_lake_profile(platform)
    assert_agrees(platform, days)
    # The sample holds what it is for.
    profile = profile_of(platform, DAY)
    assert profile["row", "duplicate_count", 0][1] > 0
    assert profile["user_session", "null_count", 0][1] > 0
    assert profile["price", "histogram_count", 0][1] > 0
    # Different values of dates do not add up to those of the lake.
    lake = statistics(platform.rows("eda_profile_lake"))
    by_date = [profile_of(platform, day)["user_id", "distinct_count", 0][1] for day in days]
    assert lake["user_id", "distinct_count", 0][1] < sum(by_date)


def test_real_rows(platform: SmallPlatform, real_rows: Path) -> None:
    target = platform.lake.settings.landing_path / "events" / "2019-Oct.csv"
    target.parent.mkdir(parents=True)
    shutil.copy2(real_rows, target)
    platform.ingest()
    rebuild_profiles(platform)
    assert rebuild_lake_profile(platform)
    assert_agrees(platform, [dt.date(2019, 10, 1)])


def test_late_lines_change_the_profile_of_their_date_and_that_of_the_lake(
    platform: SmallPlatform,
) -> None:
    days = [DAY + dt.timedelta(days=n) for n in range(3)]
    lines = dense_lines(300, days=3)
    late = [line for line in lines if line.startswith(f"{days[1]}")][::9]
    platform.drop("on_time.csv", text=csv_text([line for line in lines if line not in late]))
    platform.ingest()
    rebuild_profiles(platform)
    rebuild_lake_profile(platform)
    before = [profile_of(platform, day) for day in days]
    platform.drop("late.csv", text=csv_text(late))
    platform.ingest()
    assert rebuild_profiles(platform) == {"value_days": [days[1]], "eda_profile": [days[1]]}
    assert rebuild_lake_profile(platform)
    assert_agrees(platform, days)
    after = [profile_of(platform, day) for day in days]
    assert [old == new for old, new in zip(before, after, strict=True)] == [True, False, True]
