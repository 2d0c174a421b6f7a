"""Running Dagster jobs from the command line: in this process, recorded where the UI looks.

Belongs here: the instance, one run, its failures. Not here: which runs a command needs.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import dagster as dg

from ecom_platform.assets.maintenance import LAKE_MAINTENANCE
from ecom_platform.cli.faults import explain
from ecom_platform.cli.terminal import ERR
from ecom_platform.definitions import build_defs
from ecom_platform.jobs import JOBS, LAKE_MAINTENANCE_DAILY_JOB
from ecom_platform.partitions import to_key
from ecom_platform.pipeline.progress import Reporter
from ecom_platform.schedules import RANGE_END_TAG, RANGE_START_TAG
from ecom_platform.settings import Settings, dagster_home

# The progress display says what these logs would; the UI keeps them all.
_QUIET: Mapping[str, Any] = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dataclass(frozen=True)
class RunResult:
    """How one run ended.

    Attributes:
        run_id: the run, as the UI knows it.
        failures: what went wrong, for a person; empty when all went well.
        metadata: what its last materialization told.
    """

    run_id: str
    failures: Sequence[str]
    metadata: Mapping[str, Any] = field(default_factory=dict)


class JobRunner:
    """Runs parts of the platform's jobs on behalf of a command."""

    def __init__(self, settings: Settings, reporter: Reporter) -> None:
        self._defs = build_defs(settings, reporter)
        self._lake_name = settings.lake_name
        self._instance = open_instance()

    def run(
        self,
        tables: Sequence[str],
        dates: tuple[dt.date, dt.date] | None = None,
        config: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> RunResult:
        """Materialize tables of one job, in this process.

        Args:
            tables: the assets to materialize; all of the same job.
            dates: the first and last date; None for tables without dates.
            config: how to materialize them, by table.
        """
        partition, tags = None, None
        if dates and dates[0] == dates[1]:
            partition = to_key(dates[0])
        elif dates:
            tags = {RANGE_START_TAG: to_key(dates[0]), RANGE_END_TAG: to_key(dates[1])}
        result = self._job_of(tables).execute_in_process(
            run_config={**_QUIET, "ops": {n: {"config": c} for n, c in (config or {}).items()}},
            instance=self._instance,
            partition_key=partition,
            tags=tags,
            asset_selection=[dg.AssetKey(table) for table in tables],
            raise_on_error=False,
        )
        return RunResult(result.run_id, self._failures(result))

    def maintain(self, *, dry_run: bool) -> RunResult:
        """Maintain the lake, in this process.

        Args:
            dry_run: only tell what would be done.
        """
        config = {"ops": {LAKE_MAINTENANCE: {"config": {"dry_run": dry_run}}}}
        result = self._defs.resolve_job_def(LAKE_MAINTENANCE_DAILY_JOB.name).execute_in_process(
            run_config={**_QUIET, **config}, instance=self._instance, raise_on_error=False
        )
        told = [
            event.step_materialization_data.materialization.metadata
            for event in result.all_events
            if event.event_type == dg.DagsterEventType.ASSET_MATERIALIZATION
        ]
        return RunResult(result.run_id, self._failures(result), told[-1] if told else {})

    def _failures(self, result: dg.ExecuteInProcessResult) -> list[str]:
        if result.success:
            return []
        return [explain(failure, self._lake_name) for failure in _failures(result)]

    def _job_of(self, tables: Sequence[str]) -> dg.JobDefinition:
        wanted = {dg.AssetKey(table) for table in tables}
        jobs = (self._defs.resolve_job_def(job.name) for job in JOBS)
        return next(job for job in jobs if wanted.issubset(job.asset_layer.executable_asset_keys))


def open_instance() -> dg.DagsterInstance:
    """The instance that the UI of this folder shows; a passing one where there is none."""
    home = dagster_home()
    if home is None:
        ERR.print(
            "[yellow]No dagster.yaml here and DAGSTER_HOME is not set:[/] these runs will not "
            "show in the UI. Run ecom from the repository's root to keep them."
        )
        return dg.DagsterInstance.ephemeral()
    return dg.DagsterInstance.from_config(str(home))


def _failures(result: dg.ExecuteInProcessResult) -> list[str]:
    messages = []
    for event in result.all_events:
        if event.is_step_failure:
            failure = event.step_failure_data
            by_user = failure.user_failure_data
            if by_user and by_user.description:
                messages.append(by_user.description)
            elif failure.error:
                cause = failure.error.cause or failure.error
                messages.append(cause.message.strip())
    return messages or ["the run failed before its first step; see its log in the UI"]
