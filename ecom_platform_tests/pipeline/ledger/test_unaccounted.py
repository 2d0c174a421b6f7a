"""Rows unaccounted for: named with object, date and difference, and nothing is published."""

from __future__ import annotations

import datetime as dt
import shutil
from typing import TYPE_CHECKING

import pytest
from pyiceberg.expressions import AlwaysTrue

from ecom_platform.errors import PublishConflict
from ecom_platform.lake.audit import AuditFailed
from ecom_platform.lake.lake import Lake
from ecom_platform.landing.folder_store import FolderStore
from ecom_platform.pipeline.ledger import dates as module
from ecom_platform.pipeline.slice_build import Workplace
from ecom_platform.pipeline.staleness import stale_dates
from ecom_platform_tests.checks.conftest import settings_of
from ecom_platform_tests.checks.faults import first
from ecom_platform_tests.checks.tampering import published_instead
from ecom_platform_tests.ledger_in_small import LEDGER, account, fill, run_all
from ecom_platform_tests.platform_in_small import LONG_AFTER, Drop, SmallPlatform
from ecom_platform_tests.samples import DAY, at

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

NEXT_DAY = DAY + dt.timedelta(days=1)
A, B = "events/a.csv", "events/b.csv"


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory, spark: SparkSession) -> SmallPlatform:
    """A lake whose rows are all accounted for; whoever spoils something puts it back."""
    settings = settings_of(tmp_path_factory.mktemp("counted"))
    lake, store = Lake(settings), FolderStore(settings.landing_path)
    work = Workplace(lake, lambda: spark, "run-1")
    platform = SmallPlatform(lake, store, work, Drop(settings.landing_path))
    fill(platform)
    run_all(platform)
    return platform


def twice(rows):
    """Every row twice."""
    return [*rows, *rows]


def nothing(rows):
    return []


def without_the_first(rows):
    return rows[1:]


BAD = {
    # The first clean row has two duplicates, which repeat nothing that is published any more.
    "a clean row is lost": (
        "clean_events",
        lambda rows: [row for row in rows if row["source_row"] != 2],
        f"raw_rows_reconcile: {A} {DAY}: 6 raw rows against 1 clean + 0 duplicate + 3 rejected "
        "+ 0 pending + 2 lost: 2 lost in hour 1, the first is line 2",
    ),
    "a rejected row is lost": (
        "rejected_events",
        lambda rows: [row for row in rows if row["reason"] != "unknown_event_type"],
        f"{A} {DAY}: 6 raw rows against 2 clean + 1 duplicate + 2 rejected + 0 pending + 1 lost: "
        "1 lost in hour 2, the first is line 7",
    ),
    "clean rows stand twice": (
        "clean_events",
        twice,
        "2 lines of hour 1 stand 1 times in raw_events, 2 times in clean_events, 0 times in "
        "rejected_events; the first is line 2",
    ),
    "a clean row without a raw row": (
        "clean_events",
        first(source_row=99),
        "1 lines of hour 1 stand 0 times in raw_events, 1 times in clean_events, 0 times in "
        "rejected_events; the first is line 99",
    ),
    "an event of the fact is lost": (
        "fact_user_events",
        without_the_first,
        f"clean_rows_reconcile: {A} {DAY}: 2 clean rows: 1 events stand 1 times in clean_events "
        "and 0 times in fact_user_events, the first is event ",
    ),
    "an event of the fact is another one": (
        "fact_user_events",
        first(event_id=7),
        f"no object {DAY}: 0 clean rows: 1 events stand 0 times in clean_events and 1 times in "
        "fact_user_events, the first is event 7",
    ),
    "the whole fact is lost": (
        "fact_user_events",
        nothing,
        f"{B} {DAY}: 1 clean rows: 1 events stand 1 times in clean_events",
    ),
}


@pytest.mark.parametrize("fault", BAD)
def test_rows_that_are_unaccounted_for_are_named_and_the_last_good_ledger_stays(
    counted: SmallPlatform, fault: str
) -> None:
    platform = counted
    before = platform.state(LEDGER)
    table, change, message = BAD[fault]
    with published_instead(platform.lake, table, change, DAY):
        (slice_,) = stale_dates(platform.lake, LEDGER, [DAY], LONG_AFTER, rebuild=True).values()
        with pytest.raises(AuditFailed) as refused:
            module.rebuild_row_ledger(platform.work, slice_)
    assert f"row_ledger {DAY} is not published" in str(refused.value)
    assert message in str(refused.value)
    assert platform.state(LEDGER) == before
    failed = [f for f in refused.value.findings if not f.passed]
    assert all(f.blocking and any(f.numbers.values()) for f in failed)


FILES = {
    "raw rows are lost": ("raw_events", {"remove": 1}, "1 stand in raw_events and 2", 6),
    "raw rows stand twice": ("raw_events", {"add": 1}, "13 stand in raw_events and 2", -6),
    "malformed lines are lost": (
        "rejected_events",
        {"remove": 1},
        "7 stand in raw_events and 1",
        1,
    ),
}


@pytest.mark.parametrize("fault", FILES)
def test_lines_of_an_object_that_are_unaccounted_for_are_named(
    platform: SmallPlatform, fault: str
) -> None:
    of_day = [at(1, minute) for minute in range(6)]
    platform.drop("a.csv", *of_day, at(1, day=NEXT_DAY), {**at(3), "price": "dear"}, "x")
    run_all(platform)
    table, change, words, difference = FILES[fault]
    version = platform.lake.table(table)
    (file,) = version.files([DAY])
    version.commit(
        remove=[file] * change.get("remove", 0),
        add=[f"file://{shutil.copy(file.path, file.path + '.parquet')}"] * change.get("add", 0),
        replaces=AlwaysTrue(),
        properties={},
    )
    (slice_,) = stale_dates(platform.lake, LEDGER, [NEXT_DAY], LONG_AFTER, rebuild=True).values()
    with pytest.raises(AuditFailed) as refused:
        module.rebuild_row_ledger(platform.work, slice_)
    assert f"{A}: 9 lines were read, " in str(refused.value)
    assert f"{words} as malformed in rejected_events: {difference:+} lines differ" in str(
        refused.value
    )


def test_whoever_was_overtaken_while_counting_gives_way(
    platform: SmallPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.drop("a.csv", at(1))
    run_all(platform)
    count = module.count_fates

    def overtaken(build, unsettled):
        fates = count(build, unsettled)
        fates.faults[A].append("1 lost")
        platform.drop("late.csv", at(1, 30))
        platform.ingest()
        return fates

    before = platform.state(LEDGER)
    (slice_,) = stale_dates(platform.lake, LEDGER, [DAY], LONG_AFTER, rebuild=True).values()
    with monkeypatch.context() as patch:
        patch.setattr(module, "count_fates", overtaken)
        with pytest.raises(PublishConflict, match="another run published rows of the date"):
            module.rebuild_row_ledger(platform.work, slice_)
    assert platform.state(LEDGER) == before
    run_all(platform)
    assert account(platform) == {"line": 2, "raw": 2, "clean": 2, "fact": 2}
