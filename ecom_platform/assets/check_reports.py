"""Reporting findings to Dagster as asset checks, date by date, also in range runs.

Belongs here: the one place that knows how Dagster stores check results of partitions. Not here:
any check.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import dagster as dg

# Not exported at top level in 1.13. Without it an evaluation does not count for the partition's
# present state; a test holds this helper to the installed version.
from dagster._core.definitions.asset_checks.asset_check_evaluation import (
    AssetCheckEvaluation,
    AssetCheckEvaluationTargetMaterializationData,
)
from dagster._core.event_api import PartitionKeyFilter
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus

from ecom_platform.assets.event_transactions import one_transaction
from ecom_platform.lake.audit import Finding
from ecom_platform.pipeline.stored import Verdict

if TYPE_CHECKING:
    from ecom_platform.pipeline.stored import StoredTables

# Judges one date of one table as it is stored. A check that cannot be judged has no finding.
Evaluate = Callable[["StoredTables", dt.date], list[Finding]]

# The results of so many dates are stored together: it takes a second at most, in which nobody else
# can write to a database of SQLite.
_DATES_OF_A_TRANSACTION = 30


def log_dates(
    context: dg.OpExecutionContext, table_name: str, by_key: Mapping[str, Iterable[Finding]]
) -> None:
    """Store findings of many partitions as their check results, as `log_findings` does."""
    keys = list(by_key)
    for first in range(0, len(keys), _DATES_OF_A_TRANSACTION):
        with one_transaction(context.instance):
            for key in keys[first : first + _DATES_OF_A_TRANSACTION]:
                log_findings(context, table_name, key, by_key[key])


def log_findings(
    context: dg.OpExecutionContext, table_name: str, key: str | None, findings: Iterable[Finding]
) -> None:
    """Store findings as check results of one partition, or of a table without partitions.

    In a range run Dagster stores what a check yields without a partition, and the partitions
    would show as skipped; so each partition's result is logged here. The table need not be one
    that the step builds, nor one of the run.
    """
    latest = latest_materialization(context.instance, table_name, key)
    target = latest and AssetCheckEvaluationTargetMaterializationData(
        storage_id=latest.storage_id, run_id=latest.run_id, timestamp=latest.timestamp
    )
    for finding in findings:
        evaluation = AssetCheckEvaluation(
            asset_key=dg.AssetKey(table_name),
            check_name=finding.check,
            passed=finding.passed,
            metadata=finding_metadata(finding),
            severity=severity(finding),
            blocking=finding.blocking,
            partition=key,
            description=finding.message or None,
            target_materialization_data=target,
        )
        context.log_event(evaluation)  # type: ignore[arg-type]  # accepted, not declared


def overall_results(
    table_name: str, checks: Sequence[str], by_key: Mapping[str, Sequence[Finding]]
) -> list[dg.AssetCheckResult]:
    """The results of a whole run: they decide whether what follows in the run is blocked.

    With one partition each result carries that partition's numbers; with several, the number of
    partitions that failed and which. A check that was judged nowhere has no result.
    """
    results = []
    for check in checks:
        judged = [(k, f) for k, findings in by_key.items() for f in findings if f.check == check]
        if not judged:
            continue
        failed = [(key, finding) for key, finding in judged if not finding.passed]
        # One error among warnings blocks.
        shown = max((finding for _, finding in failed or judged), key=lambda f: f.blocking)
        described = "; ".join(f"{key}: {finding.message}" for key, finding in failed[:10])
        results.append(
            dg.AssetCheckResult(
                asset_key=table_name,
                check_name=check,
                passed=not failed,
                severity=severity(shown),
                description=(shown.message if len(judged) == 1 else described) or None,
                metadata=finding_metadata(shown)
                if len(judged) == 1
                else {"partitions": len(judged), "partitions_failed": len(failed)},
            )
        )
    return results


def latest_materialization(
    instance: dg.DagsterInstance, table_name: str, key: str | None
) -> dg.EventLogRecord | None:
    """The newest materialization of a partition, or of a table without partitions, or None."""
    wanted = dg.AssetRecordsFilter(
        asset_key=dg.AssetKey(table_name), asset_partitions=[key] if key else None
    )
    records = instance.fetch_materializations(wanted, limit=1).records
    return records[0] if records else None


def last_verdict(
    context: dg.OpExecutionContext, table_name: str, key: str, checks: Iterable[str]
) -> Verdict | None:
    """How some checks of a partition ended before this run.

    Returns:
        None when one of them was never announced before. One that was announced and has no
        result, because its run did not get to it, has not passed.
    """
    storage, partition = context.instance.event_log_storage, PartitionKeyFilter(key=key)
    passed, moments = True, []
    for check in checks:
        check_key = dg.AssetCheckKey(dg.AssetKey(table_name), check)
        records = storage.get_asset_check_execution_history(
            check_key, limit=2, partition_filter=partition
        )
        before = [record for record in records if record.run_id != context.run_id]
        if not before:
            return None
        passed = passed and before[0].status == AssetCheckExecutionRecordStatus.SUCCEEDED
        moments.append(before[0].event.timestamp if before[0].event else 0.0)
    return Verdict(passed, dt.datetime.fromtimestamp(min(moments), tz=dt.UTC))


def is_of_run(context: dg.AssetExecutionContext, table_name: str) -> bool:
    """Whether a run was asked to build a table."""
    return dg.AssetKey(table_name) in context.job_def.asset_layer.selected_asset_keys


def severity(finding: Finding) -> dg.AssetCheckSeverity:
    """Blocking checks are errors; the others ask a person to look."""
    return dg.AssetCheckSeverity.ERROR if finding.blocking else dg.AssetCheckSeverity.WARN


def finding_metadata(finding: Finding) -> dict[str, Any]:
    """A finding's numbers, as metadata that plots."""
    return dict(finding.numbers)
