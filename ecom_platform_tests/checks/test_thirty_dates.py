"""A range run of thirty dates of which the seventeenth violates a rule."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import dagster as dg
import pytest
from pyspark.sql import functions as F

from ecom_platform.definitions import build_defs
from ecom_platform.lake.lake import Lake
from ecom_platform.pipeline import clean as clean_module
from ecom_platform_tests.checks.check_pages import CheckPages, Shown
from ecom_platform_tests.checks.conftest import settings_of
from ecom_platform_tests.checks.tampering import rows_of
from ecom_platform_tests.platform_in_small import Drop
from ecom_platform_tests.samples import DAY, at

if TYPE_CHECKING:
    from ecom_platform.lake.publications import PublishedDate

pytestmark = pytest.mark.slow

JOB, CLEAN, FACT = "events_hourly_job", "clean_events", "fact_user_events"
UP_TO_CLEAN = ["raw_events", CLEAN, "rejected_events"]
DAYS = [DAY + dt.timedelta(days=n) for n in range(30)]
KEYS = [day.isoformat() for day in DAYS]
BAD = DAYS[16]
GOOD_KEYS = [key for key in KEYS if key != str(BAD)]
# The rule that the seventeenth violates: everything in it is free of charge.
BROKEN = "values_in_range"


@dataclass
class Story:
    """What was to be seen after each of the three runs."""

    failures: list[str] = field(default_factory=list)
    steps: set[str] = field(default_factory=set)
    materialized: dict[str, set[str]] = field(default_factory=dict)
    published: dict[str, dict[dt.date, PublishedDate]] = field(default_factory=dict)
    states: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    bad_date: dict[str, Shown] = field(default_factory=dict)
    first_run: str = ""
    second_run: str = ""
    third_run_succeeded: bool = False
    prices: set[str] = field(default_factory=set)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, spark: object) -> Story:
    """A good version of all dates; then news for all, of which one date's break a rule."""
    settings = settings_of(tmp_path_factory.mktemp("thirty"), minimum_rows=1)
    lake, drop, story = Lake(settings), Drop(settings.landing_path), Story()
    drop("first.csv", *(at(23, day=day) for day in DAYS))
    with pytest.MonkeyPatch.context() as patch, dg.DagsterInstance.ephemeral() as instance:
        pages = CheckPages(build_defs(settings), instance)
        first = pages.run(JOB, DAYS[0], DAYS[-1], only=UP_TO_CLEAN)
        assert first.success
        drop("second.csv", *(at(22, day=day) for day in DAYS))
        patch.setattr(clean_module, "clean_events", _for_nothing_on(BAD))
        second = pages.run(JOB, DAYS[0], DAYS[-1])
        story.first_run, story.second_run = first.run_id, second.run_id
        _take_down(story, second, lake, pages)
        # What `ecom run` does then, and what automation asks for: the fact of the good dates.
        third = pages.run(JOB, DAYS[0], DAYS[-1], only=[FACT])
        story.third_run_succeeded = third.success
        story.published[FACT] = lake.publications.published(FACT)
        story.states[FACT] = pages.states(FACT)
    return story


def _for_nothing_on(bad: dt.date):
    """The transform, with a fault: on one date everything is free of charge."""
    build = clean_module.clean_events

    price = F.when(F.col("event_date") == F.lit(bad), F.lit(0)).otherwise(F.col("price"))
    free = {"price": price.cast("decimal(12,2)")}

    def faulty(raw_events):
        return build(raw_events).withColumns(free)

    return faulty


def _take_down(story: Story, run: dg.ExecuteInProcessResult, lake: Lake, pages: CheckPages) -> None:
    assert not run.success
    events = [entry.dagster_event for entry in pages.instance.all_logs(run.run_id)]
    for event in filter(None, events):
        if event.is_step_failure:
            story.failures.append(event.step_failure_data.user_failure_data.description)
        if event.is_step_start:
            story.steps.add(event.step_key)
        if event.event_type_value == "ASSET_MATERIALIZATION":
            asset = event.asset_key.to_user_string()
            story.materialized.setdefault(asset, set()).add(event.partition)
    story.published[CLEAN] = lake.publications.published(CLEAN)
    story.states[CLEAN] = pages.states(CLEAN)
    story.bad_date = pages.of_date(CLEAN, BAD)
    story.prices = {str(row["price"]) for row in rows_of(lake, CLEAN, BAD)}


def test_twenty_nine_dates_are_published(story: Story) -> None:
    published = story.published[CLEAN]
    assert {str(day): state.row_count for day, state in published.items()} == {
        **dict.fromkeys(GOOD_KEYS, 2),
        str(BAD): 1,
    }
    assert story.materialized[CLEAN] == story.materialized["rejected_events"] == set(GOOD_KEYS)


def test_the_seventeenth_keeps_its_last_good_version(story: Story) -> None:
    by_run = {str(day): state.run_id for day, state in story.published[CLEAN].items()}
    assert by_run == {**dict.fromkeys(GOOD_KEYS, story.second_run), str(BAD): story.first_run}
    assert story.prices == {"130.76"}


def test_twenty_nine_dates_are_green_and_the_seventeenth_is_red(story: Story) -> None:
    assert story.states[CLEAN][BROKEN] == {
        **dict.fromkeys(GOOD_KEYS, "SUCCEEDED"),
        str(BAD): "FAILED",
    }
    for check, states in story.states[CLEAN].items():
        if check != BROKEN:
            assert states == dict.fromkeys(KEYS, "SUCCEEDED"), check


def test_the_seventeenth_tells_its_numbers(story: Story) -> None:
    shown = story.bad_date[BROKEN]
    assert shown.numbers["price_minimum"] == 2
    assert shown.message == "price_minimum: 2 rows"
    assert (shown.severity, shown.blocking) == ("ERROR", True)
    # Of what was refused, not of what is still published; and against the newest materialization.
    assert story.bad_date["row_count_reconciles"].numbers["clean_events"] == 2
    assert all(one.is_current for one in story.bad_date.values())


def test_the_run_fails_and_names_the_date(story: Story) -> None:
    (failure,) = story.failures
    assert failure.startswith(f"{CLEAN}: refused {BAD}; every other date of this run is published.")
    assert "values_in_range: price_minimum: 2 rows" in failure
    assert not [key for key in GOOD_KEYS if key in failure]
    assert FACT not in story.steps


def test_the_fact_of_the_other_dates_follows_in_a_run_of_its_own(story: Story) -> None:
    assert story.third_run_succeeded
    assert {str(day): state.row_count for day, state in story.published[FACT].items()} == {
        **dict.fromkeys(GOOD_KEYS, 2),
        str(BAD): 1,
    }
    for check, states in story.states[FACT].items():
        assert states == dict.fromkeys(KEYS, "SUCCEEDED"), check
