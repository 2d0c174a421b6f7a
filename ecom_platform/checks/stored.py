"""Judging stored dates by their contracts, and the Dagster checks that show it.

Belongs here: what is alike for the checks of all tables. Not here: what only one table promises.
"""

import datetime as dt
from collections.abc import Iterator, Sequence

import dagster as dg
import pyarrow.parquet as pq

from ecom_platform.assets.check_reports import (
    Evaluate,
    latest_materialization,
    log_findings,
    overall_results,
)
from ecom_platform.checks.descriptions import DESCRIPTIONS
from ecom_platform.contracts import TABLES
from ecom_platform.contracts.table import TableContract
from ecom_platform.engines.resource import SparkResource
from ecom_platform.lake.audit import (
    REPEATED_KEYS,
    Finding,
    judge_rows,
    judge_schema,
    measure,
    total,
)
from ecom_platform.lake.lake import Lake
from ecom_platform.partitions import to_date
from ecom_platform.pipeline.slice_build import Workplace
from ecom_platform.pipeline.stored import StoredTables


def contract_checks(contract: TableContract) -> list[str]:
    """The names of the checks that follow from a contract."""
    return [
        "schema_conforms",
        *dict.fromkeys(r.check for r in contract.rules),
        "primary_key_is_unique",
    ]


def judge_stored(
    stored: StoredTables, table_name: str, event_date: dt.date, remeasure: bool
) -> list[Finding]:
    """Judge a stored date by its contract.

    Args:
        stored: what the lake holds.
        table_name: the table.
        event_date: the date.
        remeasure: count anew; otherwise what the audit counted when it let the date's slices
            be published is used, if it counted all that the contract asks today.
    """
    contract = TABLES[table_name]
    files = stored.files(table_name, event_date)
    schema = judge_schema([pq.read_schema(file.path) for file in files], contract)
    if not schema.passed:
        return [schema]
    state = stored.published(table_name).get(event_date)
    numbers = dict(state.measures) if state else {}
    needed = {REPEATED_KEYS, *(rule.name for rule in contract.rules)}
    if files and (remeasure or not needed <= numbers.keys()):
        numbers = total(measure(stored.rows(table_name, event_date), contract))
    return [schema, *judge_rows(numbers if files else {}, contract)]


def build_checks(
    table_name: str,
    blocking: Sequence[str],
    warnings: Sequence[str],
    partitions: dg.PartitionsDefinition[str],
    evaluate: Evaluate,
    additional_deps: Sequence[str] = (),
) -> dg.AssetChecksDefinition:
    """Make the asset checks of one table: one step, every date judged on its own.

    Args:
        table_name: the table.
        blocking: checks whose failure stops what follows in the run.
        warnings: checks that ask a person to look.
        partitions: the table's partitions.
        evaluate: judges one stored date.
        additional_deps: tables whose rows the checks also count.
    """
    specs = [
        dg.AssetCheckSpec(
            name,
            asset=table_name,
            description=DESCRIPTIONS[name],
            blocking=name in blocking,
            partitions_def=partitions,
            additional_deps=list(additional_deps),
        )
        for name in [*blocking, *warnings]
    ]

    @dg.multi_asset_check(name=f"{table_name}_checks", specs=specs)
    def checks(
        context: dg.AssetCheckExecutionContext,
        lake: dg.ResourceParam[Lake],
        spark: SparkResource,
    ) -> Iterator[dg.AssetCheckResult]:
        op_context = context.op_execution_context
        work = Workplace(lake, lambda: spark.session, op_context.run_id)
        by_key = _judge_partitions(op_context, work, table_name, evaluate)
        yield from overall_results(table_name, [*blocking, *warnings], by_key)

    return checks


def _judge_partitions(
    context: dg.OpExecutionContext, work: Workplace, table_name: str, evaluate: Evaluate
) -> dict[str, list[Finding]]:
    """Judge the dates of a run; in a range run also store the result of each."""
    keys = context.partition_keys
    stored = StoredTables(work, [to_date(key) for key in keys])
    by_key: dict[str, list[Finding]] = {}
    for key in keys:
        # Dates before the first or after the last event are no gap: their checks show as
        # skipped. A single date that someone asked for is judged whatever it holds.
        if len(keys) == 1 or stored.is_expected(table_name, to_date(key)):
            latest = latest_materialization(context.instance, table_name, key)
            just_published = latest is not None and latest.run_id == context.run_id
            by_key[key] = evaluate(stored, to_date(key), not just_published)
    if len(keys) > 1:
        for key, findings in by_key.items():
            log_findings(context, table_name, key, findings)
    return by_key
