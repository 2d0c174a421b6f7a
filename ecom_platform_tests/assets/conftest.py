"""Runs of the platform through Dagster, in this process, on an instance that is forgotten."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import dagster as dg
import pytest

from ecom_platform.definitions import build_defs

if TYPE_CHECKING:
    from dagster._core.definitions.asset_checks.asset_check_evaluation import AssetCheckEvaluation

    from ecom_platform.settings import Settings

Metadata = dict[str, Any]


@dataclass
class Run:
    """One finished run and what it told Dagster."""

    result: dg.ExecuteInProcessResult
    instance: dg.DagsterInstance

    @property
    def success(self) -> bool:
        return self.result.success

    @property
    def events(self) -> list[dg.DagsterEvent]:
        """What the event log holds; a failed step's result does not have all of it."""
        log = self.instance.all_logs(self.result.run_id)
        return [entry.dagster_event for entry in log if entry.dagster_event]

    @property
    def materialized(self) -> dict[tuple[str, str], Metadata]:
        """The metadata of every materialization, by asset and partition."""
        told: dict[tuple[str, str], Metadata] = {}
        for event in self.events:
            if event.event_type_value == "ASSET_MATERIALIZATION":
                materialization = event.step_materialization_data.materialization
                key = (materialization.asset_key.to_user_string(), materialization.partition)
                assert key not in told, f"{key} was materialized twice"
                told[key] = {n: value.value for n, value in materialization.metadata.items()}
        return told

    @property
    def failures(self) -> dict[str, str]:
        """Why steps failed, by step."""
        return {
            event.step_key: event.step_failure_data.user_failure_data.description
            for event in self.events
            if event.is_step_failure and event.step_failure_data.user_failure_data
        }

    @property
    def evaluations(self) -> list[AssetCheckEvaluation]:
        """The result of every check."""
        return [
            event.asset_check_evaluation_data
            for event in self.events
            if event.event_type_value == "ASSET_CHECK_EVALUATION"
        ]

    def checks(self, asset: str, partition: str | None) -> dict[str, bool]:
        """The verdicts of an asset's checks on one partition."""
        return {
            evaluation.check_name: evaluation.passed
            for evaluation in self.evaluations
            if evaluation.asset_key == dg.AssetKey(asset) and evaluation.partition == partition
        }

    def severities(self, asset: str, check: str) -> dict[str | None, dg.AssetCheckSeverity]:
        """How a check ended where it failed, by partition."""
        return {
            evaluation.partition: evaluation.severity
            for evaluation in self.evaluations
            if (evaluation.asset_key, evaluation.check_name) == (dg.AssetKey(asset), check)
            and not evaluation.passed
        }


@dataclass
class Orchestrated:
    """The definitions of a lake with an instance of Dagster that keeps what runs tell it."""

    defs: dg.Definitions
    instance: dg.DagsterInstance

    def run(
        self,
        first: dt.date,
        last: dt.date | None = None,
        *,
        config: Mapping[str, Any] | None = None,
        only: list[str] | None = None,
        job: str = "events_hourly_job",
    ) -> Run:
        """Run a job for one date or a range of dates.

        Args:
            first: the date, or the first one.
            last: the last date of a range run.
            config: by asset.
            only: a selection of its assets.
            job: the hourly job, or another by its name.
        """
        resolved = self.defs.resolve_job_def(job)
        ops = {name: {"config": values} for name, values in (config or {}).items()}
        tags = {
            "dagster/asset_partition_range_start": first.isoformat(),
            "dagster/asset_partition_range_end": (last or first).isoformat(),
        }
        result = resolved.execute_in_process(
            run_config={"ops": ops},
            partition_key=first.isoformat() if last is None else None,
            tags=tags if last is not None else None,
            asset_selection=[dg.AssetKey(name) for name in only] if only else None,
            instance=self.instance,
            raise_on_error=False,
        )
        return Run(result, self.instance)


@pytest.fixture
def dagster(settings: Settings) -> Iterator[Orchestrated]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield Orchestrated(build_defs(settings), instance)
