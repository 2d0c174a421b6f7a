"""The incident of April 2020: purchases lost on two dates, in a volume that looks normal."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from ecom_platform.checks.clean import evaluate_clean_events
from ecom_platform.checks.model.fact import evaluate_fact_user_events
from ecom_platform.generator import FaultPlan, GeneratorConfig, generate
from ecom_platform.generator.demo import demo_plan
from ecom_platform.lake.lake import Lake
from ecom_platform.landing.folder_store import FolderStore
from ecom_platform.pipeline.slice_build import Workplace
from ecom_platform.pipeline.stored import StoredTables
from ecom_platform_tests.checks.conftest import settings_of
from ecom_platform_tests.platform_in_small import Drop, SmallPlatform

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from ecom_platform.lake.audit import Finding

DAYS = [dt.date(2020, 4, day) for day in range(13, 24)]
LOST = [dt.date(2020, 4, 20), dt.date(2020, 4, 21)]
ROWS_A_DAY = 4_000


@pytest.fixture(scope="module")
def verdicts(
    tmp_path_factory: pytest.TempPathFactory, spark: SparkSession
) -> dict[dt.date, dict[str, Finding]]:
    """The verdicts on each date of the fact, of eleven dates around the demo's incident."""
    assert [one.event_date for one in demo_plan().faults.lost] == LOST
    faults = FaultPlan(lost=demo_plan().faults.lost)
    settings = settings_of(tmp_path_factory.mktemp("incident"), minimum_rows=ROWS_A_DAY // 2)
    config = GeneratorConfig(
        DAYS[0], DAYS[-1], rows=ROWS_A_DAY * len(DAYS), compression="none", faults=faults
    )
    generate(config, settings.landing_path / "events")
    lake = Lake(settings)
    work = Workplace(lake, lambda: spark, "run-1")
    store = FolderStore(settings.landing_path)
    SmallPlatform(lake, store, work, Drop(settings.landing_path)).run()
    stored = StoredTables(work, DAYS)
    found = {}
    for day in DAYS:
        both = [*evaluate_clean_events(stored, day), *evaluate_fact_user_events(stored, day)]
        found[day] = {finding.check: finding for finding in both}
    return found


def test_both_dates_and_no_other_lost_an_event_type(
    verdicts: dict[dt.date, dict[str, Finding]],
) -> None:
    lost = [day for day, found in verdicts.items() if not found["no_event_type_is_lost"].passed]
    assert lost == LOST
    for day in LOST:
        finding = verdicts[day]["no_event_type_is_lost"]
        assert "purchase events where about" in finding.message
        assert "cart" not in finding.message
        usual = verdicts[DAYS[0]]["no_event_type_is_lost"].numbers
        assert usual["judged"] == 0  # the first date has no history
        assert finding.numbers["event_type_purchase"] < 5
        assert finding.numbers["days_of_history"] == 7
        assert not finding.blocking


def test_every_check_of_volume_and_of_rows_passes_on_them(
    verdicts: dict[dt.date, dict[str, Finding]],
) -> None:
    # Whole categories without code or brand are as usual here as in the real data.
    usual = {name for name, finding in verdicts[DAYS[0]].items() if not finding.passed}
    assert usual <= {"unknown_share_by_category"}
    for day in LOST:
        failing = {name for name, finding in verdicts[day].items() if not finding.passed}
        assert failing == usual | {"no_event_type_is_lost"}
        rows = verdicts[day]["minimum_rows"].numbers["row_count"]
        assert rows > 0.8 * ROWS_A_DAY


def test_dates_without_the_fault_have_the_purchases_that_are_usual(
    verdicts: dict[dt.date, dict[str, Finding]],
) -> None:
    counts = [
        found["no_event_type_is_lost"].numbers["event_type_purchase"]
        for day, found in verdicts.items()
        if day not in LOST and found["no_event_type_is_lost"].numbers["judged"]
    ]
    assert len(counts) == len(DAYS) - len(LOST) - 3
    assert min(counts) > 20
