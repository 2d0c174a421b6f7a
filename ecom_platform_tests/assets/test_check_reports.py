"""Results of checks, date by date: the helper is held to the installed version of Dagster.

What Dagster does without the helper is here too: when it does better, the helper can shrink.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions.asset_checks.asset_check_evaluation import AssetCheckEvaluation

from ecom_platform.assets.check_reports import (
    latest_materialization,
    log_dates,
    overall_results,
)
from ecom_platform.lake.audit import Finding
from ecom_platform_tests.checks.check_pages import CheckPages
from ecom_platform_tests.samples import DAY

TABLE, CHECK = "table", "no_zeros"
DAYS = [DAY + dt.timedelta(days=n) for n in range(3)]
KEYS = [day.isoformat() for day in DAYS]
GREEN = dict.fromkeys(KEYS, "SUCCEEDED")

Report = Callable[[dg.OpExecutionContext, Mapping[str, list[Finding]]], None]


def finding(key: str, bad: set[str], check: str = CHECK) -> Finding:
    failed = key in bad
    return Finding(check, not failed, {"zeros": int(failed)}, "1 zero" * failed)


@dataclass
class Small:
    """A table with one check, and an instance; `bad` are the dates on which the check fails."""

    instance: dg.DagsterInstance
    bad: set[str]
    report: Report
    pages: CheckPages | None = None

    def __post_init__(self) -> None:
        partitions = dg.DailyPartitionsDefinition(KEYS[0], timezone="UTC")

        @dg.asset(name=TABLE, partitions_def=partitions, backfill_policy=_SINGLE_RUN)
        def table(context: dg.AssetExecutionContext) -> None:
            """Nothing."""

        spec = dg.AssetCheckSpec(CHECK, asset=TABLE, partitions_def=partitions, blocking=True)

        @dg.multi_asset_check(name="checks", specs=[spec])
        def checks(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
            keys = context.op_execution_context.partition_keys
            found = {key: [finding(key, self.bad)] for key in keys}
            self.report(context.op_execution_context, found)
            yield from overall_results(TABLE, [CHECK], found)

        job = dg.define_asset_job("job", selection=[TABLE])
        defs = dg.Definitions(
            assets=[table], asset_checks=[checks], jobs=[job], executor=dg.in_process_executor
        )
        self.pages = CheckPages(defs, self.instance)

    def run(self, first: dt.date = DAYS[0], last: dt.date | None = DAYS[-1]) -> bool:
        return self.pages.run("job", first, last).success

    @property
    def states(self) -> dict[str, str]:
        return self.pages.states(TABLE)[CHECK]


_SINGLE_RUN = dg.BackfillPolicy.single_run()


def by_the_helper(context: dg.OpExecutionContext, found: Mapping[str, list[Finding]]) -> None:
    log_dates(context, TABLE, found)


def without_target(context: dg.OpExecutionContext, found: Mapping[str, list[Finding]]) -> None:
    for key, (one,) in found.items():
        context.log_event(
            AssetCheckEvaluation(
                asset_key=dg.AssetKey(TABLE),
                check_name=one.check,
                passed=one.passed,
                metadata=dict(one.numbers),
                partition=key,
            )
        )


def not_at_all(context: dg.OpExecutionContext, found: Mapping[str, list[Finding]]) -> None:
    """Trust in what the check yields."""


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


@pytest.fixture(params=["in memory", "in files of SQLite"])
def any_instance(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    local, ephemeral = dg.DagsterInstance.local_temp, dg.DagsterInstance.ephemeral
    with ephemeral() if request.param == "in memory" else local(str(tmp_path)) as instance:
        yield instance


# --- With the helper


def test_in_a_range_run_every_date_has_its_own_result(any_instance: dg.DagsterInstance) -> None:
    instance = any_instance
    small = Small(instance, {KEYS[1]}, by_the_helper)
    assert not small.run()  # the overall result is what fails the run
    assert small.states == GREEN | {KEYS[1]: "FAILED"}
    for day, key in zip(DAYS, KEYS, strict=True):
        shown = small.pages.shown(TABLE, CHECK, day)
        assert shown.numbers == {"zeros": int(key == KEYS[1])}
        assert shown.is_current
        assert shown.blocking
    assert small.pages.shown(TABLE, CHECK, DAYS[1]).message == "1 zero"


def test_a_result_takes_the_place_of_the_one_that_was_planned(
    any_instance: dg.DagsterInstance,
) -> None:
    instance = any_instance
    small = Small(instance, set(), by_the_helper)
    assert small.run()
    key = dg.AssetCheckKey(dg.AssetKey(TABLE), CHECK)
    history = instance.event_log_storage.get_asset_check_execution_history(key, limit=100)
    by_partition = [record.partition for record in history if record.partition]
    assert sorted(by_partition) == KEYS


def test_a_new_materialization_makes_old_results_old(instance: dg.DagsterInstance) -> None:
    small = Small(instance, {KEYS[1]}, by_the_helper)
    small.run()
    instance.report_runless_asset_event(dg.AssetMaterialization(TABLE, partition=KEYS[1]))
    assert small.states == {KEYS[0]: "SUCCEEDED", KEYS[2]: "SUCCEEDED"}
    assert not small.pages.shown(TABLE, CHECK, DAYS[1]).is_current
    small.bad.clear()
    assert small.pages.run_checks([TABLE], DAYS[0], DAYS[-1]).success
    assert small.states == GREEN
    assert small.pages.shown(TABLE, CHECK, DAYS[1]).is_current


def test_checks_executed_alone_are_tied_to_the_newest_materialization(
    instance: dg.DagsterInstance,
) -> None:
    small = Small(instance, set(), by_the_helper)
    small.run()
    small.run()
    small.bad.add(KEYS[0])
    assert not small.pages.run_checks([TABLE], DAYS[0], DAYS[1]).success
    assert small.states == GREEN | {KEYS[0]: "FAILED"}


def test_dates_that_were_never_materialized_can_have_a_result(
    instance: dg.DagsterInstance,
) -> None:
    small = Small(instance, {KEYS[0]}, by_the_helper)
    small.pages.run_checks([TABLE], DAYS[0], DAYS[1])
    assert small.states == {KEYS[0]: "FAILED", KEYS[1]: "SUCCEEDED"}


def test_in_a_run_of_one_date_dagster_stores_the_result_itself(
    instance: dg.DagsterInstance,
) -> None:
    small = Small(instance, {KEYS[1]}, not_at_all)
    small.run(DAYS[1], None)
    shown = small.pages.shown(TABLE, CHECK, DAYS[1])
    assert (shown.state, shown.is_current) == ("FAILED", True)
    assert shown.numbers == {"zeros": 1}
    assert small.states == {KEYS[1]: "FAILED"}


# --- Why the helper exists


def test_without_its_materialization_a_result_is_not_current(instance: dg.DagsterInstance) -> None:
    small = Small(instance, {KEYS[1]}, without_target)
    small.run()
    assert small.states == {}
    shown = small.pages.shown(TABLE, CHECK, DAYS[1])
    assert (shown.state, shown.is_current) == ("FAILED", False)  # stored, and ignored


@pytest.mark.parametrize(("bad", "state"), [((), "SKIPPED"), ((KEYS[1],), "EXECUTION_FAILED")])
def test_what_a_check_yields_in_a_range_run_reaches_no_date(
    instance: dg.DagsterInstance, bad: tuple[str, ...], state: str
) -> None:
    small = Small(instance, set(bad), not_at_all)
    small.run()
    assert small.states == dict.fromkeys(KEYS, state)


# --- The newest materialization


def test_the_newest_materialization_is_that_of_the_date(instance: dg.DagsterInstance) -> None:
    def report(key: str, count: int) -> None:
        event = dg.AssetMaterialization(TABLE, partition=key, metadata={"count": count})
        instance.report_runless_asset_event(event)

    report(KEYS[0], 1)
    report(KEYS[0], 2)
    report(KEYS[1], 3)
    newest = latest_materialization(instance, TABLE, KEYS[0])
    assert newest
    assert newest.asset_materialization.metadata["count"].value == 2
    assert latest_materialization(instance, TABLE, KEYS[2]) is None
    assert latest_materialization(instance, "another", KEYS[0]) is None
