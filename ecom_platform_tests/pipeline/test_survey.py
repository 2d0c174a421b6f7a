"""The survey of a lake: numbers that agree with the tables, and not a file made by looking."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from ecom_platform.pipeline.overview import DateOverview, LakeOverview, TableOverview, totals
from ecom_platform.pipeline.survey import survey
from ecom_platform_tests.dimensions_in_small import rebuild_partials, run_all
from ecom_platform_tests.lake.published import content
from ecom_platform_tests.platform_in_small import LONG_AFTER
from ecom_platform_tests.samples import DAY, at

if TYPE_CHECKING:
    from pathlib import Path

    from ecom_platform_tests.platform_in_small import SmallPlatform

NEXT_DAY = DAY + dt.timedelta(days=1)
FREE = {"price": "0.00"}


def look(platform: SmallPlatform) -> LakeOverview:
    return survey(platform.lake, platform.store, LONG_AFTER)


def table(overview: LakeOverview, name: str) -> TableOverview:
    return next(table for table in overview.tables if table.name == name)


def files(platform: SmallPlatform) -> dict[str, str]:
    folder: Path = platform.lake.settings.lake_path
    return content(folder) if folder.exists() else {}


def test_a_lake_that_does_not_exist_is_empty_and_still_does_not_exist(
    platform: SmallPlatform,
) -> None:
    empty = look(platform)
    assert not any([empty.tables, empty.dates, empty.landing.pending, empty.landing.refused])
    assert not platform.lake.settings.lake_path.exists()


def test_what_lies_in_landing_of_a_new_lake_is_pending(platform: SmallPlatform) -> None:
    key = platform.drop("a.csv", {})
    platform.drop("notes.txt", {})
    before = files(platform)
    overview = look(platform)
    assert overview.tables == []
    assert [found.key for found in overview.landing.pending] == [key]
    assert overview.landing.ignored == ["events/notes.txt"]
    assert files(platform) == before


def test_every_table_has_the_numbers_of_what_is_published(platform: SmallPlatform) -> None:
    platform.drop("a.csv", at(1), at(1), at(2), FREE, "no,event", at(3, day=NEXT_DAY))
    platform.run()
    before = files(platform)
    overview = look(platform)
    for found in overview.tables:
        rows = platform.rows(found.name) if found.totals.files else []
        assert found.totals.rows == len(rows), found.name
    raw, clean = table(overview, "raw_events"), table(overview, "clean_events")
    fact, rejected = table(overview, "fact_user_events"), table(overview, "rejected_events")
    assert (raw.totals.rows, raw.rejected, raw.duplicates) == (5, 1, None)
    assert (clean.totals.rows, clean.rejected, clean.duplicates) == (3, 1, 1)
    assert (fact.totals.rows, fact.rejected, fact.duplicates) == (3, None, None)
    assert raw.dates == clean.dates == fact.dates == [DAY, NEXT_DAY]
    assert rejected.totals.rows == 2
    assert fact.last_run == "run-1"
    assert fact.published_at
    assert raw.stale == clean.stale == fact.stale == []
    assert files(platform) == before


def test_the_totals_of_a_table_are_those_of_its_files(platform: SmallPlatform) -> None:
    for minute in (1, 2):
        platform.drop("a.csv", at(1, minute), at(2), at(3, day=NEXT_DAY))
        platform.run()
    version = platform.lake.table("fact_user_events")
    present = version.files()
    found = totals(version)
    assert found.files == len(present)
    assert found.rows == sum(file.row_count for file in present) == 3
    assert found.size_bytes == sum(file.byte_count for file in present)


def test_a_date_is_told_from_raw_to_the_fact(platform: SmallPlatform) -> None:
    lost = {"event_type": "", **at(4)}
    platform.drop("a.csv", at(1), at(1), FREE, FREE | at(2), lost, at(3, day=NEXT_DAY))
    platform.run()
    first, second = look(platform).dates
    assert first == DateOverview(
        event_date=DAY,
        rows_in=5,
        duplicates=1,
        rejected={"price_not_positive": 2, "unknown_event_type": 1},
        rows_out=1,
        published_at=first.published_at,
        stale=[],
    )
    assert first.published_at
    assert (second.event_date, second.rows_in, second.rows_out) == (NEXT_DAY, 1, 1)


def test_what_was_ingested_but_not_built_is_stale(platform: SmallPlatform) -> None:
    platform.drop("a.csv", at(1))
    platform.run()
    platform.drop("b.csv", at(2, day=NEXT_DAY))
    platform.ingest()
    overview = look(platform)
    assert table(overview, "clean_events").stale == [NEXT_DAY]
    assert table(overview, "fact_user_events").stale == []
    assert [date.stale for date in overview.dates] == [[], ["clean_events"]]
    assert overview.dates[1].rows_in is None
    platform.rebuild("clean_events")
    overview = look(platform)
    assert table(overview, "clean_events").stale == []
    assert table(overview, "fact_user_events").stale == [NEXT_DAY]
    assert overview.dates[1].stale == ["fact_user_events"]
    assert (overview.dates[1].rows_in, overview.dates[1].rows_out) == (1, None)


def test_a_table_that_is_not_built_yet_is_stale_and_not_made(platform: SmallPlatform) -> None:
    platform.drop("a.csv", at(1))
    platform.ingest()
    before = files(platform)
    clean = table(look(platform), "clean_events")
    assert (clean.totals.rows, clean.stale) == (0, [DAY])
    assert "clean_events" not in platform.lake.existing_tables()
    assert files(platform) == before


def test_a_dimension_is_as_of_a_date_and_stale_while_its_partials_are(
    platform: SmallPlatform,
) -> None:
    platform.drop("a.csv", at(1), at(1, day=NEXT_DAY))
    run_all(platform)
    users = table(look(platform), "dim_users")
    assert (users.as_of, users.dates, users.stale) == (NEXT_DAY, (), [])
    assert (users.totals.rows, users.last_run) == (1, "run-1")
    platform.drop("late.csv", at(2))
    platform.run()
    before = files(platform)
    overview = look(platform)
    assert table(overview, "session_days").stale == [DAY]
    assert table(overview, "dim_users").stale == [NEXT_DAY]
    assert files(platform) == before
    rebuild_partials(platform)
    overview = look(platform)
    assert table(overview, "session_days").stale == []
    assert table(overview, "dim_users").stale == [NEXT_DAY]


def test_a_refused_object_is_told_with_its_reason_until_it_is_replaced(
    platform: SmallPlatform,
) -> None:
    key = platform.drop("a.csv", text="nothing,like,events\n1,2,3\n")
    platform.ingest()
    before = files(platform)
    landing = look(platform).landing
    assert [(one.source_object, one.reason) for one in landing.refused] == [(key, "no_header")]
    assert landing.pending == []
    assert files(platform) == before
    platform.drop("a.csv", at(1))
    landing = look(platform).landing
    assert landing.refused == []
    assert [found.key for found in landing.pending] == [key]
    platform.ingest()
    assert look(platform).landing.pending == []


def test_a_refused_object_that_was_removed_is_no_matter(platform: SmallPlatform) -> None:
    platform.drop("a.csv", text="nothing,like,events\n")
    platform.ingest()
    (platform.lake.settings.landing_path / "events" / "a.csv").unlink()
    assert look(platform).landing.refused == []
