"""Judging stored dates by their contracts, and the Dagster checks that show it.

Belongs here: what is alike for the checks of all tables. Not here: what only one table promises.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def contract_checks(contract: TableContract) -> list[str]:
    """The names of the checks that follow from a contract."""
    return [
        "schema_conforms",
        *dict.fromkeys(r.check for r in contract.rules),
        "primary_key_is_unique",
    ]


def judge_stored(
    work: Workplace, table_name: str, event_date: dt.date, remeasure: bool
) -> list[Finding]:
    """Judge a stored date by its contract.

    Args:
        work: lake and engine.
        table_name: the table.
        event_date: the date.
        remeasure: count anew; otherwise what the audit counted when it let the date's slices
            be published is used, if it counted all that the contract asks today.
    """
    version = work.lake.table(table_name)
    files = version.files([event_date])
    schema = judge_schema([pq.read_schema(file.path) for file in files], version.contract)
    if not schema.passed:
        return [schema]
    state = work.lake.publications.published(table_name, [event_date]).get(event_date)
    numbers = dict(state.measures) if state else {}
    needed = {REPEATED_KEYS, *(rule.name for rule in version.contract.rules)}
    if files and (remeasure or not needed <= numbers.keys()):
        numbers = total(measure(read_stored(work, table_name, event_date), version.contract))
    return [schema, *judge_rows(numbers if files else {}, version.contract)]


def read_stored(work: Workplace, table_name: str, event_date: dt.date) -> "DataFrame":
    """The published rows of a date; without files, no rows."""
    paths = [file.path for file in work.lake.table(table_name).files([event_date])]
    if not paths:
        return work.spark.createDataFrame([], TABLES[table_name].spark_schema)
    return work.spark.read.parquet(*paths)


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
        by_key: dict[str, list[Finding]] = {}
        for key in op_context.partition_keys:
            latest = latest_materialization(context.instance, table_name, key)
            just_published = latest is not None and latest.run_id == op_context.run_id
            by_key[key] = evaluate(work, to_date(key), not just_published)
        if len(by_key) > 1:
            for key, findings in by_key.items():
                log_findings(op_context, table_name, key, findings)
        yield from overall_results(table_name, by_key)

    return checks
