"""The asset of the maintenance: its numbers, and faults that do not hide what was done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dagster as dg

from ecom_platform.assets import maintenance as asset_module
from ecom_platform_tests.upkeep_in_small import FACT, everything, hourly, litter

if TYPE_CHECKING:
    import pytest

    from ecom_platform_tests.assets.conftest import Orchestrated
    from ecom_platform_tests.platform_in_small import SmallPlatform

JOB, ASSET = "lake_maintenance_daily_job", "lake_maintenance"


def execute(dagster: Orchestrated, *, dry_run: bool = False) -> tuple[bool, dict, list[str]]:
    """Run the job: whether it succeeded, the numbers it told, and why it failed."""
    result = dagster.defs.resolve_job_def(JOB).execute_in_process(
        run_config={"ops": {ASSET: {"config": {"dry_run": dry_run}}}},
        instance=dagster.instance,
        raise_on_error=False,
    )
    latest = dagster.instance.get_latest_materialization_event(dg.AssetKey(ASSET))
    told = latest.asset_materialization.metadata if latest else {}
    reasons = [
        event.step_failure_data.user_failure_data.description
        for event in result.all_events
        if event.is_step_failure
    ]
    return result.success, {name: value.value for name, value in told.items()}, reasons


def test_maintenance_tells_its_numbers_of_the_lake_and_of_every_table(
    platform: SmallPlatform, dagster: Orchestrated
) -> None:
    hourly(platform)
    litter(platform.lake, FACT, "data/0123/old.parquet", hours=25)
    before = everything(platform.lake)
    success, told, _ = execute(dagster)
    assert success
    assert told["dates_compacted"] == 3
    assert told["files_before"] > told["files_after"]
    assert (told["files_removed"], told["bytes_freed"]) == (1, 6)
    assert told["seconds"] > 0
    by_table = {record.data["table"]: record.data for record in told["tables"].records}
    assert by_table.keys() == platform.lake.existing_tables().keys()
    assert (by_table[FACT]["files_before"], by_table[FACT]["files_after"]) == (4, 1)
    assert everything(platform.lake) == before


def test_a_dry_run_changes_nothing(platform: SmallPlatform, dagster: Orchestrated) -> None:
    hourly(platform)
    paths = platform.paths(FACT)
    success, told, _ = execute(dagster, dry_run=True)
    assert success
    assert (told["dry_run"], told["dates_compacted"]) == (True, 3)
    assert platform.paths(FACT) == paths


def test_a_fault_fails_the_run_and_what_was_done_is_shown(
    platform: SmallPlatform, dagster: Orchestrated, monkeypatch: pytest.MonkeyPatch
) -> None:
    hourly(platform)
    faithful = asset_module.maintain

    def with_a_fault(*arguments, **options):
        report = faithful(*arguments, **options)
        report.faults.append("clean_events: rows differ")
        return report

    monkeypatch.setattr(asset_module, "maintain", with_a_fault)
    success, told, reasons = execute(dagster)
    assert not success
    assert reasons == ["clean_events: rows differ"]
    assert told["dates_compacted"] == 3
